import TelemetryCore

/// A log whose every byte is tried: cut off at each place, and with each bit flipped.
///
/// Whatever is done to it, it opens, loses at most the frame that was touched, says so, and goes on.
package struct LogProof {
  package struct Report: Hashable, Sendable {
    package var logByteCount = 0
    package var frameCount = 0
    package var flips = 0
    package var cuts = 0
    package var mostFramesLost = 0
    /// What went otherwise than promised, the first ones.
    package var violations: [String] = []
  }

  private static let name = SegmentName(LogSequence(1))
  private let bytes: [UInt8]
  private let frames: [Range<Int>]
  private let recordCounts: [Int]

  /// A log of a size in one segment, with frames of one to some records as a ledger has them.
  package init(byteCount: Int, seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var bytes = SegmentHeader(epoch: 9, segmentFirstSequence: LogSequence(1), followsCut: false).bytes
    var frames: [Range<Int>] = []
    var counts: [Int] = []
    var next: UInt64 = 1
    var checksum: UInt32 = 0
    while bytes.count < byteCount {
      let records = (0..<Int.random(in: 1...6, using: &random)).map { _ in
        LogRecord(kind: 10, payload: random.bytes(count: Int.random(in: 1...180, using: &random)))
      }
      let frame = CommitFrame.encode(
        records, firstSequence: LogSequence(next), epoch: 9, previousChecksum: checksum)
      guard bytes.count + frame.count <= byteCount || frames.isEmpty else { break }
      // The header's own checksum is its last field.
      checksum = frame[..<FrameHeader.byteCount].suffix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
      frames.append(bytes.count..<bytes.count + frame.count)
      counts.append(records.count)
      bytes += frame
      next += UInt64(records.count)
    }
    (self.bytes, self.frames, recordCounts) = (bytes, frames, counts)
  }

  private var recordCount: Int { recordCounts.reduce(0, +) }

  /// Tries one bit in so many, from the first on, and one place to cut in so many.
  package func run(bitStride: Int, cutStride: Int, progress: (Report) -> Void = { _ in }) -> Report {
    var report = Report(logByteCount: bytes.count, frameCount: frames.count)
    for bit in stride(from: 0, to: bytes.count * 8, by: bitStride) {
      flip(bit, &report)
      if report.flips.isMultiple(of: 4_096) { progress(report) }
    }
    for length in stride(from: 0, to: bytes.count, by: cutStride) { cut(length, &report) }
    return report
  }

  private func flip(_ bit: Int, _ report: inout Report) {
    var damaged = bytes
    damaged[bit / 8] ^= 1 << UInt8(bit % 8)
    report.flips += 1
    let touched = frames.firstIndex { $0.contains(bit / 8) }
    let lost = touched.map { recordCounts[$0] } ?? 0
    check(damaged, expected: recordCount - lost, isDamaged: true, "bit \(bit)", &report)
    report.mostFramesLost = max(report.mostFramesLost, touched == nil ? 0 : 1)
  }

  private func cut(_ length: Int, _ report: inout Report) {
    report.cuts += 1
    let whole = zip(frames, recordCounts).filter { $0.0.upperBound <= length }.reduce(0) { $0 + $1.1 }
    let isAtFrame = length == SegmentHeader.byteCount || frames.contains { $0.upperBound == length }
    check([UInt8](bytes[..<length]), expected: whole, isDamaged: !isAtFrame, "cut at \(length)", &report)
  }

  private func check(
    _ damaged: [UInt8], expected: Int, isDamaged: Bool, _ place: String, _ report: inout Report
  ) {
    func note(_ text: String) {
      if report.violations.count < 5 { report.violations.append("\(place): \(text)") }
    }
    do throws(LogDiskError) {
      let disk = MemoryDisk()
      disk.place(damaged, as: Self.name.fileName)
      var count = 0
      var log = try SegmentLog(opening: disk, makeEpoch: { 11 }, recovered: { _, _ in count += 1 })
      if count != expected { note("\(count) records where \(expected) are whole") }
      let plan = log.contents.plan
      if isDamaged, plan.damage.isEmpty, plan.tornTail == nil { note("nothing was said") }
      if !isDamaged, !plan.damage.isEmpty || plan.tornTail != nil { note("damage where there is none") }
      _ = try log.commit([LogRecord(kind: 1, payload: [1])])
    } catch {
      note("\(error)")
    }
  }
}
