import CXMLSec

extension XMLDocument {
  /// Namespace prefixes as the expressions use them, and the names they stand for.
  package typealias Namespaces = [String: String]

  /// The texts that an expression finds, in document order.
  ///
  /// An expression may also yield one string, number or truth value.
  package func texts(
    at expression: String, namespaces: Namespaces, limit: Int = 1_000
  ) throws(XMLProblem) -> [String] {
    let question = try XPathQuestion(expression)
    let context = try XPathContext(document: pointer, namespaces: namespaces)
    return try context.texts(question, at: nil, limit: limit)
  }

  /// The rows that an expression finds, in document order, each with the first text of every field it has.
  ///
  /// A field is a name for the caller and an expression relative to the row. More rows than the limit are a problem,
  /// since a part of an answer must not look whole.
  package func records(
    at expression: String, fields: [String: String], namespaces: Namespaces, limit: Int
  ) throws(XMLProblem) -> [[String: String]] {
    let question = try XPathQuestion(expression)
    let names = fields.keys.sorted()
    let context = try XPathContext(document: pointer, namespaces: namespaces)
    var records: [[String: String]] = []
    let rows = try context.nodes(question)
    guard rows.count <= limit else { throw .tooManyRows(limit: limit) }
    records = rows.map { _ in [:] }
    for name in names {
      guard let expression = fields[name] else { continue }
      let field = try XPathQuestion(expression)
      for (index, row) in rows.enumerated() {
        records[index][name] = try context.texts(field, at: row, limit: .max).first
      }
    }
    return records
  }

  /// Throws unless the expression can be asked with these prefixes, so that a configuration can be checked.
  package static func check(_ expression: String, namespaces: Namespaces) throws(XMLProblem) {
    let document = try XMLDocument(parsing: Array("<empty/>".utf8), byteLimit: 64)
    _ = try document.texts(at: expression, namespaces: namespaces)
  }
}

/// A compiled expression.
private struct XPathQuestion: ~Copyable {
  let expression: String
  let compiled: xmlXPathCompExprPtr

  init(_ expression: String) throws(XMLProblem) {
    XMLSecurity.initialize()
    guard let compiled = xmlXPathCompile(expression) else {
      throw .expression(expression, reason: "it is no XPath expression")
    }
    self.expression = expression
    self.compiled = compiled
  }

  deinit { xmlXPathFreeCompExpr(compiled) }
}

/// The place from which a document is asked.
private struct XPathContext: ~Copyable {
  /// Steps that the answers to one question may take.
  ///
  /// A row of 200,000 takes some dozens of them; an expression that compares each row with each other one does not end
  /// in an age.
  private static let stepLimit: UInt = 200_000_000

  private let context: xmlXPathContextPtr

  init(document: xmlDocPtr, namespaces: [String: String]) throws(XMLProblem) {
    guard let context = xmlXPathNewContext(document) else { throw .malformed(reason: "no memory") }
    self.context = context
    context.pointee.opLimit = Self.stepLimit
    context.pointee.error = { _, _ in }
    for (prefix, name) in namespaces { _ = xmlXPathRegisterNs(context, prefix, name) }
  }

  deinit { xmlXPathFreeContext(context) }

  func nodes(_ question: borrowing XPathQuestion) throws(XMLProblem) -> [xmlNodePtr] {
    let object = try evaluate(question, at: nil)
    defer { xmlXPathFreeObject(object) }
    guard object.pointee.type == XPATH_NODESET else {
      throw .expression(question.expression, reason: "it does not find elements")
    }
    return Self.elements(object)
  }

  func texts(
    _ question: borrowing XPathQuestion, at node: xmlNodePtr?, limit: Int
  ) throws(XMLProblem) -> [String] {
    let object = try evaluate(question, at: node)
    defer { xmlXPathFreeObject(object) }
    guard object.pointee.type == XPATH_NODESET else { return [Self.text(xmlXPathCastToString(object))] }
    let nodes = Self.elements(object)
    guard nodes.count <= limit else { throw .tooManyRows(limit: limit) }
    return nodes.map { Self.text(xmlXPathCastNodeToString($0)) }
  }

  private func evaluate(
    _ question: borrowing XPathQuestion, at node: xmlNodePtr?
  ) throws(XMLProblem) -> xmlXPathObjectPtr {
    context.pointee.opCount = node == nil ? 0 : context.pointee.opCount
    context.pointee.node = node ?? UnsafeMutableRawPointer(context.pointee.doc)?.assumingMemoryBound(to: xmlNode.self)
    guard let object = xmlXPathCompiledEval(question.compiled, context) else {
      let message = context.pointee.lastError.str1.map { _ in "a prefix, function or step in it cannot be resolved" }
      throw .expression(question.expression, reason: message ?? "it cannot be evaluated")
    }
    return object
  }

  private static func elements(_ object: xmlXPathObjectPtr) -> [xmlNodePtr] {
    guard let set = object.pointee.nodesetval, let table = set.pointee.nodeTab else { return [] }
    return (0..<Int(set.pointee.nodeNr)).compactMap { table[$0] }
  }

  private static func text(_ characters: UnsafeMutablePointer<xmlChar>?) -> String {
    guard let characters else { return "" }
    defer { freeXMLText(characters) }
    return String(cString: characters)
  }
}
