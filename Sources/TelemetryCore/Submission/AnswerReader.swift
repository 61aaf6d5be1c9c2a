/// Judges what an operator's answer says about the values it is about.
///
/// Doubt counts as unreadable, which makes the outcome unknown and the next step a question: calling half an answer a
/// receipt, or an outage a rejection, would cost a value.
package struct AnswerReader: Sendable {
  private let profile: WireProfile
  private var rules: AnswerRules { profile.answers }

  package init(_ profile: WireProfile) { self.profile = profile }

  /// The operator's batch IDs are short; what is longer is something else.
  private static let batchIDLimit = 128

  // MARK: Submission

  package func submitAnswer(_ fields: AnswerFields) -> SubmitAnswer {
    if let failure = signal(fields) { return .failed(failure) }
    if let event = fields.first(.faultEvent) { return .rejected(reason: bounded(event)) }
    if let fault = fields.fault {
      return isOurs(fault) ? .rejected(reason: fault.reason) : .failed(.unreadable(reason: fault.reason))
    }
    if let unreadable = unreadable(fields) { return .failed(unreadable) }
    let identifiers = Set(fields.all(.batchID))
    let event = fields.first(.description) ?? "no description"
    if rules.submit.rejectedSeverities.contains(anyOf: fields.all(.severity)) {
      return .rejected(reason: bounded(event))
    }
    if identifiers.isEmpty, rules.submit.takenResults.contains(anyOf: fields.all(.result)) { return .taken(nil) }
    guard identifiers.count == 1, let identifier = identifiers.first else {
      return .failed(.unreadable(reason: "\(identifiers.count) batch IDs: \(bounded(event))"))
    }
    guard identifier.utf8.count <= Self.batchIDLimit else {
      return .failed(.unreadable(reason: "a batch ID of \(identifier.utf8.count) bytes"))
    }
    return .taken(OperatorBatchID(identifier))
  }

  // MARK: Status

  package func statusAnswer(_ fields: AnswerFields, asked batch: OperatorBatchID) -> StatusAnswer {
    if let failure = signal(fields) ?? fault(fields) ?? unreadable(fields) { return .failed(failure) }
    guard let status = rules.status else { return .failed(.unreadable(reason: "the profile has no batch status")) }
    guard Set(fields.all(.batchID)).isSubset(of: [batch.name]) else {
      return .failed(.unreadable(reason: "the answer is about another batch"))
    }
    let words = Set(fields.all(.statusWord))
    guard words.count == 1, let word = words.first else {
      return .failed(.unreadable(reason: "\(words.count) status words"))
    }
    if status.accepted.contains(word) { return .accepted }
    guard status.errors.contains(word) else { return .pending }
    return errors(fields)
  }

  private func errors(_ fields: AnswerFields) -> StatusAnswer {
    var rows: [RowError] = []
    var general = fields.all(.general).map(bounded)
    for row in fields.rows {
      let message = bounded(row[.message].flatMap(trimmed) ?? "no reason given")
      if let key = key(row) {
        rows.append(
          RowError(
            resource: key.resource, measurement: key.measurement, intervalEnding: key.intervalEnding, message: message))
      } else {
        general.append(message)
      }
    }
    return .errors(rows: rows, general: general)
  }

  // MARK: Retrieve

  package func retrieveAnswer(_ fields: AnswerFields) -> RetrieveAnswer {
    if let failure = signal(fields) { return .failed(failure) }
    if let fault = fields.fault {
      let texts = fields.all(.faultEvent) + [fault.reason]
      let holdsNone = texts.contains { text in rules.retrieve.noData.contains { text.contains(ignoringCase: $0) } }
      return holdsNone ? .held([]) : .failed(.unreadable(reason: fault.reason))
    }
    if let unreadable = unreadable(fields) { return .failed(unreadable) }
    guard !fields.all(.known).isEmpty else {
      return .failed(.unreadable(reason: "not an answer to this question: \(bounded(fields.excerpt))"))
    }
    return held(fields.rows)
  }

  /// A row that cannot be read makes the whole answer unreadable: without it, its value would look absent.
  private func held(_ rows: [[RowField: String]]) -> RetrieveAnswer {
    var values: [RowKey: HeldValue] = [:]
    var order: [RowKey] = []
    for row in rows {
      guard let key = key(row) else { return .failed(.unreadable(reason: "a row without its key")) }
      if let unit = row[.unit].flatMap(trimmed), unit != profile.unitCode {
        return .failed(.unreadable(reason: "values in \(bounded(unit)), not in \(profile.unitCode)"))
      }
      let (value, unit) = value(row[.value])
      let held = HeldValue(
        resource: key.resource, measurement: key.measurement, intervalEnding: key.intervalEnding, value: value,
        unit: unit)
      if let other = values.updateValue(held, forKey: key) {
        guard other == held else { return .failed(.unreadable(reason: "two values for one interval")) }
      } else {
        order.append(key)
      }
    }
    return .held(order.compactMap { values[$0] })
  }

  /// In the profile's unit, or as finely as it stands there.
  private func value(_ text: String?) -> (value: Int64?, unit: WireUnit?) {
    guard let text else { return (nil, nil) }
    if let value = profile.unit.value(text) { return (value, nil) }
    let finest = profile.unit.finest
    return finest.value(text).map { ($0, finest) } ?? (nil, nil)
  }

  // MARK: Rows

  private struct RowKey: Hashable {
    var resource: ResourceID
    var measurement: MeasurementType
    var intervalEnding: UTCInstant
  }

  private func key(_ row: [RowField: String]) -> RowKey? {
    guard let resource = row[.resource].flatMap(trimmed), let code = row[.measurement].flatMap(trimmed),
      let ending = row[.intervalEnding].flatMap(trimmed).flatMap({ UTCInstant(timestamp: $0) })
    else { return nil }
    let measurement = profile.measurementCodes.first { $0.value == code }?.key ?? MeasurementType(code)
    return RowKey(resource: ResourceID(resource), measurement: measurement, intervalEnding: ending)
  }

  // MARK: What every answer may be

  /// What the operator says before it looks at a message.
  private func signal(_ fields: AnswerFields) -> CallFailure? {
    if rules.throttled.statuses.contains(fields.httpStatus) { return .throttled }
    let said = fields.said
    if said.contains(anyOf: rules.throttled.texts) { return .throttled }
    if rules.refused.statuses.contains(fields.httpStatus) || said.contains(anyOf: rules.refused.texts) {
      let reason = fields.fault?.reason ?? bounded(fields.excerpt)
      return .refused(reason: "HTTP \(fields.httpStatus): \(reason)")
    }
    return nil
  }

  private func fault(_ fields: AnswerFields) -> CallFailure? {
    fields.fault.map { .unreadable(reason: $0.reason) }
  }

  private func unreadable(_ fields: AnswerFields) -> CallFailure? {
    if let problem = fields.problem { return .unreadable(reason: problem) }
    guard (200..<300).contains(fields.httpStatus) else {
      return .unreadable(reason: "HTTP \(fields.httpStatus): \(bounded(fields.excerpt))")
    }
    return nil
  }

  /// SOAP 1.1, 4.4.1: a `Client` fault says that the message was wrong and must not be sent again unchanged.
  private func isOurs(_ fault: Fault) -> Bool {
    let code = fault.code.split(separator: ":").last ?? ""
    return code == "Client" || code.hasPrefix("Client.")
  }
}

/// A fault as the answer tells it.
struct Fault {
  var code: String
  var reason: String
}

extension AnswerFields {
  func all(_ text: AnswerText) -> [String] { (texts[text] ?? []).compactMap(trimmed) }

  func first(_ text: AnswerText) -> String? { all(text).first }

  var fault: Fault? {
    guard let text = first(.faultEvent) ?? first(.faultText) ?? first(.faultCode) else { return nil }
    return Fault(code: first(.faultCode) ?? "", reason: bounded(text))
  }

  /// What the operator said about the call as a whole.
  ///
  /// In an answer that says what it should, a row may quote any text, so there the rows and the excerpt say nothing.
  var said: [String] {
    let heard = [AnswerText.faultEvent, .faultText, .description].flatMap(all)
    let isKnown = [AnswerText.batchID, .statusWord, .known].contains { !all($0).isEmpty }
    return isKnown ? heard : heard + [excerpt]
  }
}

private func bounded(_ text: String) -> String {
  let limit = 200
  let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  return words.count <= limit ? words : words.prefix(limit) + "…"
}

/// Nil where nothing is left.
private func trimmed(_ text: String) -> String? {
  var rest = text[...]
  while let first = rest.first, first.isWhitespace { rest.removeFirst() }
  while let last = rest.last, last.isWhitespace { rest.removeLast() }
  return rest.isEmpty ? nil : String(rest)
}

extension String {
  /// Whether a piece of text stands in this one, upper and lower case alike.
  func contains(ignoringCase piece: String) -> Bool {
    let wanted = Array(piece.lowercased().utf8)
    let bytes = Array(lowercased().utf8)
    guard !wanted.isEmpty, wanted.count <= bytes.count else { return false }
    return (0...(bytes.count - wanted.count)).contains { bytes[$0..<($0 + wanted.count)].elementsEqual(wanted) }
  }
}

extension [String] {
  func contains(anyOf words: [String]) -> Bool {
    words.contains { word in contains { $0.contains(ignoringCase: word) } }
  }
}
