import CXMLSec

/// Short ways through libxml2's tree.
extension UnsafeMutablePointer where Pointee == xmlNode {
  var childElements: [xmlNodePtr] {
    var children: [xmlNodePtr] = []
    var next = xmlFirstElementChild(self)
    while let child = next {
      children.append(child)
      next = xmlNextElementSibling(child)
    }
    return children
  }

  var localName: String { pointee.name.map { String(cString: $0) } ?? "" }

  var namespace: String { pointee.ns?.pointee.href.map { String(cString: $0) } ?? "" }

  func isNamed(_ name: String, in namespace: String) -> Bool {
    localName == name && self.namespace == namespace
  }

  func children(_ name: String, in namespace: String) -> [xmlNodePtr] {
    childElements.filter { $0.isNamed(name, in: namespace) }
  }

  /// The only child of that name; nil where there is none or more than one.
  func onlyChild(_ name: String, in namespace: String) -> xmlNodePtr? {
    let found = children(name, in: namespace)
    return found.count == 1 ? found[0] : nil
  }

  func attribute(_ name: String, in namespace: String? = nil) -> String? {
    let value = namespace.map { xmlGetNsProp(self, name, $0) } ?? xmlGetNoNsProp(self, name)
    guard let value else { return nil }
    defer { freeXMLText(value) }
    return String(cString: value)
  }

  var text: String {
    guard let content = xmlNodeGetContent(self) else { return "" }
    defer { freeXMLText(content) }
    return String(cString: content)
  }
}

/// Makes the `wsu:Id` of every element known to the document, and refuses one that stands twice.
///
/// A signature names what it covers by these IDs; with two elements of one ID it would say nothing.
func registerIDs(of document: xmlDocPtr) throws(XMLProblem) {
  guard let root = xmlDocGetRootElement(document) else { throw .malformed(reason: "no element") }
  var next: xmlNodePtr? = root
  while let element = next {
    if let attribute = xmlHasNsProp(element, "Id", WSSecurity.utility),
      let value = element.attribute("Id", in: WSSecurity.utility)
    {
      guard xmlAddID(nil, document, value, attribute) != nil else {
        throw .signature(reason: "the ID \(value.prefix(80)) stands twice or is no ID")
      }
    }
    next = elementAfter(element, root: root)
  }
}

/// The next element in document order, without recursion: depth is the sender's choice.
private func elementAfter(_ element: xmlNodePtr, root: xmlNodePtr) -> xmlNodePtr? {
  if let child = xmlFirstElementChild(element) { return child }
  var here = element
  while here != root {
    if let sibling = xmlNextElementSibling(here) { return sibling }
    guard let parent = here.pointee.parent else { return nil }
    here = parent
  }
  return nil
}
