import Testing

@testable import TelemetryCore

struct LogScanTests {
  private let log = LogFixture.segment(frames: [1, 3, 2, 5, 1])

  @Test func aWholeSegmentIsCleanWithAndWithoutSpaceBehind() {
    #expect(log.scan.verdict == .clean)
    #expect(log.scan.numbers == log.sequences)
    #expect(log.scan.nextSequence == LogSequence(13))
    let filled = LogScan(log.name, bytes: log.bytes + [UInt8](repeating: 0, count: 500))
    #expect(filled.verdict == .clean)
    #expect(filled.endOfFrames == log.bytes.count)
    #expect(LogFixture.segment(frames: []).scan.verdict == .clean)
  }

  /// With zeros behind it, as where the space had been filled before it was written to.
  @Test(arguments: [0, 300]) func everyTruncationKeepsTheWholeFramesAndNamesTheRest(zeros: Int) {
    let zeros = [UInt8](repeating: 0, count: zeros)
    for length in 0..<log.bytes.count {
      let scan = LogScan(log.name, bytes: [UInt8](log.bytes.prefix(length)) + zeros)
      let whole = log.frames.filter { $0.upperBound <= length }.count
      #expect(scan.numbers == Array(log.sequences.prefix(whole)), "cut at \(length)")
      if length < SegmentHeader.byteCount {
        #expect(scan.damage.count == 1)
        if zeros.isEmpty { #expect(scan.damage.map(\.cause) == [.segmentHeader(.truncated)]) }
        continue
      }
      let end = log.frames.prefix(whole).last?.upperBound ?? SegmentHeader.byteCount
      guard length > end else {
        #expect(scan.verdict == .clean, "nothing tells that a log cut between frames was longer")
        continue
      }
      let isHeaderThere = length - end >= FrameHeader.byteCount
      let lost = log.sequences[whole]
      #expect(scan.damage.isEmpty)
      #expect(scan.tornTail?.byteRange.lowerBound == end, "cut at \(length)")
      #expect(scan.tornTail?.missing?.first == LogSequence(UInt64(lost.lowerBound)))
      guard zeros.isEmpty else { continue }
      #expect(scan.tornTail?.missing == MissingRecords(lost.lowerBound, isHeaderThere ? lost.upperBound : nil))
    }
  }

  @Test func aFlippedBitInTheSpaceBehindLosesNothingAndIsNamed() {
    for bit in 0..<(200 * 8) {
      var bytes = log.bytes + [UInt8](repeating: 0, count: 200)
      bytes[log.bytes.count + bit / 8] ^= 1 << UInt8(bit % 8)
      let scan = LogScan(log.name, bytes: bytes)
      #expect(scan.numbers == log.sequences)
      let byte = log.bytes.count + bit / 8
      #expect(scan.tornTail?.byteRange == byte..<(byte + 1))
    }
  }

  @Test(arguments: [0, 300]) func everyFlippedBitCostsAtMostOneFrameAndIsNamed(zeros: Int) {
    for bit in 0..<(log.bytes.count * 8) {
      let scan = LogScan(log.name, bytes: log.flipping(bit: bit) + [UInt8](repeating: 0, count: zeros))
      #expect(scan.verdict != .clean, "bit \(bit)")
      guard let hit = log.frames.firstIndex(where: { $0.contains(bit / 8) }) else {
        #expect(scan.numbers == log.sequences, "bit \(bit) of the segment header")
        #expect(scan.damage.count == 1)
        continue
      }
      let lost = log.sequences[hit]
      #expect(scan.numbers == log.sequences.filter { $0 != lost }, "bit \(bit)")
      let isLast = hit == log.frames.count - 1
      #expect(scan.damage.count == (isLast ? 0 : 1), "bit \(bit)")
      let damage = isLast ? scan.tornTail : scan.damage.first
      #expect(damage?.byteRange == log.frames[hit], "bit \(bit)")
      #expect(damage?.missing?.first == LogSequence(UInt64(lost.lowerBound)))
      let isHeaderHit = bit / 8 < log.frames[hit].lowerBound + FrameHeader.byteCount
      let last = isLast && isHeaderHit ? nil : LogSequence(UInt64(lost.upperBound))
      #expect(damage?.missing?.last == last, "bit \(bit)")
    }
  }

  @Test func aFrameThatIsGoneNamesItsRecordsThoughNothingIsThereToKeep() {
    var bytes = log.bytes
    for index in log.frames[3] { bytes[index] = 0 }
    let scan = LogScan(log.name, bytes: bytes)
    #expect(scan.damage.map(\.cause) == [.missingRecords])
    #expect(scan.damage.map(\.missing) == [MissingRecords(7, 11)])
  }

  @Test func aDamagedFrameInTheMiddleNamesItsRecordsExactly() {
    let hit = log.frames[3]
    var bytes = log.bytes
    for index in hit { bytes[index] = 1 }
    let scan = LogScan(log.name, bytes: bytes)
    let damage = LogDamage(
      segment: log.name, byteRange: hit, cause: .frame(.wrongMagic), missing: MissingRecords(7, 11))
    #expect(scan.verdict == .damaged([damage]))
    #expect(
      damage.description == "\(log.name) bytes \(hit.lowerBound) ..< \(hit.upperBound): "
        + "frame: does not begin as it should, records 7 … 11 are missing")
  }

  @Test func aTornTailThatLiesBeforeZerosIsNamedWithoutThem() {
    let last = log.frames[4]
    let torn = log.bytes.prefix(last.lowerBound + 50) + [UInt8](repeating: 0, count: 300)
    let scan = LogScan(log.name, bytes: [UInt8](torn))
    #expect(scan.damage.isEmpty)
    #expect(scan.tornTail?.byteRange == last.lowerBound..<(last.lowerBound + 50))
    #expect(scan.tornTail?.missing == MissingRecords(12, 12))
  }

  @Test func bytesOfAnotherEpochAreNoFrames() {
    let stale = LogFixture.segment(first: 13, frames: [2, 2], epoch: 99)
    let tail = stale.bytes.dropFirst(SegmentHeader.byteCount)
    let behind = LogScan(log.name, bytes: log.bytes + tail)
    #expect(behind.numbers == log.sequences)
    #expect(behind.tornTail?.cause == .frame(.otherEpoch(99)))

    var between = log.bytes
    between.replaceSubrange(log.frames[3].lowerBound..<(log.frames[3].lowerBound + 150), with: tail.prefix(150))
    let scan = LogScan(log.name, bytes: between)
    #expect(scan.numbers == [1...1, 2...4, 5...6, 12...12])
    #expect(scan.damage.map(\.missing) == [MissingRecords(7, 11)])
  }

  @Test func zerosBetweenFramesAreNothing() {
    let spaced = LogFixture.segment(frames: [1, 3, 2], isPacked: false)
    #expect(spaced.frames.dropFirst().allSatisfy { $0.lowerBound.isMultiple(of: SegmentHeader.blockByteCount) })
    #expect(spaced.scan.verdict == .clean)
    #expect(spaced.scan.numbers == spaced.sequences)
    #expect(spaced.scan.endOfFrames == spaced.frames[2].upperBound)
  }

  @Test func aFlippedBitBetweenFramesLosesNothingAndIsNamed() {
    let spaced = LogFixture.segment(frames: [1, 3, 2], isPacked: false)
    for byte in stride(from: spaced.frames[0].upperBound, to: spaced.frames[1].lowerBound, by: 67) {
      let scan = LogScan(spaced.name, bytes: spaced.flipping(bit: byte * 8 + 3))
      #expect(scan.numbers == spaced.sequences)
      #expect(scan.damage.map(\.missing) == [nil])
      #expect(scan.damage.map(\.byteRange.lowerBound) == [byte])
    }
  }

  /// A start writes the last frame once more, behind itself.
  @Test func aFrameThatStandsThereTwiceInARowIsOne() {
    let doubled = log.bytes + log.bytes[log.frames[4]]
    let scan = LogScan(log.name, bytes: doubled)
    #expect(scan.verdict == .clean)
    #expect(scan.numbers == log.sequences)
    #expect(scan.frames.map(\.isRepeated) == [false, false, false, false, true])
    let next = LogFixture.segment(first: 13, frames: [2], previousChecksum: log.lastChecksum)
    let more = LogScan(log.name, bytes: doubled + next.bytes.dropFirst(SegmentHeader.byteCount))
    #expect(more.verdict == .clean)
    #expect(more.numbers == log.sequences + [13...14])
  }

  @Test func ofAFrameThatStandsThereTwiceEitherMayBeDamaged() {
    let frame = log.frames[4]
    let doubled = log.bytes + log.bytes[frame]
    for byte in frame.lowerBound..<doubled.count {
      var bytes = doubled
      bytes[byte] ^= 8
      let scan = LogScan(log.name, bytes: bytes)
      #expect(scan.numbers == log.sequences, "byte \(byte)")
      let found = scan.damage + [scan.tornTail].compactMap(\.self)
      #expect(found.count == 1)
      #expect(found.allSatisfy { $0.missing.map { $0.last == nil } ?? true }, "no record is missing")
    }
  }

  @Test func framesThatWerePassedAlreadyAreNoFrames() {
    let repeated = log.bytes + log.bytes[log.frames[1]]
    let scan = LogScan(log.name, bytes: repeated)
    #expect(scan.numbers == log.sequences)
    #expect(scan.tornTail?.cause == .frame(.outOfOrder(first: LogSequence(2))))
  }

  /// A record may hold the bytes of a frame of its own log.
  @Test func aFrameWithinADamagedFrameIsNotTakenForOne() {
    let inner = CommitFrame.encode(
      [LogFixture.record(1)], firstSequence: LogSequence(1), epoch: LogFixture.epoch, previousChecksum: 0)
    let outer = CommitFrame.encode(
      [LogRecord(kind: 1, payload: inner), LogFixture.record(2)], firstSequence: LogSequence(1),
      epoch: LogFixture.epoch, previousChecksum: 0)
    var bytes = LogFixture.segment(frames: []).bytes + outer
    bytes[bytes.count - 1] ^= 1
    let scan = LogScan(log.name, bytes: bytes)
    #expect(scan.frames.isEmpty)
    #expect(scan.tornTail?.missing == MissingRecords(1, 2))
  }

  @Test func withoutItsHeaderASegmentLosesNothing() {
    var bytes = log.bytes
    for index in 0..<SegmentHeader.byteCount { bytes[index] = 0xEE }
    let scan = LogScan(log.name, bytes: bytes)
    #expect(scan.numbers == log.sequences)
    #expect(scan.epoch == LogFixture.epoch)
    #expect(scan.damage.map(\.missing) == [nil])
  }

  @Test func recordsThatAreMissingBetweenWholeFramesAreNamed() {
    let without = log.bytes[..<log.frames[1].lowerBound] + log.bytes[log.frames[2].lowerBound...]
    let scan = LogScan(log.name, bytes: [UInt8](without))
    #expect(scan.damage.map(\.cause) == [.missingRecords])
    #expect(scan.damage.map(\.missing) == [MissingRecords(2, 4)])
  }

  @Test func aFrameThatRepeatsAnotherChecksumThanItsPredecessorsIsNamedAndKept() {
    let other = LogFixture.segment(first: 13, frames: [1], previousChecksum: log.lastChecksum ^ 1)
    let scan = LogScan(log.name, bytes: log.bytes + other.bytes.dropFirst(SegmentHeader.byteCount))
    #expect(scan.numbers == log.sequences + [13...13])
    #expect(scan.damage.map(\.cause) == [.brokenOrder])
  }

  @Test func aFileLongerThanWhatWasReadIsNeverClean() {
    let scan = LogScan(log.name, bytes: log.bytes, fileByteCount: log.bytes.count + 10)
    #expect(scan.damage.map(\.cause) == [.beyondLimit])
    #expect(scan.damage.map(\.byteRange) == [log.bytes.count..<(log.bytes.count + 10)])
  }
}
