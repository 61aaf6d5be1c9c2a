import TelemetrySimulation
import Testing

@testable import TelemetryCore

/// A log on a disk that does what disks may do when the power goes.
@Suite struct PowerCutTests {
  @Test func aFaultyDiskWithoutFaultsKeepsToTheContract() throws {
    #expect(try LogDiskContract.broken { FaultyDisk(seed: 1) } == [])
  }

  /// Frames of one to three records, and what of them was acknowledged.
  private struct Workload {
    /// Frames of some sectors each, so that a power cut can leave any part of one.
    static let recordByteCount = 1_500
    var acknowledged = 0
    private(set) var written = 0

    /// Commits until the process dies.
    mutating func run(on disk: FaultyDisk, isPacked: Bool = false, commits: Int = 4) {
      do throws(LogDiskError) {
        var log = try Self.open(disk, isPacked: isPacked) { _, _ in }
        for count in (0..<commits).map({ $0 % 3 + 1 }) {
          let next = Int(log.nextSequence.number)
          written = next + count - 1
          _ = try log.commit((next...written).map(Self.record))
          acknowledged = next + count - 1
        }
      } catch {
        #expect(error.operation != .list, "reading never fails here: \(error)")
      }
    }

    static func record(_ number: Int) -> LogRecord { LogFixture.record(number, byteCount: recordByteCount) }

    static func open(
      _ disk: FaultyDisk, isPacked: Bool = false, _ recovered: (LogSequence, LogRecord) -> Void
    ) throws(LogDiskError) -> SegmentLog<FaultyDisk> {
      try SegmentLog(
        opening: disk, segmentByteCount: 20_000, isPacked: isPacked, makeEpoch: { LogFixture.epoch },
        recovered: recovered)
    }

    /// The records that a start finds, and whether each is what was written under its number.
    static func found(on disk: FaultyDisk) throws -> (numbers: [Int], isFaithful: Bool) {
      let recovered = Recovered()
      var log = try open(disk, recovered.take)
      let next = Int(log.nextSequence.number)
      _ = try log.commit([record(next)])
      return (recovered.order, recovered.isFaithful(byteCount: recordByteCount))
    }
  }

  @Test func everyImageThatAPowerCutCanLeaveHasEverythingThatWasAcknowledged() throws {
    var images = 0
    for operation in 1... {
      let disk = FaultyDisk(seed: 7)
      var workload = Workload()
      disk.faults.stopsAtOperation = operation
      workload.run(on: disk)
      let isDone = disk.operationCount < operation
      disk.faults.stopsAtOperation = 0
      let undecided = disk.undecided
      let choices = undecided <= 10 ? UInt64(1) << UInt64(undecided) : 1 << 10
      var random = SeededRandom(seed: UInt64(operation))
      for choice in 0..<choices {
        let image = FaultyDisk(copying: disk, seed: choice)
        image.cutPower(keeping: undecided <= 10 ? choice : random.next())
        let (numbers, isFaithful) = try Workload.found(on: image)
        images += 1
        #expect(isFaithful, "operation \(operation), image \(choice)")
        #expect(Array(numbers.prefix(workload.acknowledged)) == Array(0..<workload.acknowledged).map { $0 + 1 })
        #expect(numbers.count <= workload.written, "operation \(operation), image \(choice)")
      }
      guard !isDone else { break }
    }
    print("\(images) crash images")
    #expect(images > 500)
  }

  @Test(arguments: UInt64(0)..<200)
  func powerCutsOneAfterTheOtherLoseNothingThatWasAcknowledged(seed: UInt64) throws {
    let disk = FaultyDisk(seed: seed)
    var random = SeededRandom(seed: seed &+ 1)
    for cut in 1...8 {
      var workload = Workload()
      disk.faults.failsOneIn = Int.random(in: 5...60, using: &random)
      workload.run(on: disk, commits: Int.random(in: 1...9, using: &random))
      disk.faults.failsOneIn = 0
      disk.cutPower()
      let (numbers, isFaithful) = try Workload.found(on: disk)
      #expect(isFaithful, "seed \(seed), cut \(cut)")
      #expect(
        Set(numbers).isSuperset(of: 1...max(1, workload.acknowledged)) || workload.acknowledged == 0, "seed \(seed)")
    }
  }

  /// Every sector of every block that was being written may be garbage, at a start as well as amid commits.
  @Test(arguments: UInt64(0)..<200)
  func garbageInWhatWasBeingWrittenLosesNothingThatWasAcknowledgedAndIsNamed(seed: UInt64) throws {
    let disk = FaultyDisk(seed: seed)
    var random = SeededRandom(seed: seed &+ 1)
    disk.faults.leavesGarbage = true
    var acknowledged = 0
    for cut in 1...6 {
      var workload = Workload()
      disk.faults.stopsAtOperation = disk.operationCount + Int.random(in: 1...14, using: &random)
      workload.run(on: disk, commits: 5)
      disk.faults.stopsAtOperation = 0
      acknowledged = max(acknowledged, workload.acknowledged)
      disk.cutPower()
      let recovered = Recovered()
      let plan = try Workload.open(disk, recovered.take).contents.plan
      #expect(recovered.isFaithful(byteCount: Workload.recordByteCount), "seed \(seed), cut \(cut)")
      #expect(
        Array(recovered.order.prefix(acknowledged)) == Array(0..<acknowledged).map { $0 + 1 },
        "seed \(seed), cut \(cut)")
      #expect(plan.damage.allSatisfy { $0.missing == nil }, "seed \(seed), cut \(cut): \(plan.damage)")
      acknowledged = recovered.order.count
    }
  }

  /// Frames that share a block with the one that was being written may go with it: the readings' promise.
  @Test(arguments: UInt64(0)..<200)
  func inAPackedLogGarbageCostsNoMoreThanTheBlocksThatWereBeingWrittenAndIsNamed(seed: UInt64) throws {
    let disk = FaultyDisk(seed: seed)
    var random = SeededRandom(seed: seed &+ 1)
    disk.faults.leavesGarbage = true
    var workload = Workload()
    workload.run(on: disk, isPacked: true, commits: 7)
    let before = workload.acknowledged
    disk.faults.stopsAtOperation = disk.operationCount + Int.random(in: 1...12, using: &random)
    workload.run(on: disk, isPacked: true, commits: 4)
    disk.faults.stopsAtOperation = 0
    disk.cutPower()
    let recovered = Recovered()
    let plan = try Workload.open(disk, isPacked: true, recovered.take).contents.plan
    #expect(recovered.isFaithful(byteCount: Workload.recordByteCount), "seed \(seed)")
    let lost = max(before, workload.acknowledged) - recovered.order.count
    // A block of 4,096 bytes has parts of three such records, which may be of as many frames of at most three.
    #expect(lost <= 6, "seed \(seed): \(lost) records")
    #expect(lost <= 0 || plan.tailWasCut || !plan.damage.isEmpty, "seed \(seed): a loss that nobody names")
  }

  @Test(arguments: UInt64(0)..<100)
  func aFullDiskLosesNothingThatWasAcknowledged(seed: UInt64) throws {
    let disk = FaultyDisk(seed: seed)
    var random = SeededRandom(seed: seed)
    disk.faults.capacity = Int.random(in: 40...1_500, using: &random)
    var workload = Workload()
    workload.run(on: disk, commits: 20)
    disk.faults.capacity = .max
    let (numbers, isFaithful) = try Workload.found(on: disk)
    #expect(isFaithful && numbers.count >= workload.acknowledged, "seed \(seed)")
  }

  /// One bit of 97 bytes, one cut of 61, and every sector; `dersim prove` tries every one.
  @Test func everyFlippedBitEveryCutAndGarbageOrNothingInAnySectorCostsOneFrameAtMost() {
    let report = LogProof(byteCount: 64 << 10, seed: 64).run(bitStride: 97 * 8 + 1, cutStride: 61)
    #expect(report.violations == [])
    #expect(report.flips > 600 && report.cuts > 1_000 && report.sectors == 128 && report.mostFramesLost == 1)
    #expect(report.refusedSectors == 144)
  }

  /// A sector holds parts of some frames here; a bit and a cut cost one all the same.
  @Test func inAPackedLogASectorCostsTheFramesInIt() {
    let report = LogProof(byteCount: 16 << 10, isPacked: true, seed: 64).run(bitStride: 97 * 8 + 1, cutStride: 61)
    #expect(report.violations == [])
    #expect(report.flips > 150 && report.cuts > 250 && report.sectors >= 30 && report.mostFramesLost > 1)
  }
}
