import TelemetrySimulation
import Testing

@testable import TelemetryCore

/// A log of several segments, damaged in every way, opened, appended to and opened again.
struct LogDamageTests {
  private let segments: [LogFixture.Segment]

  init() {
    let first = LogFixture.segment(frames: [1, 3])
    let second = LogFixture.segment(first: 5, frames: [2, 2], epoch: 2, previousChecksum: first.lastChecksum)
    let third = LogFixture.segment(first: 9, frames: [1, 2], epoch: 3, previousChecksum: second.lastChecksum)
    segments = [first, second, third]
  }

  /// With zeros behind each segment, as where the space had been filled before it was written to.
  @Test(arguments: [0, 200]) func aLogWithAnyByteDamagedOpensLosesOneFrameAndGoesOn(zeros: Int) throws {
    let zeros = [UInt8](repeating: 0, count: zeros)
    for (index, segment) in segments.enumerated() {
      for byte in segment.bytes.indices {
        let disk = disk(zeros)
        disk.place(segment.flipping(bit: byte * 8 + byte % 8) + zeros, as: segment.name.fileName)
        let plan = try expectGoesOn(disk, "segment \(index) byte \(byte)")
        let frame = segment.frames.firstIndex { $0.contains(byte) }
        let lost = frame.map { segment.sequences[$0].count } ?? 0
        #expect(plan.recordCount == UInt64(11 - lost))
        let isLast = index == 2 && frame == 1
        #expect(plan.tailWasCut == isLast)
        #expect(plan.damage.count == (isLast ? 0 : 1))
        #expect(disk.quarantined.count == 1)
      }
    }
  }

  @Test(arguments: [0, 200]) func aLogWithAnySegmentCutAnywhereOpensAndGoesOn(zeros: Int) throws {
    let zeros = [UInt8](repeating: 0, count: zeros)
    for (index, segment) in segments.enumerated() {
      for length in 0..<segment.bytes.count {
        let disk = disk(zeros)
        disk.place([UInt8](segment.bytes.prefix(length)) + zeros, as: segment.name.fileName)
        let plan = try expectGoesOn(disk, "segment \(index) cut at \(length)")
        #expect(index == 2 || !plan.damage.isEmpty, "a cut before the last segment is never overlooked")
      }
    }
  }

  @Test func aLogWithoutAnyOfItsSegmentsOpensAndGoesOn() throws {
    for segment in segments {
      let disk = disk()
      disk.lose(segment.name.fileName)
      let plan = try expectGoesOn(disk, "without \(segment.name)")
      #expect(plan.damage.count == (segment.name == segments[1].name ? 1 : 0))
    }
  }

  @Test(arguments: UInt64(0)..<150) func aLogThatWasMangledOpensAndGoesOn(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let disk = disk()
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let segment = segments[Int.random(in: 0..<3, using: &random)]
      var bytes = disk.contents(of: segment.name.fileName) ?? segment.bytes
      mangle(&bytes, &random)
      disk.place(bytes, as: segment.name.fileName)
    }
    try expectGoesOn(disk, "seed \(seed)")
  }

  private func mangle(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    let start = Int.random(in: 0...bytes.count, using: &random)
    let end = Int.random(in: start...bytes.count, using: &random)
    let other = segments[Int.random(in: 0..<3, using: &random)].bytes
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes.removeSubrange(start..<end)
    case 1: bytes.replaceSubrange(start..<end, with: [UInt8](repeating: 0, count: end - start))
    case 2: bytes.replaceSubrange(start..<end, with: random.bytes(count: end - start))
    case 3: bytes.insert(contentsOf: random.bytes(count: 30), at: start)
    case 4: bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &random))
    default: bytes.insert(contentsOf: other, at: start)
    }
  }

  private func disk(_ zeros: [UInt8] = []) -> MemoryDisk {
    let disk = MemoryDisk()
    for segment in segments { disk.place(segment.bytes + zeros, as: segment.name.fileName) }
    return disk
  }

  /// Opens it, appends, cuts the power and opens again: what was readable still is, and so is what was appended.
  @discardableResult
  private func expectGoesOn(_ disk: MemoryDisk, _ place: String) throws -> RecoveryPlan {
    let before = Recovered()
    var log = try open(disk, before)
    #expect(before.isFaithful, "\(place)")
    let next = Int(log.nextSequence.number)
    _ = try log.commit([LogFixture.record(next)])
    disk.crash(.losesUnsynced)

    let after = Recovered()
    let again = try open(disk, after)
    #expect(after.order == before.order + [next], "\(place)")
    #expect(after.isFaithful, "\(place)")
    #expect(!again.contents.plan.tailWasCut, "\(place)")
    #expect(again.contents.plan.tornTail == nil, "\(place)")
    return log.contents.plan
  }

  private func open(_ disk: MemoryDisk, _ recovered: Recovered) throws -> SegmentLog<MemoryDisk> {
    try SegmentLog(opening: disk, makeEpoch: { 77 }, recovered: recovered.take)
  }
}
