import TelemetrySimulation
import Testing

@testable import TelemetryCore

/// What a kill or a power cut leaves of the last write, and what it never leaves.
@Suite struct UnfinishedWriteTests {
  /// A frame of five sectors behind two others, and the space filled with zeros.
  private static let zeros = [UInt8](repeating: 0, count: 5_000)

  static func segment(isPacked: Bool) -> LogFixture.Segment {
    LogFixture.segment(frames: [1, 2, 3], isPacked: isPacked, byteCount: 700)
  }

  private func scan(_ segment: LogFixture.Segment, _ bytes: [UInt8]) -> LogScan {
    LogScan(segment.name, bytes: bytes + Self.zeros)
  }

  @Test(arguments: [false, true]) func whatAKilledProcessHadBegunToWriteIsAWriteThatWasCutOff(isPacked: Bool) {
    let segment = Self.segment(isPacked: isPacked)
    let last = segment.frames[2]
    for length in (last.lowerBound + 1)...(last.upperBound - FrameHeader.checksumByteCount) {
      let scan = scan(segment, [UInt8](segment.bytes[..<length]))
      #expect(scan.damage.isEmpty && scan.numbers == Array(segment.sequences.dropLast()))
      #expect(scan.tornTail?.cause == .unfinishedWrite, "cut at \(length)")
      let ends = LogScan(segment.name, bytes: [UInt8](segment.bytes[..<length]))
      #expect(ends.tornTail?.cause == .unfinishedWrite, "the file ends at \(length)")
    }
  }

  @Test(arguments: [false, true]) func aSectorThatAPowerCutKeptFromTheDiskIsAWriteThatWasCutOff(isPacked: Bool) {
    let segment = Self.segment(isPacked: isPacked)
    let last = segment.frames[2]
    for sector in (last.lowerBound / 512)...((last.upperBound - 1) / 512) {
      var bytes = segment.bytes
      for index in (sector * 512..<(sector + 1) * 512).clamped(to: last) { bytes[index] = 0 }
      let scan = scan(segment, bytes)
      #expect(scan.numbers == Array(segment.sequences.dropLast()))
      #expect(scan.tornTail?.cause == .unfinishedWrite, "sector \(sector)")
    }
  }

  @Test(arguments: [false, true]) func aFlippedBitInTheLastFrameIsNeverTakenForAWriteThatWasCutOff(isPacked: Bool) {
    let segment = Self.segment(isPacked: isPacked)
    let last = segment.frames[2]
    for bit in (last.lowerBound * 8)..<(last.upperBound * 8) {
      guard case .frame? = scan(segment, segment.flipping(bit: bit)).tornTail?.cause else {
        Issue.record("bit \(bit)")
        continue
      }
    }
  }

  @Test(arguments: UInt64(0)..<100, [false, true])
  func garbageInASectorOfTheLastFrameIsNeverTakenForAWriteThatWasCutOff(seed: UInt64, isPacked: Bool) {
    let segment = Self.segment(isPacked: isPacked)
    let last = segment.frames[2]
    var random = SeededRandom(seed: seed)
    for sector in (last.lowerBound / 512)...((last.upperBound - 1) / 512) {
      var bytes = segment.bytes
      let range = (sector * 512..<(sector + 1) * 512).clamped(to: last)
      bytes.replaceSubrange(range, with: random.bytes(count: range.count))
      guard case .frame? = scan(segment, bytes).tornTail?.cause else {
        Issue.record("seed \(seed), sector \(sector)")
        continue
      }
    }
  }

  /// A record may be zeros to its end, and so look as if it went on where the write had stopped.
  @Test func aRecordOfZerosDoesNotMakeAFrameLookCutOff() {
    var bytes = LogFixture.segment(frames: [1]).bytes
    let checksum = CommitFrame.checksum(of: bytes)
    let start = bytes.count
    bytes += CommitFrame.encode(
      [LogRecord(kind: 9, payload: [UInt8](repeating: 0, count: 64))], firstSequence: LogSequence(2),
      epoch: LogFixture.epoch, previousChecksum: checksum)
    for bit in (start * 8)..<(bytes.count * 8) {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      let cause = LogScan(SegmentName(LogSequence(1)), bytes: flipped + Self.zeros).tornTail?.cause
      #expect(cause != nil && cause != .unfinishedWrite, "bit \(bit)")
    }
  }

  @Test func whatLaterRecordsFollowHadBeenAcknowledgedAndIsDamage() {
    let first = Self.segment(isPacked: false)
    let torn = scan(first, [UInt8](first.bytes[..<(first.frames[2].lowerBound + 900)]))
    let next = LogFixture.segment(first: 7, frames: [1], epoch: 2, previousChecksum: first.lastChecksum)
    let plan = RecoveryPlan([torn, next.scan])
    #expect(plan.damage.map(\.cause) == [.frame(.truncated)])
    #expect(plan.damage.map(\.missing) == [MissingRecords(4, 6)])
    #expect(plan.tailCut == nil)
  }

  @Test func withoutTheSegmentsHeaderNobodyKnowsAndItIsDamage() {
    let segment = Self.segment(isPacked: false)
    var bytes = [UInt8](segment.bytes[..<(segment.frames[2].lowerBound + 900)])
    bytes[3] ^= 1
    #expect(RecoveryPlan([scan(segment, bytes)]).tailCut == .damage)
  }

  /// Over restarts too, until something has been committed behind the cut.
  @Test func whatWasCutIsRememberedAsWhatItWas() throws {
    for cut in [TailCut.unfinishedWrite, .damage] {
      let segment = Self.segment(isPacked: false)
      let last = segment.frames[2]
      let disk = MemoryDisk()
      let torn =
        cut == .damage
        ? segment.flipping(bit: last.lowerBound * 8 + 900) : [UInt8](segment.bytes[..<(last.upperBound - 90)])
      disk.place(torn + Self.zeros, as: segment.name.fileName)
      for _ in 1...3 {
        let log = try SegmentLog(opening: disk, makeEpoch: { 5 }, recovered: { _, _ in })
        #expect(log.contents.plan.tailCut == cut)
        let damages = LedgerDamage.new(log.contents, known: [])
        #expect(damages.map(\.isUnfinishedWrite) == [cut == .unfinishedWrite])
        disk.crash(.losesUnsynced)
      }
    }
  }
}
