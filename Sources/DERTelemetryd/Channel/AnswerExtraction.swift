import SignedXML
import TelemetryCore

/// Finds in an answer what the profile looks for.
///
/// An answer may carry a document of its own, compressed, as Base64. The questions are put to both.
struct AnswerExtraction: Sendable {
  /// The operator's answer before decompression.
  static let answerByteLimit = 16 << 20
  /// The document inside it: 200,000 rows, the most that CAISO returns, of some 250 bytes each.
  static let documentByteLimit = 64 << 20
  static let rowLimit = 200_000
  private static let textLimit = 10_000
  private static let excerptByteLimit = 4_096

  private let rules: AnswerRules

  init(_ rules: AnswerRules) { self.rules = rules }

  /// Every expression of a profile that cannot be used.
  func problems() -> [XMLProblem] {
    var problems: [XMLProblem] = []
    for service in ChannelService.allCases {
      for problem in self.problems(of: rules.questions(service)) where !problems.contains(problem) {
        problems.append(problem)
      }
    }
    return problems
  }

  func problems(of questions: AnswerQuestions) -> [XMLProblem] {
    var problems: [XMLProblem] = []
    let rows = questions.rows.map { [$0.each] + $0.fields.values } ?? []
    let attached = [questions.attachment, questions.attachmentHash].compactMap { $0 }
    for expression in attached + questions.texts.values + rows {
      do throws(XMLProblem) {
        try XMLDocument.check(expression, namespaces: rules.namespaces)
      } catch {
        if !problems.contains(error) { problems.append(error) }
      }
    }
    return problems
  }

  func fields(_ answer: RawAnswer, of service: ChannelService) -> AnswerFields {
    fields(answer, asking: rules.questions(service))
  }

  func fields(_ answer: RawAnswer, asking questions: AnswerQuestions) -> AnswerFields {
    var fields = AnswerFields(httpStatus: answer.httpStatus, excerpt: Self.excerpt(answer.body))
    do throws(XMLProblem) {
      let (envelope, second) = try Self.parts(of: answer)
      let document = try XMLDocument(parsing: envelope, byteLimit: Self.answerByteLimit)
      try Self.ask(document, questions, into: &fields)
      let inside = try questions.attachment.map { expression throws(XMLProblem) in
        try document.texts(at: expression, namespaces: questions.namespaces, limit: 2).map { Array($0.utf8) }
      }
      let attachments = [second].compactMap { $0 } + (inside ?? [])
      guard let attachment = attachments.first else { return fields }
      guard attachments.count == 1 else { throw .malformed(reason: "two attachments") }
      try Self.checkHash(of: attachment, document, questions, isRequired: second != nil)
      let content = try Self.content(of: attachment)
      fields.excerpt += "\n" + Self.excerpt(content)
      try Self.ask(try XMLDocument(parsing: content, byteLimit: Self.documentByteLimit), questions, into: &fields)
    } catch {
      fields.problem = "\(error)"
    }
    return fields
  }

  /// The envelope, and what travels beside it in a MIME message.
  private static func parts(of answer: RawAnswer) throws(XMLProblem) -> (envelope: [UInt8], attachment: [UInt8]?) {
    do throws(MultipartProblem) {
      guard let type = try MultipartType(answer.contentType) else { return (answer.body, nil) }
      let (root, attachment) = try MultipartMessage(parsing: answer.body, type: type).related(type)
      return (root.body, attachment?.body)
    } catch {
      throw .malformed(reason: "\(error)")
    }
  }

  /// The hash is in a header of the envelope; in the body of one an attachment may come without.
  private static func checkHash(
    of attachment: [UInt8], _ document: borrowing XMLDocument, _ questions: AnswerQuestions, isRequired: Bool
  ) throws(XMLProblem) {
    guard let expression = questions.attachmentHash else { return }
    let found = try document.texts(at: expression, namespaces: questions.namespaces, limit: 2)
    guard isRequired || !found.isEmpty else { return }
    guard found.count == 1, AttachmentHash.matches(found[0], attachment) else {
      throw .malformed(reason: "the attachment does not match its hash")
    }
  }

  private static func content(of attachment: [UInt8]) throws(XMLProblem) -> [UInt8] {
    guard let compressed = Base64.decode(attachment) else {
      throw .malformed(reason: "the attachment is not Base64")
    }
    do {
      return try Gzip.decompress(compressed, byteLimit: documentByteLimit)
    } catch .tooLong(let limit) {
      throw .tooLong(byteLimit: limit)
    } catch {
      throw .malformed(reason: "the attachment is not gzip, or damaged")
    }
  }

  private static func ask(
    _ document: borrowing XMLDocument, _ questions: AnswerQuestions, into fields: inout AnswerFields
  ) throws(XMLProblem) {
    for (text, expression) in questions.texts {
      let found = try document.texts(at: expression, namespaces: questions.namespaces, limit: textLimit)
      fields.texts[text, default: []] += found
    }
    guard let rows = questions.rows else { return }
    var names: [String: String] = [:]
    for (field, expression) in rows.fields { names[field.rawValue] = expression }
    let records = try document.records(
      at: rows.each, fields: names, namespaces: questions.namespaces, limit: rowLimit)
    for record in records {
      var row: [RowField: String] = [:]
      for field in rows.fields.keys { row[field] = record[field.rawValue] }
      fields.rows.append(row)
    }
  }

  private static func excerpt(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.prefix(excerptByteLimit), as: UTF8.self)
  }
}
