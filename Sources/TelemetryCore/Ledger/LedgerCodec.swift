/// The bytes of ledger records.
///
/// Each payload begins with the format of its kind, one byte, so that a kind can change its form and old ledgers stay
/// readable for as long as they are kept. Integers are varints, signed ones zigzag; texts and digests are as
/// `ByteWriter` writes them; instants are milliseconds and interval endings seconds since 1970.
extension LedgerRecord {
  private static let format: UInt8 = 1

  package var logRecord: LogRecord {
    var writer = ByteWriter(reserving: 64)
    writer.writeUInt8(Self.format)
    write(to: &writer)
    return LogRecord(kind: kind.rawValue, payload: writer.bytes)
  }

  /// Reads a record back.
  ///
  /// - Throws: `LedgerDecodingProblem` where the kind or the format is unknown or the bytes are not of it.
  package init(_ record: LogRecord) throws(LedgerDecodingProblem) {
    guard let kind = RecordKind(rawValue: record.kind) else { throw .unknownKind(record.kind) }
    do {
      var reader = ByteReader(record.payload)
      let format = try reader.readUInt8()
      guard format == Self.format else { throw LedgerDecodingProblem.unknownFormat(kind, format) }
      self = try Self.read(kind, from: &reader)
      try reader.expectEnd()
    } catch let problem as DecodingProblem {
      throw .bytes(kind, problem)
    } catch let problem as LedgerDecodingProblem {
      throw problem
    } catch {
      throw .unknownKind(record.kind)
    }
  }

  package var kind: RecordKind {
    switch self {
    case .checkpoint: .checkpoint
    case .started: .started
    case .damaged: .damaged
    case .epoch: .epoch
    case .owedFrom: .owedFrom
    case .owedUntil: .owedUntil
    case .commissioned: .commissioned
    case .opened: .opened
    case .turned: .turned
    case .identified: .identified
    case .replaced: .replaced
    case .missing: .missing
    case .sealed: .sealed
    case .adjusted: .adjusted
    case .judged: .judged
    case .intent: .intent
    case .attempt: .attempt
    case .notSent: .notSent
    case .taken: .taken
    case .rejected: .rejected
    case .unprocessed: .unprocessed
    case .unknown: .unknown
    case .verdict: .verdict
    case .resolved: .resolved
    case .kept: .kept
    case .disbanded: .disbanded
    case .waived: .waived
    case .resubmitted: .resubmitted
    case .resolvedByPerson: .resolvedByPerson
    case .held: .held
    case .released: .released
    case .adopted: .adopted
    case .readingsShed: .readingsShed
    case .configuration: .configuration
    }
  }

  private func write(to writer: inout ByteWriter) {
    switch self {
    case .checkpoint(let part): writer.write(part)
    case .started(let instant, let version, let home):
      writer.write(instant)
      writer.writeText(version)
      writer.writeText(home)
    case .damaged(let from, let through, let explanation):
      writer.writeVarint(from.number)
      writer.writeVarint(through.number)
      writer.writeText(explanation)
    case .epoch(let number, let epoch):
      writer.writeVarint(UInt64(number))
      writer.write(epoch)
    case .owedFrom(let series, let key, let ending, let length):
      writer.write(series)
      writer.writeText(key.resource.name)
      writer.writeText(key.measurement.name)
      writer.write(ending)
      writer.writeVarint(UInt64(length.seconds))
    case .owedUntil(let series, let ending):
      writer.write(series)
      writer.write(ending)
    case .commissioned(let epoch, let flow, let site, let reading):
      writer.writeVarint(UInt64(epoch))
      writer.writeUInt8(flow.rawValue)
      writer.writeVarint(UInt64(site))
      writer.write(reading)
    case .opened(let epoch, let flow, let register):
      writer.writeVarint(UInt64(epoch))
      writer.writeUInt8(flow.rawValue)
      writer.write(register)
    case .turned(let epoch, let flow, let site, let turn):
      writer.writeVarint(UInt64(epoch))
      writer.writeUInt8(flow.rawValue)
      writer.writeVarint(UInt64(site))
      writer.write(turn)
    case .identified(let epoch, let site, let identity):
      writer.writeVarint(UInt64(epoch))
      writer.writeVarint(UInt64(site))
      writer.write(identity)
    case .replaced(let epoch, let site, let instant, let identity):
      writer.writeVarint(UInt64(epoch))
      writer.writeVarint(UInt64(site))
      writer.write(instant)
      writer.write(identity)
    case .missing(let missing): writer.write(missing)
    case .sealed(let seal), .adjusted(let seal): writer.write(seal)
    case .judged(let ending): writer.write(ending)
    case .intent(let intent): writer.write(intent)
    case .attempt(let id, let number, let created, let digest):
      writer.writeText(id.name)
      writer.writeVarint(UInt64(number))
      writer.write(created)
      writer.write(digest)
    case .notSent(let id, let reason), .unknown(let id, let reason), .disbanded(let id, let reason):
      writer.writeText(id.name)
      writer.writeText(reason)
    case .taken(let id, let batch, let isFinal, let digest):
      writer.writeText(id.name)
      writer.writeOptionalText(batch?.name)
      writer.writeBool(isFinal)
      writer.write(digest)
    case .rejected(let id, let reason, let digest), .unprocessed(let id, let reason, let digest):
      writer.writeText(id.name)
      writer.writeText(reason)
      writer.write(digest)
    case .verdict(let id, let verdict, let digest):
      writer.writeText(id.name)
      writer.write(verdict)
      writer.write(digest)
    case .resolved(let resolution): writer.write(resolution)
    case .kept(let evidence): writer.write(evidence)
    case .waived(let intervals), .resubmitted(let intervals): writer.write(intervals)
    case .resolvedByPerson(let intervals, let isHeld):
      writer.write(intervals)
      writer.writeBool(isHeld)
    case .held(let channel, let decision), .released(let channel, let decision):
      writer.writeText(channel.name)
      writer.write(decision)
    case .adopted(let decision): writer.write(decision)
    case .readingsShed(let shed): writer.write(shed)
    case .configuration(let accepted): writer.write(accepted)
    }
  }

  private static func read(_ kind: RecordKind, from reader: inout ByteReader) throws(DecodingProblem) -> Self {
    switch kind {
    case .checkpoint: .checkpoint(try reader.readCheckpointPart())
    case .started:
      .started(at: try reader.readInstant(), version: try reader.readString(), home: try reader.readString())
    case .damaged:
      .damaged(
        from: LogSequence(try reader.readVarint()), through: LogSequence(try reader.readVarint()),
        explanation: try reader.readString())
    case .epoch: .epoch(try reader.readIndex(), try reader.readEpoch())
    case .owedFrom:
      .owedFrom(
        try reader.readSeries(),
        SeriesKey(
          resource: ResourceID(try reader.readString()), measurement: MeasurementType(try reader.readString())),
        try reader.readEnding(), try reader.readLength())
    case .owedUntil: .owedUntil(try reader.readSeries(), try reader.readEnding())
    case .commissioned:
      .commissioned(
        epoch: try reader.readIndex(), flow: try reader.readCase(), site: try reader.readIndex(),
        try reader.readRegisterAtInstant())
    case .opened:
      .opened(epoch: try reader.readIndex(), flow: try reader.readCase(), try reader.readSiteRegister())
    case .turned:
      .turned(
        epoch: try reader.readIndex(), flow: try reader.readCase(), site: try reader.readIndex(), try reader.readTurn())
    case .identified:
      .identified(epoch: try reader.readIndex(), site: try reader.readIndex(), try reader.readIdentity())
    case .replaced:
      .replaced(
        epoch: try reader.readIndex(), site: try reader.readIndex(), at: try reader.readInstant(),
        try reader.readIdentity())
    case .missing: .missing(try reader.readMissing())
    case .sealed: .sealed(try reader.readSeal())
    case .adjusted: .adjusted(try reader.readSeal())
    case .judged: .judged(through: try reader.readEnding())
    case .intent: .intent(try reader.readIntent())
    case .attempt:
      .attempt(
        try reader.readSubmissionID(), number: try reader.readIndex(), created: try reader.readInstant(),
        envelopeDigest: try reader.readDigest())
    case .notSent: .notSent(try reader.readSubmissionID(), reason: try reader.readString())
    case .unknown: .unknown(try reader.readSubmissionID(), reason: try reader.readString())
    case .taken:
      .taken(
        try reader.readSubmissionID(), try reader.readOptionalText().map(OperatorBatchID.init),
        isFinal: try reader.readBool(), answerDigest: try reader.readDigest())
    case .rejected:
      .rejected(
        try reader.readSubmissionID(), reason: try reader.readString(), answerDigest: try reader.readDigest())
    case .unprocessed:
      .unprocessed(
        try reader.readSubmissionID(), reason: try reader.readString(), answerDigest: try reader.readDigest())
    case .verdict:
      .verdict(
        try reader.readSubmissionID(), try reader.readVerdict(), answerDigest: try reader.readDigest())
    case .resolved: .resolved(try reader.readResolution())
    case .kept: .kept(try reader.readEvidence())
    case .disbanded: .disbanded(try reader.readSubmissionID(), reason: try reader.readString())
    case .waived: .waived(try reader.readDecidedIntervals())
    case .resubmitted: .resubmitted(try reader.readDecidedIntervals())
    case .resolvedByPerson: .resolvedByPerson(try reader.readDecidedIntervals(), isHeld: try reader.readBool())
    case .held: .held(ChannelName(try reader.readString()), try reader.readDecision())
    case .released: .released(ChannelName(try reader.readString()), try reader.readDecision())
    case .adopted: .adopted(try reader.readDecision())
    case .readingsShed: .readingsShed(try reader.readShed())
    case .configuration: .configuration(try reader.readConfiguration())
    }
  }
}

/// Why a ledger record cannot be read although its frame is whole.
package enum LedgerDecodingProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// Written by a later version, or by nobody.
  case unknownKind(UInt8)
  case unknownFormat(RecordKind, UInt8)
  case bytes(RecordKind, DecodingProblem)

  package var description: String {
    switch self {
    case .unknownKind(let kind): "kind \(kind) is not known here"
    case .unknownFormat(let kind, let format): "format \(format) of \(kind) is not known here"
    case .bytes(let kind, let problem): "\(kind): \(problem.cause) at byte \(problem.byteOffset)"
    }
  }
}
