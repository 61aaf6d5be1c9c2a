import TelemetrySimulation
import Testing

@testable import TelemetryCore

struct SegmentLogTests {
  @Test func theDiskInMemoryKeepsTheContract() throws {
    #expect(try LogDiskContract.broken(by: { MemoryDisk() }) == [])
  }

  @Test func recordsComeBackInOrderAfterReopening() throws {
    let disk = MemoryDisk()
    var log = try open(disk)
    #expect(try log.append(LogFixture.records(1...2)) == LogSequence(1)...LogSequence(2))
    try log.sync()
    #expect(try log.commit(LogFixture.records(3...3)) == LogSequence(3)...LogSequence(3))
    #expect(log.durableBefore == LogSequence(4))

    let recovered = Recovered()
    let again = try open(disk, recovered)
    #expect(recovered.order == [1, 2, 3])
    #expect(recovered.isFaithful)
    #expect(again.nextSequence == LogSequence(4))
    #expect(again.contents.plan.damage.isEmpty)
    #expect(try disk.list().count == 1, "a clean log is appended to")
  }

  @Test func aRecordIsNotDurableBeforeItIsSynced() throws {
    let disk = MemoryDisk()
    var log = try open(disk)
    _ = try log.commit(LogFixture.records(1...1))
    _ = try log.append(LogFixture.records(2...2))
    #expect(log.durableBefore == LogSequence(2))
    disk.crash(.losesUnsynced)
    let recovered = Recovered()
    _ = try open(disk, recovered)
    #expect(recovered.order == [1])
  }

  @Test func atMostOneFrameIsEverNotSynced() throws {
    let disk = MemoryDisk()
    var log = try open(disk)
    for number in 1...5 { _ = try log.append(LogFixture.records(number...number)) }
    #expect(log.durableBefore == LogSequence(5))
    disk.crash(.losesUnsynced)
    let recovered = Recovered()
    _ = try open(disk, recovered)
    #expect(recovered.order == [1, 2, 3, 4])
  }

  @Test func aFullSegmentIsFollowedByANewOne() throws {
    let disk = MemoryDisk()
    var log = try open(disk, segmentByteCount: 300, isPacked: true)
    for number in 1...40 { _ = try log.commit(LogFixture.records(number...number)) }
    let names = try disk.list().sorted()
    #expect(names.count > 5)
    for name in names { #expect((disk.contents(of: name)?.count ?? 0) <= 300) }
    let huge = LogFixture.record(41, byteCount: 5_000)
    _ = try log.commit([huge])

    var last: LogRecord?
    let reopened = try SegmentLog(opening: disk, segmentByteCount: 300, isPacked: true, makeEpoch: { 1 }) { last = $1 }
    #expect(reopened.contents.plan.damage.isEmpty)
    #expect(reopened.contents.plan.recordCount == 41)
    #expect(last == huge, "a frame longer than a segment gets one of its own")
  }

  @Test func damagedBytesAreKeptOnceAndTheLogGoesOn() throws {
    let disk = MemoryDisk()
    let segment = LogFixture.segment(frames: [2, 2, 2])
    var bytes = segment.bytes
    bytes[segment.frames[1].lowerBound + 60] ^= 4
    disk.place(bytes, as: segment.name.fileName)

    for opening in 1...3 {
      let recovered = Recovered()
      var log = try open(disk, recovered)
      #expect(log.contents.plan.damage.map(\.missing) == [MissingRecords(3, 4)])
      #expect(recovered.order == [1, 2, 5, 6] + Array(7..<(6 + opening)))
      #expect(recovered.isFaithful)
      #expect(!log.contents.plan.tailWasCut)
      #expect(disk.quarantined.map(\.value) == [Array(bytes[segment.frames[1]])])
      _ = try log.commit(LogFixture.records((6 + opening)...(6 + opening)))
    }
    let after = try #require(disk.contents(of: segment.name.fileName))
    #expect(after == bytes + bytes[segment.frames[2]], "a damaged segment gets nothing but its last frame once more")
  }

  @Test func aTornTailIsKeptThenCutAndRememberedUntilTheNextFrame() throws {
    let disk = MemoryDisk()
    let segment = LogFixture.segment(frames: [2, 2])
    disk.place([UInt8](segment.bytes.dropLast(5)), as: segment.name.fileName)
    for _ in 1...2 {
      let recovered = Recovered()
      let log = try open(disk, recovered)
      #expect(recovered.order == [1, 2])
      #expect(log.contents.plan.tailWasCut)
      disk.crash(.losesUnsynced)
    }
    #expect(disk.quarantined.map(\.value) == [Array(segment.bytes[segment.frames[1]].dropLast(5))])
    let first = segment.frames[0]
    let kept = [UInt8](segment.bytes[..<first.upperBound] + segment.bytes[first])
    #expect(disk.contents(of: segment.name.fileName) == kept)
    var log = try open(disk)
    _ = try log.commit(LogFixture.records(3...3))
    #expect(try !open(disk).contents.plan.tailWasCut)
  }

  @Test func leftoversArePutAwayAndForeignFilesLeftAlone() throws {
    let disk = MemoryDisk()
    disk.place([1, 2], as: SegmentName(LogSequence(9)).temporaryFileName)
    disk.place([3], as: "notes.txt")
    let log = try open(disk)
    #expect(log.contents.foreignFiles == ["notes.txt"])
    #expect(try disk.list().sorted() == ["00000000000000000001.log", "notes.txt"])
  }

  @Test func readingOnlyChangesNothingAndToleratesAFrameBeingWritten() throws {
    let disk = MemoryDisk()
    let segment = LogFixture.segment(frames: [2, 2])
    let halfWritten = [UInt8](segment.bytes.dropLast(9))
    disk.place(halfWritten, as: segment.name.fileName)
    disk.place([], as: SegmentName(LogSequence(5)).temporaryFileName)
    let recovered = Recovered()
    let contents = try LogContents(of: disk, recovered: recovered.take)
    #expect(recovered.order == [1, 2])
    #expect(contents.plan.damage.isEmpty)
    #expect(contents.plan.tornTail != nil)
    #expect(disk.contents(of: segment.name.fileName) == halfWritten)
    #expect(disk.quarantined.isEmpty)
    #expect(try disk.list().count == 2)
  }

  /// The process that wrote it was killed, or its sync failed and the kernel counts the bytes as written.
  @Test(arguments: [false, true]) func whatOpeningHandedOutSurvivesAPowerCut(syncFailedBefore: Bool) throws {
    let disk = MemoryDisk()
    var log = try open(disk)
    _ = try log.commit(LogFixture.records(1...1))
    _ = try log.append(LogFixture.records(2...3))
    if syncFailedBefore {
      disk.fail(atOperation: 1, .before)
      #expect(throws: LogDiskError.self) { try log.sync() }
      disk.stopFailing()
    }
    let recovered = Recovered()
    _ = try open(disk, recovered)
    #expect(recovered.order == [1, 2, 3])
    disk.crash(.losesUnsynced)
    let afterPowerCut = Recovered()
    _ = try open(disk, afterPowerCut)
    #expect(afterPowerCut.order == [1, 2, 3])
  }

  @Test func nothingIsAppendedAfterAFailedSync() async {
    await #expect(processExitsWith: .failure) {
      let disk = MemoryDisk()
      var log = try SegmentLog(opening: disk, makeEpoch: { 1 }) { _, _ in }
      _ = try log.append(LogFixture.records(1...1))
      disk.fail(atOperation: 1, .before)
      do { try log.sync() } catch { disk.stopFailing() }
      _ = try log.append(LogFixture.records(2...2))
    }
  }

  @Test func nothingIsSyncedAfterAFailedAppend() async {
    await #expect(processExitsWith: .failure) {
      let disk = MemoryDisk()
      var log = try SegmentLog(opening: disk, makeEpoch: { 1 }) { _, _ in }
      disk.fail(atOperation: 1, .before)
      do { _ = try log.append(LogFixture.records(1...1)) } catch { disk.stopFailing() }
      try log.sync()
    }
  }

  /// A disk rewrites whole blocks: one with an acknowledged frame in it is never written to again.
  @Test func eachFrameButTheFirstBeginsABlockAndFillsItUp() throws {
    let disk = MemoryDisk()
    for opening in 0..<3 {
      var log = try open(disk)
      for number in 1...4 { _ = try log.commit(LogFixture.records((opening * 4 + number)...(opening * 4 + number))) }
      let scan = try #require(try log.scan(log.currentSegment)).scan
      let starts = scan.frames.map(\.byteOffset)
      #expect(starts.count == (opening + 1) * 4)
      #expect(starts.allSatisfy { $0 == SegmentHeader.byteCount || $0 % SegmentHeader.blockByteCount == 0 })
      #expect(try log.byteCount(of: log.currentSegment) % SegmentHeader.blockByteCount == 0)
    }
  }

  /// However often it starts and ends without a commit.
  @Test(arguments: [false, true]) func aStartWritesTheLastFrameOnceMoreAndNoMoreThanOnce(isPacked: Bool) throws {
    let disk = MemoryDisk()
    var log = try open(disk, isPacked: isPacked)
    _ = try log.commit(LogFixture.records(1...3))
    let once = try log.byteCount(of: log.currentSegment)
    for _ in 1...4 {
      let recovered = Recovered()
      let again = try open(disk, recovered, isPacked: isPacked)
      #expect(recovered.order == [1, 2, 3])
      #expect(again.contents.plan.damage.isEmpty && again.contents.plan.tornTail == nil)
      #expect(try again.byteCount(of: again.currentSegment) == 2 * once - (isPacked ? SegmentHeader.byteCount : 0))
    }
    var last = try open(disk, isPacked: isPacked)
    _ = try last.commit(LogFixture.records(4...4))
    let recovered = Recovered()
    #expect(try open(disk, recovered, isPacked: isPacked).contents.plan.damage.isEmpty)
    #expect(recovered.order == [1, 2, 3, 4])
  }

  private func open(
    _ disk: MemoryDisk, _ recovered: Recovered = Recovered(), segmentByteCount: Int = 16 << 20, isPacked: Bool = false
  ) throws -> SegmentLog<MemoryDisk> {
    try SegmentLog(
      opening: disk, segmentByteCount: segmentByteCount, isPacked: isPacked, makeEpoch: { LogFixture.epoch },
      recovered: recovered.take)
  }
}
