/// An XML element by its local name: the schemas of one report differ in their namespaces from version to version.
package struct MarketElement: Sendable, Hashable {
  package var name: String
  package var text: String
  package var children: [MarketElement]

  package init(_ name: String, text: String = "", _ children: [MarketElement] = []) {
    self.name = name
    self.text = text
    self.children = children
  }

  /// The first element of this name, this one included, in document order.
  package func first(_ name: String) -> MarketElement? {
    if self.name == name { return self }
    for child in children {
      if let found = child.first(name) { return found }
    }
    return nil
  }

  package func child(_ name: String) -> MarketElement? { children.first { $0.name == name } }
}

extension OASISTable {
  private static let headers: Set<String> = ["MessageHeader", "DISCLAIMER_ITEM", "REPORT_HEADER", "ERROR"]

  /// Rows out of a report in XML: each element that has nothing but texts, with what the header of its item says.
  package init(_ root: MarketElement) {
    self.init()
    collect(root, header: [])
  }

  private mutating func collect(_ element: MarketElement, header: [(name: String, text: String)]) {
    guard !Self.headers.contains(element.name) else { return }
    var header = header
    if let found = element.child("REPORT_HEADER") { header = found.children.map { ($0.name, $0.text) } }
    let isRow = element.children.count > 1 && element.children.allSatisfy(\.children.isEmpty)
    if isRow {
      let cells = header + element.children.map { (name: $0.name, text: $0.text) }
      append(OASISTable(columns: cells.map(\.name), rows: [cells.map(\.text)]))
    }
    for child in element.children where !child.children.isEmpty { collect(child, header: header) }
  }
}
