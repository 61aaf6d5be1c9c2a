import SignedXML
import TelemetryCore

/// The payloads of the three services as the wire profile has them.
struct PayloadForm: Sendable {
  let profile: WireProfile
  /// Every interval ends on this grid.
  let intervalLength: IntervalLength
  /// Our names of the measurement types that the stand-in knows.
  let measurements: [MeasurementType]

  /// Which service a message is for, told by its root.
  func service(of payload: Payload) throws(Refusal) -> OperatorServiceName {
    switch payload.root.name {
    case profile.messages.submit.name: return .submit
    case profile.messages.retrieve.name: return .retrieve
    case profile.messages.status?.name: return .status
    default: throw Refusal("There is no service for “\(payload.root.name.prefix(80))”.")
    }
  }

  struct MeterData: Sendable {
    var coordinator: String?
    var rows: [ReceivedBatch.Row]
  }

  func meterData(_ payload: Payload) throws(Refusal) -> MeterData {
    let match = try TemplateMatch(payload.root, as: profile.messages.submit)
    try check(match.fields)
    guard !match.rows.isEmpty else { throw Refusal("There is no value in the message.") }
    var rows: [ReceivedBatch.Row] = []
    for fields in match.rows { rows.append(try row(fields)) }
    return MeterData(coordinator: match.fields[.schedulingCoordinator], rows: rows)
  }

  func batchAsked(_ payload: Payload) throws(Refusal) -> String {
    guard let template = profile.messages.status else { throw Refusal("There is no batch status.") }
    let match = try TemplateMatch(payload.root, as: template)
    try check(match.fields)
    guard let batch = match.fields[.batchID] else { throw Refusal("The message names no batch.") }
    return batch
  }

  func question(_ payload: Payload) throws(Refusal) -> HeldQuestion {
    let fields = try TemplateMatch(payload.root, as: profile.messages.retrieve).fields
    try check(fields)
    let first = try ending(fields, .firstEnding, orStart: .firstStart)
    let last = try ending(fields[.lastEnding])
    if let first, let last, first > last { throw Refusal("The time asked for ends before it begins.") }
    return HeldQuestion(
      coordinator: fields[.schedulingCoordinator], resource: fields[.resourceID],
      measurement: fields[.measurementType], first: first, last: last)
  }
}

/// Which of the values that are held somebody wants to know; nil asks for all.
struct HeldQuestion: Hashable, Sendable {
  var coordinator: String?
  var resource: String?
  var measurement: String?
  /// Seconds since 1970, like the last one included.
  var first: Int64?
  var last: Int64?

  /// A batch that names no scheduling coordinator is everybody's.
  func includes(_ batch: ReceivedBatch, _ row: RowKey) -> Bool {
    (coordinator == nil || batch.coordinator == nil || coordinator == batch.coordinator)
      && (resource == nil || resource == row.resource) && (measurement == nil || measurement == row.measurement)
      && row.intervalEnding >= first ?? .min && row.intervalEnding <= last ?? .max
  }
}

// MARK: What the fields may say

extension PayloadForm {
  private var codes: [String] { measurements.map { profile.measurementCodes[$0] ?? $0.name } }

  /// The fields that one message says once.
  private func check(_ fields: TemplateMatch.Fields) throws(Refusal) {
    try Self.expect(fields[.source], profile.source, "The source")
    try Self.expect(fields[.unit], profile.unitCode, "The unit")
    try Self.expect(fields[.intervalSeconds], String(intervalLength.seconds), "The interval length")
    if intervalLength.seconds.isMultiple(of: 60) {
      try Self.expect(fields[.intervalMinutes], String(intervalLength.seconds / 60), "The interval length")
    }
    if let code = fields[.measurementType], !codes.contains(code) {
      throw Refusal("There is no measurement type “\(code.prefix(80))”.")
    }
  }

  private static func expect(_ found: String?, _ expected: String, _ what: String) throws(Refusal) {
    guard let found, found != expected else { return }
    throw Refusal("\(what) is “\(found.prefix(80))”, not \(expected).")
  }

  private func row(_ fields: TemplateMatch.Fields) throws(Refusal) -> ReceivedBatch.Row {
    try check(fields)
    guard let resource = fields[.resourceID], let code = fields[.measurementType], let value = fields[.energy],
      let ending = try ending(fields, .intervalEnding, orStart: .intervalStart)
    else { throw Refusal("A value lacks its resource, measurement type, interval or energy.") }
    if let start = try self.ending(fields[.intervalStart]), start + intervalLength.seconds != ending {
      throw Refusal("An interval of \(intervalLength.seconds) s does not begin where one does.")
    }
    try checkValue(value)
    return ReceivedBatch.Row(resource: resource, measurement: code, intervalEnding: ending, value: value)
  }

  /// The end of an interval that is told by its end or by its start.
  private func ending(
    _ fields: TemplateMatch.Fields, _ field: WireField, orStart start: WireField
  ) throws(Refusal) -> Int64? {
    if let ending = try ending(fields[field]) { return ending }
    return try ending(fields[start]).map { $0 + intervalLength.seconds }
  }

  /// A point in time on the grid of intervals, in seconds since 1970.
  private func ending(_ text: String?) throws(Refusal) -> Int64? {
    guard let text else { return nil }
    guard let instant = UTCInstant(timestamp: text), instant.milliseconds.isMultiple(of: 1_000),
      instant.seconds.isMultiple(of: intervalLength.seconds)
    else { throw Refusal("\(text.prefix(80)) is not on the grid of \(intervalLength.seconds) s.") }
    return instant.seconds
  }

  /// A decimal with exactly the profile's digits, nothing before or after it, and no zero too many.
  private func checkValue(_ text: String) throws(Refusal) {
    let digits = profile.unit.digits
    guard let value = ExactDecimal.parse(text, digits: digits), profile.unit.text(value) == text else {
      throw Refusal("“\(text.prefix(80))” is not a value with \(digits) digits.")
    }
  }
}

// MARK: The answer to a question

extension PayloadForm {
  /// Values in the form in which they are submitted.
  func meterData(_ values: [RowKey: String], of question: HeldQuestion, at now: UTCInstant) -> [UInt8] {
    var rows: [SubmissionRow] = []
    for (key, text) in values {
      guard let value = ExactDecimal.parse(text, digits: profile.unit.digits),
        let ending = IntervalEnding(unchecked: key.intervalEnding, length: intervalLength)
      else { continue }
      rows.append(
        SubmissionRow(
          resource: ResourceID(key.resource), measurement: measurement(of: key.measurement), intervalEnding: ending,
          value: value))
    }
    rows.sort { ($0.resource, $0.measurement, $0.intervalEnding) < ($1.resource, $1.measurement, $1.intervalEnding) }
    let coordinator = SchedulingCoordinatorID(question.coordinator ?? "")
    return profile.payload(
      SubmissionContent(
        id: SubmissionID("retrieved"), created: now, schedulingCoordinator: coordinator,
        intervalLength: intervalLength, rows: rows))
  }

  private func measurement(of code: String) -> MeasurementType {
    measurements.first { profile.measurementCodes[$0] == code } ?? MeasurementType(code)
  }
}
