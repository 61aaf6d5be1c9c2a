import TelemetrySimulation
import Testing

@testable import TelemetryCore

/// Where reading begins, on disks in every state, and whether a checkpoint may be believed.
@Suite struct LedgerStartTests {
  private static let settings = Settings.fixture(interval: 60, settle: 20)

  /// A ledger with several checkpoints.
  private static let log: [LogRecord] = {
    var house = House(settings, leastUntilCheckpoint: 500)
    house.station.script = [.take, .takeAndLoseTheAnswer, .beUnreachable]
    for _ in 0..<12 {
      house.run(seconds: 170)
      house.crash()
    }
    return house.log
  }()

  private static let whole = LedgerReplay(ofAll: log).state.checkpoint

  /// Runs of records as they are committed: parts of a checkpoint together, other records by three.
  private static func commits(_ log: [LogRecord]) -> [(isCheckpoint: Bool, records: [LogRecord])] {
    var commits: [(isCheckpoint: Bool, records: [LogRecord])] = []
    for record in log {
      let part = LedgerReplay.part(record)
      if let last = commits.indices.last, commits[last].isCheckpoint == (part != nil), part?.number != 1,
        part != nil || commits[last].records.count < 3
      {
        commits[last].records.append(record)
      } else {
        commits.append((part != nil, [record]))
      }
    }
    return commits
  }

  /// Opens the log as the daemon does.
  private static func open(_ disk: MemoryDisk) throws -> LedgerOpening<MemoryDisk> {
    try LedgerOpening(disk, makeEpoch: { LogFixture.epoch })
  }

  private static func write(_ log: [LogRecord], on disk: MemoryDisk) throws {
    var opened = try open(disk)
    for (isCheckpoint, records) in commits(log) {
      _ = try isCheckpoint ? opened.log.commitInNewSegment(records) : opened.log.commit(records)
    }
  }

  private static func segments(_ disk: MemoryDisk) throws -> [SegmentName] {
    try disk.list().compactMap(SegmentName.init(fileName:)).sorted()
  }

  @Test func aStartReadsTheNewestCheckpointAndWhatFollowsAndNothingBefore() throws {
    let disk = MemoryDisk()
    try Self.write(Self.log, on: disk)
    let names = try Self.segments(disk)
    try #require(names.count > 3)
    for name in names.dropLast() { disk.place([UInt8](repeating: 7, count: 99), as: name.fileName) }
    let opened = try Self.open(disk)
    #expect(opened.replay.state.checkpoint == Self.whole)
    #expect(opened.replay.recordCount == Self.log.count)
    #expect(opened.log.nextSequence == LogSequence(UInt64(Self.log.count + 1)))
    #expect(opened.log.contents.plan.segmentCount == 1)
    #expect(opened.log.contents.plan.damage.isEmpty, "older segments are listed and not read")
    #expect(disk.quarantined.isEmpty)
  }

  @Test func aCheckpointThatIsDamagedAnywhereIsAsIfItWereNotThere() throws {
    let disk = MemoryDisk()
    try Self.write(Self.log, on: disk)
    let name = try #require(try Self.segments(disk).last)
    let bytes = try #require(disk.contents(of: name.fileName))
    let length = try FrameHeader(decoding: bytes, at: SegmentHeader.byteCount).frameByteCount
    let start = SegmentHeader.byteCount
    for offset in stride(from: start, to: start + length, by: max(13, length / 60)) {
      var damaged = bytes
      damaged[offset] ^= 16
      disk.place(damaged, as: name.fileName)
      let found = try LedgerStart(of: disk)
      #expect(found.segment != name, "byte \(offset)")
      var replay = found.replay
      _ = try LogContents(of: disk, from: found.segment) { replay.take($0, $1) }
      #expect(replay.state.checkpoint == Self.whole, "byte \(offset): no record but the checkpoint is lost")
    }
  }

  @Test func aCheckpointThatTheDiskRefusesAnywhereIsAsIfItWereNotThere() throws {
    let memory = MemoryDisk()
    try Self.write(Self.log, on: memory)
    let names = try Self.segments(memory)
    let newest = try #require(names.last)
    let length = try FrameHeader(
      decoding: #require(memory.contents(of: newest.fileName)), at: SegmentHeader.byteCount
    ).frameByteCount
    for sector in 0...(SegmentHeader.byteCount + length) / FaultyDisk.sectorByteCount {
      let disk = FaultyDisk(seed: 1)
      for name in names { disk.place(try #require(memory.contents(of: name.fileName)), as: name.fileName) }
      disk.refuse(sector, of: newest.fileName)
      let found = try LedgerStart(of: disk)
      #expect(found.segment != newest, "sector \(sector)")
      let opened = try LedgerOpening(disk, makeEpoch: { LogFixture.epoch })
      #expect(opened.replay.state.checkpoint == Self.whole, "sector \(sector): no record but the checkpoint is lost")
      #expect(!opened.log.contents.plan.damage.isEmpty)
    }
  }

  @Test func withoutAnyCheckpointEverythingIsRead() throws {
    let disk = MemoryDisk()
    let records = Self.log.filter { LedgerReplay.part($0) == nil }
    try Self.write(records, on: disk)
    let start = try LedgerStart(of: disk)
    #expect(start.segment == nil)
    #expect(start.replay.recordCount == 0)
    #expect(try Self.open(disk).replay.recordCount == records.count)
  }

  @Test func aCheckpointOfAnotherFormIsPassedOver() throws {
    let other = Self.log.map { record -> LogRecord in
      guard var part = LedgerReplay.part(record) else { return record }
      part.form += 1
      return LedgerRecord.checkpoint(part).logRecord
    }
    let disk = MemoryDisk()
    try Self.write(other, on: disk)
    #expect(try LedgerStart(of: disk).segment == nil)
    #expect(try Self.open(disk).replay.state.checkpoint == Self.whole)
  }

  /// Every operation fails once, with or without effect, and the power is cut after it.
  @Test(arguments: MemoryDisk.Failure.allCases, [false, true])
  func aCrashLeavesTheOldSegmentGoingOnOrTheNewOneWhole(failure: MemoryDisk.Failure, powerIsCut: Bool) throws {
    let parts = LedgerReplay(ofAll: Self.log).state.checkpointParts.map { LedgerRecord.checkpoint($0).logRecord }
    for operation in 1... {
      let disk = MemoryDisk()
      try Self.write(Self.log, on: disk)
      let before = try Self.segments(disk)
      var opened = try Self.open(disk)
      disk.fail(atOperation: operation, failure)
      do throws(LogDiskError) { _ = try opened.log.commitInNewSegment(parts) } catch { #expect(disk.hasFailed) }
      let isDone = !disk.hasFailed
      disk.stopFailing()
      if powerIsCut { disk.crash(.losesUnsynced) }
      var again = try Self.open(disk)
      #expect(again.replay.state.checkpoint == Self.whole, "operation \(operation)")
      let isNew = try Self.segments(disk).count > before.count
      let next = Self.log.count + 1 + (isNew ? parts.count : 0)
      #expect(again.log.nextSequence == LogSequence(UInt64(next)), "operation \(operation)")
      #expect(try disk.list().count == Self.segments(disk).count, "no leftovers")
      _ = try again.log.commit([LedgerRecord.judged(through: IntervalEnding(seconds: 0, length: .oneSecond)).logRecord])
      #expect(try Self.open(disk).replay.recordCount == next)
      guard !isDone else {
        #expect(isNew && operation > 5)
        return
      }
    }
  }

  @Test func aLoopOfCrashesMakesNoSegmentsWithoutEnd() throws {
    let disk = MemoryDisk()
    try Self.write(Self.log, on: disk)
    var now = Moment(utc: House.noon + .seconds(86_400), uptime: UptimeInstant(milliseconds: 1))
    let before = try Self.segments(disk).count
    for _ in 0..<60 {
      now.utc = now.utc + .seconds(1)
      var opened = try Self.open(disk)
      var pipeline = opened.pipeline(Self.settings, leastUntilCheckpoint: 500)
      for action in pipeline.handle(.started(version: "test", damages: []), at: now) {
        switch action {
        case .commit(let records, _): _ = try opened.log.commit(records)
        case .checkpoint(let records, _): _ = try opened.log.commitInNewSegment(records)
        default: break
        }
      }
      disk.crash(.losesUnsynced)
    }
    #expect(try Self.segments(disk).count <= before + 3)
  }

  // MARK: Audit from the first record on

  private func deep(_ log: [LogRecord]) -> DeepAudit {
    var audit = DeepAudit()
    for (index, record) in log.enumerated() { audit.take(LogSequence(UInt64(index + 1)), record) }
    return audit
  }

  @Test func aDeepAuditFindsThatEveryCheckpointTellsWhatTheRecordsTell() {
    let audit = deep(Self.log)
    let count = Self.log.count { LedgerReplay.part($0)?.number == 1 }
    #expect(count > 2)
    #expect(audit.agreeingCount == count)
    #expect(audit.unreadCount == 0)
    #expect(audit.faults.isEmpty)
    #expect(audit.replay.state.checkpoint == Self.whole)
  }

  @Test func aCheckpointThatTellsOtherwiseIsAFaultThatNamesItsRecord() throws {
    let place = try #require(Self.log.lastIndex { LedgerReplay.part($0)?.number == 1 })
    let seal = try #require(Self.log[..<place].lastIndex { RecordKind(rawValue: $0.kind) == .sealed })
    var records = Self.log
    let other = LedgerReplay(ofAll: Self.log[..<seal]).state.checkpointParts
    records[place] = LedgerRecord.checkpoint(try #require(other.first)).logRecord
    let audit = deep(records)
    #expect(audit.faults.map(\.kind) == [.checkpoint])
    #expect(audit.faults.first?.sequence == LogSequence(UInt64(place + 1)))
    #expect(audit.faults.first?.explanation.contains("intervals") == true)
    #expect(audit.agreeingCount == Self.log.count { LedgerReplay.part($0)?.number == 1 } - 1)
  }

  @Test func aCheckpointThatIsNotWholeIsCountedAndProvesNothing() throws {
    var records = Self.log
    let place = try #require(records.lastIndex { LedgerReplay.part($0)?.number == 1 })
    var part = try #require(LedgerReplay.part(records[place]))
    part.count += 1
    records[place] = LedgerRecord.checkpoint(part).logRecord
    let audit = deep(records + [records[0]])
    #expect(audit.unreadCount == 1)
    #expect(audit.faults.isEmpty)
  }

  // MARK: What was long ago

  @Test func anOldIntervalIsExplainedFromTheCheckpointBeforeIt() throws {
    let disk = MemoryDisk()
    try Self.write(Self.log, on: disk)
    let key = SeriesKey(resource: ResourceID("EXAMPL_7_DERA1"), measurement: MeasurementType("GEN"))
    let ending = IntervalEnding(seconds: House.noon.seconds + 1_200, length: Self.settings.intervalLength)
    var all = Explanation(of: key, ending: ending)
    for (index, record) in Self.log.enumerated() { all.take(LogSequence(UInt64(index + 1)), record) }
    let start = try LedgerStart(of: disk, judgedBefore: ending.instant, keeping: ending.instant...ending.instant)
    let checkpoint = try #require(start.replay.checkpoint)
    var explanation = Explanation(of: key, ending: ending, from: start.replay)
    _ = try LogContents(of: disk, from: start.segment) { explanation.take($0, $1) }
    #expect(explanation.obligation == all.obligation)
    #expect(explanation.steps.first?.record == checkpoint)
    #expect(explanation.steps.first?.sentence == all.steps.first?.sentence)
    #expect(Array(explanation.steps.dropFirst()) == Array(all.steps.dropFirst()))
    #expect(explanation.steps.count > 4)
  }
}
