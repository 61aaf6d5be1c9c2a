import TelemetrySimulation
import Testing

@testable import TelemetryCore

/// Zeros ahead of the frames, and what a log does on a full disk.
@Suite struct SegmentRoomTests {
  private func open(
    _ disk: MemoryDisk, _ recovered: Recovered = Recovered(), segmentByteCount: Int = 16 << 20
  ) throws -> SegmentLog<MemoryDisk> {
    try SegmentLog(
      opening: disk, segmentByteCount: segmentByteCount, isPacked: true, makeEpoch: { LogFixture.epoch },
      recovered: recovered.take)
  }

  private func byteCount(_ disk: MemoryDisk, _ segment: SegmentName) -> Int {
    disk.contents(of: segment.fileName)?.count ?? 0
  }

  @Test func aCommitWithinTheZerosMakesNoFileLonger() throws {
    let disk = MemoryDisk()
    var log = try open(disk)
    try log.fillAhead(1_000)
    let filled = byteCount(disk, log.currentSegment)
    #expect(filled == SegmentHeader.byteCount + 1_000)
    for number in 1...4 {
      _ = try log.commit(LogFixture.records(number...number))
      #expect(byteCount(disk, log.currentSegment) == filled)
    }
    try log.fillAhead(1_000)
    #expect(byteCount(disk, log.currentSegment) == filled, "there are enough of them still")
    for number in 5...8 { _ = try log.commit(LogFixture.records(number...number)) }
    try log.fillAhead(1_000)
    #expect(byteCount(disk, log.currentSegment) > filled)
  }

  @Test func zerosAreACleanEndAndAreWrittenOver() throws {
    let disk = MemoryDisk()
    for opening in 0..<5 {
      let recovered = Recovered()
      var log = try open(disk, recovered)
      #expect(recovered.order == Array(1..<(opening + 1)))
      #expect(log.contents.plan.damage.isEmpty)
      #expect(log.contents.plan.tornTail == nil)
      _ = try log.commit(LogFixture.records((opening + 1)...(opening + 1)))
      try log.fillAhead(500)
      disk.crash(.losesUnsynced)
    }
    #expect(try disk.list().count == 1)
  }

  @Test func zerosNeverMakeASegmentLongerThanItMayBe() throws {
    let disk = MemoryDisk()
    var log = try open(disk, segmentByteCount: 400)
    for number in 1...20 {
      _ = try log.commit(LogFixture.records(number...number))
      try log.fillAhead(1_000)
      for name in try disk.list() { #expect((disk.contents(of: name)?.count ?? 0) <= 400) }
    }
    let recovered = Recovered()
    _ = try open(disk, recovered, segmentByteCount: 400)
    #expect(recovered.order == Array(1...20))
  }

  /// What was acknowledged is not touched, and the same records get the same numbers.
  @Test(arguments: 0...220) func whatFoundNoRoomIsCommittedInANewSegmentOnceThereIsSome(room: Int) throws {
    let volume = MemoryVolume(capacity: 100_000)
    let disk = MemoryDisk(on: volume)
    var log = try open(disk)
    for number in 1...3 { _ = try log.commit(LogFixture.records(number...number)) }
    volume.capacity = 100_000 - volume.freeByteCount + room
    var failures = 0
    for number in 4...6 {
      do throws(LogDiskError) {
        _ = try log.commit(LogFixture.records(number...number))
      } catch {
        #expect(error.cause == .noSpace)
        failures += 1
        volume.capacity += 10_000
        let again = try log.recommit(LogFixture.records(number...number))
        #expect(again == LogSequence(UInt64(number))...LogSequence(UInt64(number)))
      }
    }
    #expect(failures == 1)
    disk.crash(.losesUnsynced)
    let recovered = Recovered()
    let reopened = try open(disk, recovered)
    #expect(recovered.order == Array(1...6))
    #expect(recovered.isFaithful)
    #expect(reopened.contents.plan.damage.isEmpty)
    #expect(!reopened.contents.plan.tailWasCut)
  }

  @Test func whereThereIsStillNoRoomItCanBeTriedAgain() throws {
    let volume = MemoryVolume(capacity: 150)
    let disk = MemoryDisk(on: volume)
    var log = try open(disk)
    _ = try log.commit(LogFixture.records(1...1))
    #expect(throws: LogDiskError.self) { _ = try log.commit(LogFixture.records(2...2)) }
    for _ in 1...3 { #expect(throws: LogDiskError.self) { _ = try log.recommit(LogFixture.records(2...2)) } }
    volume.capacity = 10_000
    #expect(try log.recommit(LogFixture.records(2...3)) == LogSequence(2)...LogSequence(3))
    let recovered = Recovered()
    let reopened = try open(disk, recovered)
    #expect(recovered.order == [1, 2, 3])
    #expect(reopened.contents.plan.damage.isEmpty)
  }

  /// Whatever operation the power cut meets, what was acknowledged is there, each record once.
  @Test(arguments: MemoryDisk.Failure.allCases) func aPowerCutWhileGoingOnInANewSegmentLosesNothing(
    failure: MemoryDisk.Failure
  ) throws {
    for operation in 1... {
      let volume = MemoryVolume(capacity: 100_000)
      let disk = MemoryDisk(on: volume)
      var log = try open(disk)
      for number in 1...3 { _ = try log.commit(LogFixture.records(number...number)) }
      volume.capacity = 100_000 - volume.freeByteCount + 30
      #expect(throws: LogDiskError.self) { _ = try log.commit(LogFixture.records(4...4)) }
      volume.capacity = 100_000
      disk.fail(atOperation: operation, failure)
      var acknowledged = 3
      do throws(LogDiskError) {
        _ = try log.recommit(LogFixture.records(4...4))
        acknowledged = 4
      } catch {
        #expect(disk.hasFailed)
      }
      let isDone = !disk.hasFailed
      disk.stopFailing()
      disk.crash(.losesUnsynced)
      let recovered = Recovered()
      _ = try open(disk, recovered)
      #expect(recovered.order.count >= acknowledged, "operation \(operation)")
      #expect(recovered.order == Array(1...recovered.order.count), "operation \(operation)")
      #expect(recovered.isFaithful)
      if isDone { return }
    }
  }

  @Test func segmentsBeforeAnotherAreNeitherReadNorTouched() throws {
    let disk = MemoryDisk()
    var log = try open(disk, segmentByteCount: 300)
    for number in 1...12 { _ = try log.commit(LogFixture.records(number...number)) }
    let names = try LogContents.segmentNames(on: disk)
    try #require(names.count > 3)
    disk.place([1, 2, 3], as: names[0].fileName)
    let recovered = Recovered()
    let later = try SegmentLog(
      opening: disk, segmentByteCount: 300, isPacked: true, makeEpoch: { 1 }, from: names[1], recovered: recovered.take)
    #expect(recovered.order == Array(Int(names[1].segmentFirstSequence.number)...12))
    #expect(later.contents.plan.damage.isEmpty)
    #expect(later.contents.segments == names)
    #expect(disk.contents(of: names[0].fileName) == [1, 2, 3])
    #expect(disk.quarantined.isEmpty)
  }
}
