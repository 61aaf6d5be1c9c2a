package import TelemetryCore

/// The bytes of the records: a form number, then what is written below in its order.
package enum ScheduleCodec {
  private static let form: UInt8 = 1
  /// Of an intent that goes another way than to SIBR: the way stands at its end.
  private static let routedForm: UInt8 = 2
  private static let textLimit = 1_024
  /// Rules that one verdict keeps; the answer itself is in the evidence.
  private static let ruleLimit = 100

  // MARK: Writing

  package static func encode(_ record: ScheduleRecord) -> LogRecord {
    var writer = ByteWriter()
    writer.writeUInt8(record.route == .sibr ? form : routedForm)
    write(record.id, to: &writer)
    switch record {
    case .intended(let intent):
      writer.writeZigzag(intent.created.milliseconds)
      writer.writeString(intent.coordinator.name)
      writer.writeRaw(intent.payload.bytes)
      writer.writeVarint(UInt64(intent.hours.count))
      for hour in intent.hours {
        writer.writeZigzag(hour.ending.seconds)
        writer.writeZigzag(hour.power.milliwatts)
      }
      if intent.route != .sibr { writer.writeUInt8(intent.route.rawValue) }
    case .attempt(_, let number, let envelope, let instant):
      writer.writeZigzag(instant.milliseconds)
      writer.writeVarint(UInt64(max(0, number)))
      writer.writeRaw(envelope.bytes)
    case .notSent(_, let reason, let answer, let instant), .unknown(_, let reason, let answer, let instant):
      writer.writeZigzag(instant.milliseconds)
      writer.writeString(reason.cut(toBytes: textLimit), limit: textLimit)
      writer.writeBool(answer != nil)
      if let answer { writer.writeRaw(answer.bytes) }
    case .answered(_, let said, let answer, let instant):
      writer.writeZigzag(instant.milliseconds)
      writer.writeRaw(answer.bytes)
      switch said {
      case .taken(let receipt): write(true, receipt, to: &writer)
      case .rejected(let reason): write(false, reason, to: &writer)
      }
    case .verdict(_, let verdict, let answer, let instant):
      writer.writeZigzag(instant.milliseconds)
      writer.writeRaw(answer.bytes)
      var rules: [String] = []
      if case .invalid(let failed) = verdict { rules = Array(failed.prefix(ruleLimit)) }
      writer.writeBool(verdict == .valid)
      writer.writeVarint(UInt64(rules.count))
      for rule in rules { writer.writeString(rule.cut(toBytes: textLimit), limit: textLimit) }
    case .absent(_, let answer, let instant):
      writer.writeZigzag(instant.milliseconds)
      writer.writeRaw(answer.bytes)
    }
    return LogRecord(kind: record.kind.rawValue, payload: writer.bytes)
  }

  private static func write(_ id: BidID, to writer: inout ByteWriter) {
    writer.writeString(id.resource.name)
    writer.writeZigzag(id.tradeDate.days)
    writer.writeVarint(UInt64(max(0, id.revision)))
  }

  private static func write(_ flag: Bool, _ text: String, to writer: inout ByteWriter) {
    writer.writeBool(flag)
    writer.writeString(text.cut(toBytes: textLimit), limit: textLimit)
  }

  // MARK: Reading

  /// Nil for a kind that is none of these.
  package static func decode(_ record: LogRecord) throws(DecodingProblem) -> ScheduleRecord? {
    guard let kind = ScheduleRecordKind(rawValue: record.kind) else { return nil }
    var reader = ByteReader(record.payload)
    let found = try reader.readUInt8()
    guard found == form || found == routedForm && kind == .intended else { throw DecodingProblem(.invalidValue, at: 0) }
    let id = BidID(
      resource: ResourceID(try reader.readString()), tradeDate: TradeDate(days: try reader.readZigzag()),
      revision: try number(&reader))
    let instant = UTCInstant(milliseconds: try reader.readZigzag())
    var decoded = try decode(kind, id, instant, &reader)
    if found == routedForm, case .intended(var intent) = decoded {
      let place = reader.offset
      guard let route = BidRoute(rawValue: try reader.readUInt8()), route != .sibr else {
        throw DecodingProblem(.invalidValue, at: place)
      }
      intent.route = route
      decoded = .intended(intent)
    }
    try reader.expectEnd()
    return decoded
  }

  private static func decode(
    _ kind: ScheduleRecordKind, _ id: BidID, _ instant: UTCInstant, _ reader: inout ByteReader
  ) throws(DecodingProblem) -> ScheduleRecord {
    switch kind {
    case .intended: return .intended(try intent(id, instant, &reader))
    case .attempt:
      let number = try number(&reader)
      return .attempt(id, number: number, envelope: try digest(&reader), at: instant)
    case .notSent, .unknown:
      let reason = try reader.readString(limit: textLimit)
      let answer = try reader.readBool() ? try digest(&reader) : nil
      return kind == .notSent
        ? .notSent(id, reason: reason, answer: answer, at: instant)
        : .unknown(id, reason: reason, answer: answer, at: instant)
    case .answered:
      let answer = try digest(&reader)
      let isTaken = try reader.readBool()
      let text = try reader.readString(limit: textLimit)
      return .answered(id, isTaken ? .taken(receipt: text) : .rejected(reason: text), answer: answer, at: instant)
    case .verdict:
      let answer = try digest(&reader)
      let isValid = try reader.readBool()
      var rules: [String] = []
      for _ in 0..<(try reader.readCount()) { rules.append(try reader.readString(limit: textLimit)) }
      return .verdict(id, isValid ? .valid : .invalid(rules), answer: answer, at: instant)
    case .absent: return .absent(id, answer: try digest(&reader), at: instant)
    }
  }

  private static func intent(
    _ id: BidID, _ created: UTCInstant, _ reader: inout ByteReader
  ) throws(DecodingProblem) -> BidIntent {
    let coordinator = SchedulingCoordinatorID(try reader.readString())
    let payload = try digest(&reader)
    var hours: [BidIntent.Hour] = []
    for _ in 0..<(try reader.readCount()) {
      let place = reader.offset
      guard let hour = IntervalLength(seconds: 3_600),
        let ending = IntervalEnding(unchecked: try reader.readZigzag(), length: hour)
      else { throw DecodingProblem(.invalidValue, at: place) }
      hours.append(BidIntent.Hour(ending: ending, power: Power(milliwatts: try reader.readZigzag())))
    }
    return BidIntent(id: id, coordinator: coordinator, created: created, hours: hours, payload: payload)
  }

  private static func digest(_ reader: inout ByteReader) throws(DecodingProblem) -> Digest {
    let place = reader.offset
    guard let digest = Digest(Array(try reader.readRaw(count: Digest.byteCount))) else {
      throw DecodingProblem(.invalidValue, at: place)
    }
    return digest
  }

  private static func number(_ reader: inout ByteReader) throws(DecodingProblem) -> Int {
    let place = reader.offset
    guard let number = Int(exactly: try reader.readVarint()), number <= Int(Int32.max) else {
      throw DecodingProblem(.invalidValue, at: place)
    }
    return number
  }
}

extension ScheduleRecord {
  fileprivate var route: BidRoute {
    if case .intended(let intent) = self { return intent.route }
    return .sibr
  }

  fileprivate var kind: ScheduleRecordKind {
    switch self {
    case .intended: .intended
    case .attempt: .attempt
    case .notSent: .notSent
    case .unknown: .unknown
    case .answered: .answered
    case .verdict: .verdict
    case .absent: .absent
    }
  }
}
