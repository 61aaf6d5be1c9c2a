import TelemetrySimulation
import Testing

@testable import TelemetryCore

/// What a log makes of blocks that the disk refuses to read.
struct UnreadableBlockTests {
  private static let segment = LogFixture.segment(frames: [2, 2, 2, 2], isPacked: false)
  private static let zeros = [UInt8](repeating: 0, count: 3 * UnreadableBlock.byteCount)

  /// A log of four blocks with a frame in each, and space not yet written, of which a block cannot be read.
  private static func disk(refusing block: Int) -> FaultyDisk {
    let disk = FaultyDisk(seed: 1)
    disk.place(segment.bytes + zeros, as: segment.name.fileName)
    disk.refuse(block * 8 + 3, of: segment.name.fileName)
    return disk
  }

  private static func open(_ disk: FaultyDisk) throws -> RecoveryPlan {
    try SegmentLog(opening: disk, makeEpoch: { 77 }, recovered: { _, _ in }).contents.plan
  }

  @Test func aBlockThatCannotBeReadIsNamedAndStandsInQuarantineUnderItsOwnWords() throws {
    let disk = Self.disk(refusing: 1)
    let plan = try Self.open(disk)
    let damage = try #require(plan.damage.first)
    #expect(damage.cause == .frame(.unreadable))
    #expect(damage.byteRange == 4_096..<8_192)
    #expect(damage.missing == MissingRecords(3, 4))
    #expect(
      damage.description
        == "00000000000000000001.log bytes 4096 ..< 8192: frame: the disk refuses to read it, records 3 … 4 are missing"
    )
    let (name, bytes) = try #require(disk.quarantined.first)
    #expect(name.hasPrefix("00000000000000000001.log.4096-8192."))
    #expect(String(decoding: bytes.prefix(33), as: UTF8.self) == "unreadable blockunreadable blocku")

    let again = try Self.open(disk)
    #expect(again.damage == plan.damage, "it is known by the same words at the next start")
    #expect(disk.quarantined.count == 1)
  }

  @Test func theHeadOfASegmentThatCannotBeReadCostsItsFirstFrame() throws {
    let plan = try Self.open(Self.disk(refusing: 0))
    #expect(plan.damage.map(\.cause) == [.segmentHeader(.unreadable), .frame(.unreadable)])
    #expect(plan.damage.last?.missing == MissingRecords(1, 2))
    #expect(plan.recordCount == 6)
  }

  /// Where zeros stood for it, the last frame would look like space that was never written.
  @Test(arguments: [3, 4, 5]) func anEndThatCannotBeReadIsNeverTakenForTheEnd(block: Int) throws {
    let disk = Self.disk(refusing: block)
    let plan = try Self.open(disk)
    #expect(plan.tailCut == .damage)
    #expect(plan.tornTail?.cause == .frame(.unreadable))
    #expect(plan.recordCount == (block == 3 ? 6 : 8))
    #expect(disk.quarantined.count == 1)
  }

  @Test func aFrameOfSeveralBlocksIsNamedByTheOneThatCannotBeRead() throws {
    let segment = LogFixture.segment(frames: [1, 1, 1], isPacked: false, byteCount: 9_000)
    let disk = FaultyDisk(seed: 1)
    disk.place(segment.bytes, as: segment.name.fileName)
    disk.refuse(4 * 8, of: segment.name.fileName)
    let damage = try Self.open(disk).damage
    #expect(damage.map(\.cause) == [.frame(.unreadable)])
    #expect(damage.first?.missing == MissingRecords(2, 2))
  }

  @Test func onlyTheBlockThatIsRefusedIsMarked() throws {
    let file = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    var asked: [Range<Int>] = []
    let read = try UnreadableBlock.read(100..<19_000) { range throws(LogDiskError) in
      asked.append(range)
      if (4_096..<8_192).contains(range.lowerBound) {
        throw LogDiskError(.read, path: "f", cause: .unreadable, reason: "Input/output error")
      }
      // As the kernel does, it gives what comes before the block that it cannot give.
      return [UInt8](file[range.lowerBound..<(range.lowerBound < 4_096 ? 4_096 : range.upperBound)])
    }
    #expect(read == Array(file[100..<4_096]) + UnreadableBlock.bytes(4_096..<8_192) + Array(file[8_192..<19_000]))
    #expect(asked == [100..<19_000, 4_096..<19_000, 8_192..<19_000])
  }

  @Test func aDiskThatRefusesManyBlocksHasFailed() throws {
    func read(refusing count: Int) throws -> [UInt8] {
      try UnreadableBlock.read(0..<((count + 1) * UnreadableBlock.byteCount)) { range throws(LogDiskError) in
        guard range.lowerBound >= count * UnreadableBlock.byteCount else {
          throw LogDiskError(.read, path: "f", cause: .unreadable, reason: "Input/output error")
        }
        return [UInt8](repeating: 1, count: range.count)
      }
    }
    #expect(try read(refusing: UnreadableBlock.countLimit).last == 1)
    #expect(throws: LogDiskError.self) { _ = try read(refusing: UnreadableBlock.countLimit + 1) }
  }

  @Test func anotherFailureOfTheDiskIsNoBlockThatCannotBeRead() {
    #expect(throws: LogDiskError.self) {
      _ = try UnreadableBlock.read(0..<10) { _ throws(LogDiskError) in
        throw LogDiskError(.read, path: "f", cause: .other, reason: "Permission denied")
      }
    }
  }
}
