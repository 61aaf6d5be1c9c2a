extension WireProfile {
  /// Reads a wire profile; the name is that of its file.
  package static func read(_ node: ConfigurationNode, name: String) throws(ConfigurationProblems) -> Self {
    try ConfigurationReader.read(node) { reader in
      _ = reader.required("format", .integer(1...1, such: 1))
      let isVerified = reader.required("verified", .boolean)
      let source = reader.required("source", .text(such: "DERGW1", limit: 64))
      let unit = reader.requiredMapping("unit", readUnit)
      let codes = readCodes(&reader)
      let messages = reader.requiredMapping("messages", WireMessages.read)
      let envelope = reader.requiredMapping("envelope", WireEnvelope.read)
      let answers = reader.requiredMapping("answers", AnswerRules.read)
      guard let isVerified, let source, let unit, let codes, let messages, let envelope, let answers else { return nil }
      if (messages.status == nil) != (answers.status == nil) {
        reader.report("answers", "`messages.status` and `answers.status` belong together")
      }
      return Self(
        name: name, unit: unit.unit, unitCode: unit.code, isVerified: isVerified, source: source,
        measurementCodes: codes, messages: messages, envelope: envelope, answers: answers)
    }
  }

  private static func readUnit(_ reader: inout ConfigurationReader) -> (unit: WireUnit, code: String?)? {
    let symbol = reader.required("symbol", .oneOf(["Wh": "Wh", "kWh": "kWh", "MWh": "MWh"]))
    let digits = reader.required("digits", .integer(0...12, such: 6))
    let code = reader.optional("code", .text(such: "MWH", limit: 32))
    guard let symbol, let digits else { return nil }
    guard let unit = WireUnit(symbol: symbol, digits: digits) else {
      reader.report("digits", "the last digit must be a whole number of millijoules")
      return nil
    }
    return (unit, code)
  }

  private static func readCodes(_ reader: inout ConfigurationReader) -> [MeasurementType: String]? {
    guard reader.contains("measurement_codes") else { return [:] }
    let pairs = reader.pairs("measurement_codes", named: .name(such: "GEN"), .text(such: "GEN", limit: 32))
    guard let pairs else { return nil }
    if Set(pairs.map(\.value)).count != pairs.count {
      reader.report("measurement_codes", "one code stands for two measurements, so answers could not be read back")
    }
    return Dictionary(pairs.map { (MeasurementType($0.name), $0.value) }, uniquingKeysWith: { first, _ in first })
  }
}

extension WireMessages {
  fileprivate static func read(_ reader: inout ConfigurationReader) -> Self? {
    let submit = reader.requiredMapping("submit") { WireElement.read(&$0, .submit) }
    let status = reader.optionalMapping("status") { WireElement.read(&$0, .status) }
    let retrieve = reader.requiredMapping("retrieve") { WireElement.read(&$0, .retrieve) }
    guard let submit, let retrieve else { return nil }
    return Self(submit: submit, status: status, retrieve: retrieve)
  }
}

extension WireElement {
  /// Reads the template of a question about what a receiver holds.
  package static func readQuestion(_ reader: inout ConfigurationReader) -> Self? { read(&reader, .retrieve) }
}

extension WireEnvelope {
  package static func read(_ reader: inout ConfigurationReader) -> Self? {
    let flavour = reader.required(
      "flavour", .oneOf(["doc_attach": Flavour.documentAttachment, "multipart": .multipart]))
    let questions = reader.value(
      "questions", .oneOf(["attached": Questions.attached, "in_body": .inBody]), default: .attached)
    let userName = reader.required("user_name", .oneOf(["compact": UserName.compact, "plain": .plain]))
    let expires = reader.required("expires", .duration(.seconds(1) ... .seconds(86_400), such: "15m"))
    let signature = reader.required("signature_algorithm", .namespace)
    let digest = reader.required("digest_algorithm", .namespace)
    let headers = reader.mappings("headers") { WireElement.read(&$0, .envelope, isHeader: true) }
    let body = readBody(&reader, flavour)
    guard let flavour, let userName, let expires, let signature, let digest, let headers else { return nil }
    guard body != nil || flavour == .multipart else { return nil }
    if questions == .inBody, headers.contains(where: { $0.needsAttachment && !$0.isAboutAttachment }) {
      reader.report(
        "questions", "a question in the body has no attachment: say `only_with_attachment: true` at the headers of one")
    }
    return Self(
      flavour: flavour, questions: questions, userName: userName, expires: expires, signatureAlgorithm: signature,
      digestAlgorithm: digest,
      headers: headers, body: body)
  }

  /// The place of an attachment in the body; in a MIME message it has another one.
  private static func readBody(_ reader: inout ConfigurationReader, _ flavour: Flavour?) -> WireElement? {
    guard flavour == .multipart else { return reader.requiredMapping("body") { WireElement.read(&$0, .envelope) } }
    if reader.contains("body") {
      reader.report(
        "body", "stands only with `flavour: doc_attach`: a MIME message has the attachment as its second part")
    }
    return nil
  }
}
