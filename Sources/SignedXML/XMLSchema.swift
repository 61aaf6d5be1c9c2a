import CXMLSec

/// An XML Schema that messages are held against.
///
/// The file is somebody else's: its size is bounded, and what it includes or imports comes from this machine's files only.
package struct XMLSchema: ~Copyable {
  /// One thing that the schema does not allow.
  package struct Fault: Hashable, Sendable {
    /// From 1, in the message.
    package var line: Int
    /// The element at fault: which child of the root, which child of that one, and so on, from 0.
    package var place: [Int]
    /// In the words of the XML library, on one line.
    package var reason: String
  }

  /// Longer than any schema of a message.
  package static let byteLimit = 4 << 20

  /// Empty where the schema names none.
  package let targetNamespace: String
  /// The schema points into its document.
  private let document: XMLDocument
  private let schema: xmlSchemaPtr

  /// Takes a schema; `path` is where it stands, so that what it names relative to itself is found.
  package init(_ bytes: [UInt8], path: String) throws(XMLProblem) {
    let document = try XMLDocument(parsing: bytes, byteLimit: Self.byteLimit)
    document.pointer.pointee.URL = UnsafePointer(xmlPathToURI(path))
    let schema = try Self.parse(document.pointer)
    targetNamespace = schema.pointee.targetNamespace.map { String(cString: $0) } ?? ""
    self.schema = schema
    self.document = document
  }

  deinit { xmlSchemaFree(schema) }

  private static func parse(_ document: xmlDocPtr) throws(XMLProblem) -> xmlSchemaPtr {
    guard let context = xmlSchemaNewDocParserCtxt(document) else { throw .malformed(reason: "no memory") }
    defer { xmlSchemaFreeParserCtxt(context) }
    let complaints = SchemaComplaints()
    let schema = withExtendedLifetime(complaints) {
      xmlSchemaSetParserStructuredErrors(context, SchemaComplaints.receive, complaints.pointer)
      return xmlSchemaParse(context)
    }
    guard let schema else { throw .schema(reason: complaints.summary) }
    return schema
  }

  /// Everything that the schema does not allow in a message, from top to bottom; some hundred at most.
  package func faults(in message: borrowing XMLDocument) throws(XMLProblem) -> [Fault] {
    guard let context = xmlSchemaNewValidCtxt(schema) else { throw .malformed(reason: "no memory") }
    defer { xmlSchemaFreeValidCtxt(context) }
    let complaints = SchemaComplaints()
    let outcome = withExtendedLifetime(complaints) {
      xmlSchemaSetValidStructuredErrors(context, SchemaComplaints.receive, complaints.pointer)
      return xmlSchemaValidateDoc(context, message.pointer)
    }
    guard outcome >= 0 else { throw .schema(reason: "it cannot be applied: \(complaints.summary)") }
    guard outcome == 0 || !complaints.faults.isEmpty else { throw .schema(reason: "a fault without a reason") }
    return outcome == 0 ? [] : complaints.faults
  }
}

/// What the library says while it works on one schema.
private final class SchemaComplaints {
  private static let limit = 100

  private(set) var faults: [XMLSchema.Fault] = []

  var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  /// For a schema that cannot be used: where and why.
  var summary: String {
    let texts = faults.prefix(3).map { $0.line > 0 ? "line \($0.line): \($0.reason)" : $0.reason }
    return texts.isEmpty ? "no reason given" : texts.joined(separator: "; ")
  }

  static let receive: xmlStructuredErrorFunc = { owner, error in
    guard let owner, let error else { return }
    Unmanaged<SchemaComplaints>.fromOpaque(owner).takeUnretainedValue().take(error.pointee)
  }

  private func take(_ error: xmlError) {
    guard faults.count < Self.limit else { return }
    let message = error.message.map { String(cString: $0) } ?? "no reason given"
    let reason = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    faults.append(XMLSchema.Fault(line: Int(error.line), place: Self.place(error.node), reason: reason))
  }

  private static func place(_ node: UnsafeMutableRawPointer?) -> [Int] {
    var place: [Int] = []
    var next = node?.assumingMemoryBound(to: xmlNode.self)
    while let here = next, let parent = here.pointee.parent {
      if here.pointee.type == XML_ELEMENT_NODE, parent.pointee.type == XML_ELEMENT_NODE {
        place.insert(elementsBefore(here), at: 0)
      }
      next = parent
    }
    return place
  }

  private static func elementsBefore(_ node: xmlNodePtr) -> Int {
    var count = 0
    var next = xmlPreviousElementSibling(node)
    while let sibling = next {
      count += 1
      next = xmlPreviousElementSibling(sibling)
    }
    return count
  }
}
