import TelemetryCore

/// A log whose every byte is tried: cut off at each place, with each bit flipped, and with garbage in each sector, or a
/// sector that cannot be read.
///
/// Whatever is done to it, it opens, loses at most the frame that was touched, says so, and goes on. Only what looks cut off
/// is called so.
package struct LogProof {
  package struct Report: Hashable, Sendable {
    package var logByteCount = 0
    package var frameCount = 0
    package var flips = 0
    package var cuts = 0
    package var sectors = 0
    package var refusedSectors = 0
    /// To any one fault.
    package var mostFramesLost = 0
    /// What went otherwise than promised, the first ones.
    package var violations: [String] = []

    fileprivate mutating func note(_ text: String) {
      if violations.count < 5 { violations.append(text) }
    }
  }

  /// Bytes of space not yet written.
  private static let zerosBehind = 2 * SegmentHeader.blockByteCount
  private static let name = SegmentName(LogSequence(1))
  private let bytes: [UInt8]
  private let frames: [Range<Int>]
  private let recordCounts: [Int]
  private let isPacked: Bool
  private let seed: UInt64

  /// A log of a size in one segment, with frames of one to some records as a ledger has them, or as the readings have
  /// them where it is packed.
  package init(byteCount: Int, isPacked: Bool = false, seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let longest = isPacked ? 180 : 1_400
    let first = LogSequence(1)
    var bytes = SegmentHeader(epoch: 9, segmentFirstSequence: first, followsCut: nil, isPacked: isPacked).bytes
    var frames: [Range<Int>] = []
    var counts: [Int] = []
    var next: UInt64 = 1
    var checksum: UInt32 = 0
    while bytes.count < byteCount {
      let records = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        LogRecord(kind: 10, payload: random.bytes(count: Int.random(in: 1...longest, using: &random)))
      }
      let frame = CommitFrame.encode(records, firstSequence: LogSequence(next), epoch: 9, previousChecksum: checksum)
      let end = SegmentHeader.commitStart(after: bytes.count + frame.count, isPacked: isPacked)
      guard end <= byteCount || frames.isEmpty else { break }
      checksum = CommitFrame.checksum(of: frame)
      frames.append(bytes.count..<bytes.count + frame.count)
      counts.append(records.count)
      bytes += frame + [UInt8](repeating: 0, count: end - bytes.count - frame.count)
      next += UInt64(records.count)
    }
    (self.bytes, self.frames, recordCounts) = (bytes, frames, counts)
    (self.isPacked, self.seed) = (isPacked, seed)
  }

  private var recordCount: Int { recordCounts.reduce(0, +) }

  /// Tries one bit in so many, from the first on, one place to cut in so many, and every sector.
  package func run(bitStride: Int, cutStride: Int, progress: (Report) -> Void = { _ in }) -> Report {
    var report = Report(logByteCount: bytes.count, frameCount: frames.count)
    for bit in stride(from: 0, to: bytes.count * 8, by: bitStride) {
      flip(bit, &report)
      if report.flips.isMultiple(of: 4_096) { progress(report) }
    }
    for length in stride(from: 0, to: bytes.count, by: cutStride) { cut(length, &report) }
    for sector in 0..<(bytes.count / FaultyDisk.sectorByteCount) { destroy(sector, &report) }
    for sector in 0..<((bytes.count + Self.zerosBehind) / FaultyDisk.sectorByteCount) { refuse(sector, &report) }
    return report
  }

  private func flip(_ bit: Int, _ report: inout Report) {
    var damaged = bytes
    damaged[bit / 8] ^= 1 << UInt8(bit % 8)
    report.flips += 1
    check(damaged, touching: bit / 8..<bit / 8 + 1, "bit \(bit)", &report)
  }

  /// As a disk may leave a sector that it was writing when its power went.
  private func destroy(_ sector: Int, _ report: inout Report) {
    var random = SeededRandom(seed: seed &+ UInt64(sector))
    let range = sector * FaultyDisk.sectorByteCount..<(sector + 1) * FaultyDisk.sectorByteCount
    var damaged = bytes
    damaged.replaceSubrange(range, with: random.bytes(count: range.count))
    report.sectors += 1
    check(damaged, touching: range, "sector \(sector)", &report)
  }

  /// The disk refuses a sector, and goes on to refuse it: of a frame, of the segment's head, or of the space behind.
  private func refuse(_ sector: Int, _ report: inout Report) {
    let disk = FaultyDisk(seed: seed)
    disk.place(bytes + [UInt8](repeating: 0, count: Self.zerosBehind), as: Self.name.fileName)
    disk.refuse(sector, of: Self.name.fileName)
    let page = FaultyDisk.page(of: sector)
    var expected = expected(touching: page, &report)
    if page.upperBound > bytes.count { expected.cut = .damage }
    report.refusedSectors += 1
    check(disk, expected, "sector \(sector) refused", &report)
    var again = 0
    do throws(LogDiskError) {
      let log = try SegmentLog(opening: disk, isPacked: isPacked, makeEpoch: { 12 }, recovered: { _, _ in again += 1 })
      if again == expected.recordCount + 1, log.contents.plan.tailCut == nil { return }
      report.note("sector \(sector) refused: \(again) records at the next start, \(expected.recordCount + 1) expected")
    } catch {
      report.note("sector \(sector) refused: \(error) at the next start")
    }
  }

  private func check(_ damaged: [UInt8], touching range: Range<Int>, _ place: String, _ report: inout Report) {
    let expected = expected(touching: range, &report)
    check(damaged, expected, place, &report)
  }

  private func expected(touching range: Range<Int>, _ report: inout Report) -> Expected {
    let touched = frames.indices.filter { frames[$0].overlaps(range) }
    let lost = touched.reduce(0) { $0 + recordCounts[$1] }
    report.mostFramesLost = max(report.mostFramesLost, touched.count)
    let isLast = touched.contains(frames.count - 1)
    return Expected(recordCount: recordCount - lost, isDamaged: true, cut: isLast ? .damage : nil)
  }

  /// Where the file ends there, and where it had been filled with zeros.
  private func cut(_ length: Int, _ report: inout Report) {
    report.cuts += 1
    let whole = frames.indices.filter { frames[$0].upperBound <= length }
    let records = whole.reduce(0) { $0 + recordCounts[$1] }
    let cutFrame = frames.first { $0.lowerBound < length && length < $0.upperBound }
    var expected = Expected(recordCount: records, isDamaged: length < SegmentHeader.byteCount || cutFrame != nil)
    if cutFrame != nil { expected.cut = .unfinishedWrite }
    report.mostFramesLost = max(report.mostFramesLost, cutFrame == nil ? 0 : 1)
    check([UInt8](bytes[..<length]), expected, "cut at \(length)", &report)
    // Zeros may be what the last bytes of the checksum are, or may not tell that some of them are missing.
    if let cutFrame, length > cutFrame.upperBound - FrameHeader.checksumByteCount { return }
    let zeros = [UInt8](repeating: 0, count: bytes.count - length)
    check(bytes[..<length] + zeros, expected, "zeros from \(length) on", &report)
  }

  private struct Expected {
    var recordCount: Int
    var isDamaged: Bool
    /// Nil where nothing is said about the end.
    var cut: TailCut?
  }

  private func check(_ damaged: [UInt8], _ expected: Expected, _ place: String, _ report: inout Report) {
    let disk = MemoryDisk()
    disk.place(damaged, as: Self.name.fileName)
    check(disk, expected, place, &report)
  }

  private func check(_ disk: some LogDisk, _ expected: Expected, _ place: String, _ report: inout Report) {
    func note(_ text: String) { report.note("\(place): \(text)") }
    do throws(LogDiskError) {
      var count = 0
      var log = try SegmentLog(opening: disk, isPacked: isPacked, makeEpoch: { 11 }, recovered: { _, _ in count += 1 })
      if count != expected.recordCount { note("\(count) records where \(expected.recordCount) are whole") }
      let plan = log.contents.plan
      if expected.isDamaged, plan.damage.isEmpty, plan.tornTail == nil { note("nothing was said") }
      if !expected.isDamaged, !plan.damage.isEmpty || plan.tornTail != nil { note("damage where there is none") }
      if let cut = expected.cut, plan.tailCut != cut { note("taken for \(plan.tailCut.map { "\($0)" } ?? "whole")") }
      _ = try log.commit([LogRecord(kind: 1, payload: [1])])
    } catch {
      note("\(error)")
    }
  }
}
