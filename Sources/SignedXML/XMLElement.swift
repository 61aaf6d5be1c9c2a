import CXMLSec

/// An element with everything in it, as a value.
package struct XMLElement: Hashable, Sendable {
  package struct Attribute: Hashable, Sendable {
    package var name: String
    /// Empty where it has none.
    package var namespace: String
    package var value: String
  }

  package var name: String
  /// Empty where it has none.
  package var namespace: String
  package var attributes: [Attribute]
  /// The text between its children, white space included.
  package var text: String
  package var children: [XMLElement]
}

extension XMLDocument {
  /// The root with everything in it.
  ///
  /// Comments and processing instructions are left out. The depth is bounded by the parser, the number of elements by the
  /// caller: more than the limit are a problem.
  package func root(limit: Int) throws(XMLProblem) -> XMLElement {
    guard let root = xmlDocGetRootElement(pointer) else { throw .malformed(reason: "no element") }
    var rest = limit
    return try XMLElement(root, rest: &rest, limit: limit)
  }
}

extension XMLElement {
  fileprivate init(_ node: xmlNodePtr, rest: inout Int, limit: Int) throws(XMLProblem) {
    guard rest > 0 else { throw .tooManyRows(limit: limit) }
    rest -= 1
    name = node.localName
    namespace = node.namespace
    attributes = node.allAttributes
    text = node.ownText
    children = []
    for child in node.childElements { children.append(try XMLElement(child, rest: &rest, limit: limit)) }
  }
}

extension UnsafeMutablePointer where Pointee == xmlNode {
  fileprivate var ownText: String {
    var text = ""
    var next = pointee.children
    while let node = next {
      if node.pointee.type == XML_TEXT_NODE || node.pointee.type == XML_CDATA_SECTION_NODE,
        let content = node.pointee.content
      {
        text += String(cString: content)
      }
      next = node.pointee.next
    }
    return text
  }

  fileprivate var allAttributes: [XMLElement.Attribute] {
    var attributes: [XMLElement.Attribute] = []
    var next = pointee.properties
    while let attribute = next {
      let value = xmlNodeListGetString(pointee.doc, attribute.pointee.children, 1)
      let name = attribute.pointee.name.map { String(cString: $0) } ?? ""
      let namespace = attribute.pointee.ns?.pointee.href.map { String(cString: $0) } ?? ""
      attributes.append(
        XMLElement.Attribute(name: name, namespace: namespace, value: value.map { String(cString: $0) } ?? ""))
      if let value { freeXMLText(value) }
      next = attribute.pointee.next
    }
    return attributes
  }
}
