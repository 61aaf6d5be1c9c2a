/// Names that can stand in XML, in the part of them that every tool reads alike.
extension ConfigurationForm<String> {
  static var xmlName: Self {
    Self("an XML name without a prefix, such as `MessageHeader`") { text in
      guard let first = text.utf8.first, first.isLetterOrDigit && !first.isDigit || first == 0x5F else { return nil }
      let isName = text.utf8.count <= 128 && text.utf8.allSatisfy { $0.isLetterOrDigit || "_-.".utf8.contains($0) }
      return isName ? text : nil
    }
  }

  /// Canonical XML refuses relative namespace names, so a signature over one would fail.
  static var namespace: Self {
    Self("an absolute namespace name, such as `http://www.example.com/data.xsd`") { text in
      let head = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard head.count == 2, !head[0].isEmpty, head[0].utf8.allSatisfy({ $0.isLetterOrDigit }) else { return nil }
      return Self.text(such: "").parse(text)
    }
  }
}

/// Which values a message has, so that a template can be refused that asks for others.
struct WireVocabulary {
  var fields: Set<WireField>
  /// What a repetition adds; empty where the message has no rows.
  var repetitions: [WireRepetition: Set<WireField>] = [:]

  private static let always: Set<WireField> = [.created, .source, .unit]

  static let submit = Self(
    fields: always.union([.submissionID, .schedulingCoordinator, .intervalMinutes, .intervalSeconds]),
    repetitions: [
      .resource: [.resourceID], .series: [.resourceID, .measurementType],
      .interval: [.resourceID, .measurementType, .intervalStart, .intervalEnding, .energy],
    ])
  static let status = Self(fields: always.union([.batchID]))
  static let retrieve = Self(
    fields: always.union([
      .schedulingCoordinator, .intervalMinutes, .intervalSeconds, .resourceID, .measurementType, .firstStart,
      .firstEnding, .lastEnding,
    ]))
  static let envelope = Self(
    fields: always.union([.userName, .nonce, .messageID, .expires, .attachment, .attachmentHash]))

  func inside(_ repetition: WireRepetition?) -> Self {
    guard let repetition, let added = repetitions[repetition] else { return self }
    return Self(fields: fields.union(added), repetitions: repetitions)
  }
}

extension WireElement {
  /// Reads a template; whatever it asks for that its message does not have is a problem.
  static func read(_ reader: inout ConfigurationReader, _ vocabulary: WireVocabulary, isHeader: Bool = false) -> Self? {
    let name = reader.required("element", .xmlName)
    let namespace = reader.optional("namespace", .namespace)
    let prefix = reader.optional("prefix", .xmlName)
    if prefix != nil, namespace == nil { reader.report("prefix", "stands only beside a `namespace`") }
    let repetition = readRepetition(&reader, vocabulary)
    let inner = vocabulary.inside(repetition)
    let isSigned = isHeader && reader.value("signed", .boolean, default: false)
    let isAboutAttachment = isHeader && reader.value("only_with_attachment", .boolean, default: false)
    var attributes: [WireAttribute]? = []
    if reader.contains("attributes") {
      attributes = reader.mappings("attributes") { readAttribute(&$0, inner) }
    }
    let text = readText(&reader, inner)
    var children: [Self]? = []
    if reader.contains("content") {
      children = reader.mappings("content") { read(&$0, inner) }
      if text != nil { reader.report("content", "cannot stand beside `text` or `value`") }
    }
    guard let name, let attributes, let children else { return nil }
    return Self(
      name: name, namespace: namespace, prefix: prefix, repeatedFor: repetition, attributes: attributes, text: text,
      children: children, isSigned: isSigned, isAboutAttachment: isAboutAttachment)
  }

  /// Whether it or anything inside it says something of an attachment.
  var needsAttachment: Bool {
    let texts = attributes.map(\.text) + [text].compactMap { $0 }
    let isAsked = texts.contains { text in
      if case .field(let field, _) = text { field == .attachment || field == .attachmentHash } else { false }
    }
    return isAsked || children.contains(where: \.needsAttachment)
  }

  private static func readRepetition(
    _ reader: inout ConfigurationReader, _ vocabulary: WireVocabulary
  ) -> WireRepetition? {
    let forms: KeyValuePairs<String, WireRepetition> = [
      "resource": .resource, "series": .series, "interval": .interval,
    ]
    guard let repetition = reader.optional("for_each", .oneOf(forms)) else { return nil }
    guard vocabulary.repetitions[repetition] != nil else {
      reader.report("for_each", "stands only in a submission, which has rows")
      return nil
    }
    return repetition
  }

  private static func readAttribute(
    _ reader: inout ConfigurationReader, _ vocabulary: WireVocabulary
  ) -> WireAttribute? {
    guard let name = reader.required("name", .xmlName) else { return nil }
    guard let text = readText(&reader, vocabulary) else {
      reader.report("name", "needs a `text` or a `value` beside it")
      return nil
    }
    return WireAttribute(name: name, text: text)
  }

  private static func readText(_ reader: inout ConfigurationReader, _ vocabulary: WireVocabulary) -> WireText? {
    let constant = reader.optional("text", .textOrEmpty(such: "v20171001"))
    let precision = reader.value(
      "precision", .oneOf(["seconds": TimestampPrecision.seconds, "milliseconds": .milliseconds]), default: .seconds)
    let known = vocabulary.fields.map(\.rawValue).sorted().map { "`\($0)`" }.joined(separator: ", ")
    let form = ConfigurationForm<WireField>("one of the values known here: \(known)") { text in
      WireField(rawValue: text).flatMap { vocabulary.fields.contains($0) ? $0 : nil }
    }
    guard let field = reader.optional("value", form) else { return constant.map { .constant($0) } }
    if constant != nil { reader.report("value", "cannot stand beside `text`") }
    return .field(field, precision)
  }
}
