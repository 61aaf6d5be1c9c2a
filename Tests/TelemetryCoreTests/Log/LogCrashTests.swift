import TelemetrySimulation
import Testing

@testable import TelemetryCore

/// A workload on a disk that fails or loses its power at every place, reopened each time.
struct LogCrashTests {
  @Test(arguments: MemoryDisk.Failure.allCases, [(false, false), (false, true), (true, false), (true, true)])
  func whateverOperationFailsNothingAcknowledgedIsLost(
    failure: MemoryDisk.Failure, and circumstances: (powerIsCut: Bool, isPacked: Bool)
  ) throws {
    let (powerIsCut, isPacked) = circumstances
    for operation in 1... {
      let disk = MemoryDisk()
      try damageBeforehand(disk)
      var workload = Workload(isPacked: isPacked)
      disk.fail(atOperation: operation, failure)
      workload.run(on: disk)
      let isDone = !disk.hasFailed
      disk.stopFailing()
      if powerIsCut { disk.crash(.losesUnsynced) }
      try workload.expectKept(on: disk, "operation \(operation)")
      guard !isDone else {
        #expect(operation > 40, "a run of the workload is that many operations")
        return
      }
    }
  }

  /// The second opening meets a fault as well: recovery is interrupted anywhere and begun again.
  @Test(arguments: MemoryDisk.Failure.allCases)
  func recoveryCanBeInterruptedAnywhere(failure: MemoryDisk.Failure) throws {
    for operation in 1... {
      let disk = MemoryDisk()
      var workload = Workload(isPacked: operation.isMultiple(of: 2))
      disk.fail(atOperation: 20, .before)
      workload.run(on: disk)
      #expect(disk.hasFailed)
      try tearTail(disk)
      disk.fail(atOperation: operation, failure)
      var hadFinished = false
      do throws(LogDiskError) {
        let log = try workload.open(disk)
        hadFinished = true
        #expect(log.contents.plan.tailWasCut)
      } catch {
        #expect(disk.hasFailed)
      }
      disk.crash(.losesUnsynced)
      let log = try workload.open(disk)
      #expect(log.contents.plan.tailWasCut, "operation \(operation): a cut is never forgotten")
      #expect(disk.quarantined.count == 1)
      try workload.expectKept(on: disk, "operation \(operation)")
      if hadFinished, !disk.hasFailed { return }
    }
  }

  @Test(arguments: UInt64(0)..<100) func everyAcknowledgedRecordSurvivesPowerCuts(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let disk = MemoryDisk()
    var workload = Workload(isPacked: seed.isMultiple(of: 2))
    for cut in 1...6 {
      disk.fail(atOperation: Int.random(in: 1...60, using: &random), .before)
      workload.run(on: disk)
      disk.stopFailing()
      disk.crash(using: &random)
      try workload.expectKept(on: disk, "seed \(seed), power cut \(cut)")
    }
  }

  private func damageBeforehand(_ disk: MemoryDisk) throws {
    let segment = LogFixture.segment(frames: [2, 2, 2])
    var bytes = segment.bytes
    bytes[segment.frames[1].lowerBound + 60] ^= 4
    disk.place([UInt8](bytes.dropLast(3)), as: segment.name.fileName)
  }

  private func tearTail(_ disk: MemoryDisk) throws {
    let name = try #require(disk.list().filter { SegmentName(fileName: $0) != nil }.max())
    let bytes = try #require(disk.contents(of: name))
    disk.place(bytes + [1, 2, 3], as: name)
  }
}

/// Frames of one to three records in small segments, and what of them was acknowledged.
private struct Workload {
  private var acknowledged: Set<Int> = []
  private let isPacked: Bool

  init(isPacked: Bool) { self.isPacked = isPacked }

  /// Opens, commits, and stops at the first error, as a process would.
  mutating func run(on disk: MemoryDisk) {
    do throws(LogDiskError) {
      var log = try open(disk)
      for count in [1, 3, 2, 1, 2, 3, 1, 1, 2] {
        let next = Int(log.nextSequence.number)
        let numbers = next...(next + count - 1)
        acknowledged.subtract(numbers)
        let sequences = try log.append(LogFixture.records(numbers))
        #expect(Int(sequences.lowerBound.number) == next)
        try log.sync()
        acknowledged.formUnion(numbers)
        try log.fillAhead(isPacked ? 150 : 6_000)
      }
    } catch {
      #expect(disk.hasFailed, "\(error)")
    }
  }

  func open(_ disk: MemoryDisk, _ recovered: Recovered = Recovered()) throws(LogDiskError) -> SegmentLog<MemoryDisk> {
    try SegmentLog(
      opening: disk, segmentByteCount: isPacked ? 400 : 13_000, isPacked: isPacked, makeEpoch: { LogFixture.epoch },
      recovered: recovered.take)
  }

  /// Opens without a fault, and once more after a power cut.
  func expectKept(on disk: MemoryDisk, _ place: String) throws {
    for _ in 1...2 {
      let recovered = Recovered()
      let log = try open(disk, recovered)
      #expect(recovered.isFaithful, "\(place)")
      #expect(acknowledged.isSubset(of: recovered.order), "\(place): lost \(acknowledged.subtracting(recovered.order))")
      #expect(Int(log.nextSequence.number) > recovered.order.last ?? 0)
      disk.crash(.losesUnsynced)
    }
  }
}
