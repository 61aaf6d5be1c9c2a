extension AnswerRules {
  package static func read(_ reader: inout ConfigurationReader) -> Self? {
    let namespaces = reader.pairs("namespaces", named: .xmlName, .namespace)
    let attachment = reader.optional("attachment", .xpath)
    let hash = reader.optional("attachment_hash", .xpath)
    let fault = reader.requiredMapping("fault", FaultRules.read)
    let throttled = reader.requiredMapping("throttled", SignalRules.read)
    let refused = reader.requiredMapping("refused", SignalRules.read)
    let submit = reader.requiredMapping("submit", SubmitRules.read)
    let status = reader.optionalMapping("status", StatusRules.read)
    let retrieve = reader.requiredMapping("retrieve", RetrieveRules.read)
    guard let namespaces, let fault, let throttled, let refused, let submit, let retrieve else { return nil }
    return Self(
      namespaces: Dictionary(namespaces.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }),
      attachment: attachment, attachmentHash: hash, fault: fault, throttled: throttled, refused: refused,
      submit: submit, status: status,
      retrieve: retrieve)
  }
}

extension ConfigurationForm<String> {
  /// The core has no XPath: whether it is one is checked where there is.
  fileprivate static var xpath: Self { text(such: "//soap:Fault/faultstring", limit: 1_000) }
  fileprivate static var word: Self { text(such: "SUCCESS") }
}

extension FaultRules {
  fileprivate static func read(_ reader: inout ConfigurationReader) -> Self? {
    let code = reader.required("code", .xpath)
    let text = reader.required("text", .xpath)
    let event = reader.required("event", .xpath)
    guard let code, let text, let event else { return nil }
    return Self(code: code, text: text, event: event)
  }
}

extension SignalRules {
  fileprivate static func read(_ reader: inout ConfigurationReader) -> Self? {
    let statuses = reader.list("statuses", of: .integer(400...599, such: 429))
    let texts = reader.list("texts", of: .word)
    guard let statuses, let texts else { return nil }
    return Self(statuses: statuses, texts: texts)
  }
}

extension SubmitRules {
  fileprivate static func read(_ reader: inout ConfigurationReader) -> Self? {
    let batchID = reader.required("batch_id", .xpath)
    let description = reader.required("description", .xpath)
    let result = reader.required("result", .xpath)
    let severity = reader.required("severity", .xpath)
    let taken = reader.list("taken_results", of: .word)
    let rejected = reader.list("rejected_severities", of: .word)
    guard let batchID, let description, let result, let severity, let taken, let rejected else { return nil }
    return Self(
      batchID: batchID, description: description, result: result, severity: severity, takenResults: taken,
      rejectedSeverities: rejected)
  }
}

extension StatusRules {
  fileprivate static func read(_ reader: inout ConfigurationReader) -> Self? {
    let batchID = reader.required("batch_id", .xpath)
    let word = reader.required("word", .xpath)
    let accepted = reader.list("accepted", of: .word)
    let errors = reader.list("errors", of: .word)
    let general = reader.required("general", .xpath)
    let rows = reader.requiredMapping("rows") {
      RowRules.read(&$0, required: [.resource, .measurement, .intervalEnding, .message], optional: [])
    }
    guard let batchID, let word, let accepted, let errors, let general, let rows else { return nil }
    return Self(batchID: batchID, word: word, accepted: accepted, errors: errors, general: general, rows: rows)
  }
}

extension RetrieveRules {
  fileprivate static func read(_ reader: inout ConfigurationReader) -> Self? {
    let known = reader.required("known", .xpath)
    let noData = reader.list("no_data", of: .word)
    let rows = reader.requiredMapping("rows") {
      RowRules.read(&$0, required: [.resource, .measurement, .intervalEnding, .value], optional: [.unit])
    }
    guard let known, let noData, let rows else { return nil }
    return Self(known: known, noData: noData, rows: rows)
  }
}

extension RowRules {
  fileprivate static func read(
    _ reader: inout ConfigurationReader, required: [RowField], optional: [RowField]
  ) -> Self? {
    let each = reader.required("each", .xpath)
    var fields: [RowField: String] = [:]
    for field in required { fields[field] = reader.required(field.rawValue, .xpath) }
    for field in optional { fields[field] = reader.optional(field.rawValue, .xpath) }
    guard let each else { return nil }
    return Self(each: each, fields: fields)
  }
}
