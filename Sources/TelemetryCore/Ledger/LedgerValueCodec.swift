// The parts that ledger records are made of, written and read side by side.

extension ByteWriter {
  /// Text from people and devices, cut to what the reader accepts.
  mutating func writeText(_ text: String) { writeString(text.cut(toBytes: ByteReader.stringByteLimit)) }

  mutating func writeOptionalText(_ text: String?) {
    writeBool(text != nil)
    if let text { writeText(text) }
  }

  mutating func write(_ instant: UTCInstant) { writeZigzag(instant.milliseconds) }
  mutating func write(_ ending: IntervalEnding) { writeZigzag(ending.seconds) }
  mutating func write(_ series: SeriesIndex) { writeVarint(UInt64(series.position)) }
  mutating func write(_ digest: Digest) { writeRaw(digest.bytes) }

  mutating func writeList<Element>(_ list: [Element], _ write: (inout ByteWriter, Element) -> Void) {
    writeVarint(UInt64(list.count))
    for element in list { write(&self, element) }
  }

  mutating func write(_ reference: RevisionReference) {
    write(reference.series)
    write(reference.intervalEnding)
    writeVarint(UInt64(reference.revision))
  }

  mutating func write(_ siteRegister: SiteRegister) {
    let register = siteRegister.register
    writeVarint(UInt64(siteRegister.site))
    write(register.boundary)
    writeZigzag(register.cumulative.millijoules)
    write(register.earlier)
    write(register.later)
    writeUInt8(register.quality.rawValue)
  }

  mutating func write(_ missing: MissingInterval) {
    write(missing.series)
    write(missing.intervalEnding)
    writeVarint(UInt64(missing.epoch))
    writeUInt8(missing.flow.rawValue)
    writeList(missing.open) { $0.writeVarint(UInt64($1)) }
    writeList(missing.registers) { $0.write($1) }
  }

  mutating func write(_ seal: Seal) {
    write(seal.reference)
    writeVarint(UInt64(seal.epoch))
    writeUInt8(seal.flow.rawValue)
    writeUInt8(seal.quality.rawValue)
    writeUInt8(seal.reason.rawValue)
    write(seal.at)
    writeZigzag(seal.energy.millijoules)
    writeZigzag(seal.value)
    writeZigzag(seal.residual.millijoules)
    write(seal.readingsThrough)
    writeList(seal.shares) { writer, share in
      writer.write(share.siteRegister)
      writer.writeZigzag(share.energy.millijoules)
      writer.writeUInt8(share.quality.rawValue)
    }
    writeList(seal.estimates) { $0.write($1) }
  }

  mutating func write(_ estimate: SiteEstimate) {
    writeVarint(UInt64(estimate.site))
    writeUInt8(estimate.method.rawValue)
    writeZigzag(estimate.energy.millijoules)
  }

  mutating func write(_ shed: ReadingsShed) {
    writeUInt8(shed.reason.rawValue)
    writeVarint(shed.lastRecord.number)
    write(shed.from)
    write(shed.through)
    writeVarint(UInt64(shed.readingCount))
    writeVarint(UInt64(shed.byteCount))
  }

  mutating func write(_ intent: SubmissionIntent) {
    writeText(intent.id.name)
    write(intent.created)
    writeText(intent.channel.name)
    writeText(intent.schedulingCoordinator.name)
    writeList(intent.rows) { $0.write($1) }
    write(intent.payloadDigest)
  }

  mutating func write(_ verdict: LedgerRecord.Verdict) {
    switch verdict {
    case .accepted: writeBool(true)
    case .faulty(let faults):
      writeBool(false)
      writeList(faults) { writer, fault in
        writer.write(fault.reference)
        writer.writeText(fault.message)
      }
    }
  }

  mutating func write(_ evidence: Evidence) {
    writeText(evidence.submission.id.name)
    write(evidence.submission.created)
    let (form, attempt) = evidence.file.form
    writeUInt8(form.rawValue)
    writeVarint(UInt64(attempt))
    write(evidence.digest)
  }

  mutating func write(_ resolution: Resolution) {
    writeOptionalText(resolution.submission?.name)
    writeList(resolution.held) { $0.write($1) }
    writeList(resolution.absent) { $0.write($1) }
    writeBool(resolution.splits)
  }
}

extension ByteReader {
  /// Instants outside the years 1900 to 9999 are no instants of ours; inside them no sum of two overflows.
  private static let instants: ClosedRange<Int64> = -2_208_988_800_000...253_402_300_799_000
  /// More than a ledger ever names, small enough for every sum.
  private static let indexLimit: UInt64 = 1 << 32

  /// Whether milliseconds since 1970 are an instant of ours.
  static func isInstant(_ milliseconds: Int64) -> Bool { instants.contains(milliseconds) }

  mutating func readOptionalText() throws(DecodingProblem) -> String? {
    try readBool() ? try readString() : nil
  }

  mutating func readInstant() throws(DecodingProblem) -> UTCInstant {
    let start = offset
    let milliseconds = try readZigzag()
    guard Self.instants.contains(milliseconds) else { throw DecodingProblem(.invalidValue, at: start) }
    return UTCInstant(milliseconds: milliseconds)
  }

  /// An ending on the grid of one second; what grid it belongs to is the ledger's to check.
  mutating func readEnding() throws(DecodingProblem) -> IntervalEnding {
    let start = offset
    let seconds = try readZigzag()
    let range = (Self.instants.lowerBound / 1_000)...(Self.instants.upperBound / 1_000)
    guard range.contains(seconds) else { throw DecodingProblem(.invalidValue, at: start) }
    return IntervalEnding(seconds: seconds, length: .oneSecond)
  }

  mutating func readIndex() throws(DecodingProblem) -> Int {
    let start = offset
    let value = try readVarint()
    guard value < Self.indexLimit else { throw DecodingProblem(.invalidValue, at: start) }
    return Int(value)
  }

  mutating func readSeries() throws(DecodingProblem) -> SeriesIndex { SeriesIndex(try readIndex()) }
  mutating func readSubmissionID() throws(DecodingProblem) -> SubmissionID { SubmissionID(try readString()) }

  mutating func readDigest() throws(DecodingProblem) -> Digest {
    let start = offset
    guard let digest = Digest(Array(try readRaw(count: Digest.byteCount))) else {
      throw DecodingProblem(.truncated, at: start)
    }
    return digest
  }

  mutating func readList<Element>(
    _ read: (inout ByteReader) throws(DecodingProblem) -> Element
  ) throws(DecodingProblem) -> [Element] {
    var list: [Element] = []
    for _ in 0..<(try readCount()) { list.append(try read(&self)) }
    return list
  }

  mutating func readReference() throws(DecodingProblem) -> RevisionReference {
    RevisionReference(series: try readSeries(), intervalEnding: try readEnding(), revision: try readIndex())
  }

  mutating func readEnergy() throws(DecodingProblem) -> Energy { Energy(millijoules: try readAmount()) }

  /// An energy or a value in wire units, small enough that the difference of two never overflows.
  mutating func readAmount() throws(DecodingProblem) -> Int64 {
    let start = offset
    let amount = try readZigzag()
    guard amount.magnitude < 1 << 62 else { throw DecodingProblem(.invalidValue, at: start) }
    return amount
  }

  mutating func readSiteRegister() throws(DecodingProblem) -> SiteRegister {
    let site = try readIndex()
    let boundary = try readEnding()
    let start = offset
    let millijoules = try readZigzag128()
    guard millijoules.magnitude < 1 << 98 else { throw DecodingProblem(.invalidValue, at: start) }
    return SiteRegister(
      site: site,
      register: BoundaryRegister(
        boundary: boundary, cumulative: CumulativeEnergy(millijoules: millijoules),
        earlier: try readRegisterAtInstant(), later: try readRegisterAtInstant(), quality: try readCase()))
  }

  mutating func readMissing() throws(DecodingProblem) -> MissingInterval {
    MissingInterval(
      series: try readSeries(), intervalEnding: try readEnding(), epoch: try readIndex(),
      flow: try readCase(),
      open: try readList { reader throws(DecodingProblem) in try reader.readIndex() },
      registers: try readList { reader throws(DecodingProblem) in try reader.readSiteRegister() })
  }

  mutating func readSeal() throws(DecodingProblem) -> Seal {
    Seal(
      reference: try readReference(), epoch: try readIndex(), flow: try readCase(), quality: try readCase(),
      reason: try readCase(), at: try readInstant(), energy: try readEnergy(), value: try readAmount(),
      residual: try readEnergy(),
      readingsThrough: try readInstant(),
      shares: try readList { reader throws(DecodingProblem) in
        SiteShare(
          siteRegister: try reader.readSiteRegister(), energy: try reader.readEnergy(),
          quality: try reader.readCase())
      },
      estimates: try readList { reader throws(DecodingProblem) in try reader.readEstimate() })
  }

  mutating func readEstimate() throws(DecodingProblem) -> SiteEstimate {
    SiteEstimate(site: try readIndex(), method: try readCase(), energy: try readEnergy())
  }

  mutating func readShed() throws(DecodingProblem) -> ReadingsShed {
    ReadingsShed(
      reason: try readCase(), lastRecord: try readRecordNumber(), from: try readInstant(), through: try readInstant(),
      readingCount: try readIndex(), byteCount: try readIndex())
  }

  /// The number of a record of some log, or 0 for none.
  private mutating func readRecordNumber() throws(DecodingProblem) -> LogSequence {
    let start = offset
    let number = try readVarint()
    guard number <= LogSequence.numbers.upperBound else { throw DecodingProblem(.invalidValue, at: start) }
    return LogSequence(number)
  }

  mutating func readIntent() throws(DecodingProblem) -> SubmissionIntent {
    SubmissionIntent(
      id: try readSubmissionID(), created: try readInstant(), channel: ChannelName(try readString()),
      schedulingCoordinator: SchedulingCoordinatorID(try readString()),
      rows: try readList { reader throws(DecodingProblem) in try reader.readReference() },
      payloadDigest: try readDigest())
  }

  mutating func readVerdict() throws(DecodingProblem) -> LedgerRecord.Verdict {
    if try readBool() { return .accepted }
    return .faulty(
      try readList { reader throws(DecodingProblem) in
        LedgerRecord.RowFault(reference: try reader.readReference(), message: try reader.readString())
      })
  }

  mutating func readResolution() throws(DecodingProblem) -> Resolution {
    Resolution(
      submission: try readOptionalText().map(SubmissionID.init),
      held: try readList { reader throws(DecodingProblem) in try reader.readReference() },
      absent: try readList { reader throws(DecodingProblem) in try reader.readReference() },
      splits: try readBool())
  }

  mutating func readEvidence() throws(DecodingProblem) -> Evidence {
    let submission = Pipeline.StoredSubmission(id: try readSubmissionID(), created: try readInstant())
    let form: EvidenceFile.Form = try readCase()
    let attempt = try readIndex()
    let digest = try readDigest()
    return Evidence(submission: submission, file: EvidenceFile(form, attempt: attempt, digest), digest: digest)
  }
}

extension EvidenceFile {
  /// The numbers are on disk.
  fileprivate enum Form: UInt8 {
    case payload = 1
    case envelope = 2
    case answer = 3
    case status = 4
    case question = 5
    case heldAnswer = 6
  }

  fileprivate var form: (Form, attempt: Int) {
    switch self {
    case .payload: (.payload, 0)
    case .envelope(let attempt): (.envelope, attempt)
    case .answer(let attempt): (.answer, attempt)
    case .status: (.status, 0)
    case .question: (.question, 0)
    case .heldAnswer: (.heldAnswer, 0)
    }
  }

  fileprivate init(_ form: Form, attempt: Int, _ digest: Digest) {
    self =
      switch form {
      case .payload: .payload
      case .envelope: .envelope(attempt: attempt)
      case .answer: .answer(attempt: attempt)
      case .status: .status
      case .question: .question(digest)
      case .heldAnswer: .heldAnswer(digest)
      }
  }
}
