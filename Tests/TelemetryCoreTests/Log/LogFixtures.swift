import TelemetryCore
import TelemetrySimulation

/// Small logs for the tests of the log.
enum LogFixture {
  static let epoch: UInt64 = 0x0123_4567_89AB_CDEF

  /// Records that tell their own number: kind and payload follow from it, and no two are alike.
  static func record(_ number: Int, byteCount: Int = 20) -> LogRecord {
    LogRecord(
      kind: UInt8(number % 200 + 1),
      payload: [UInt8]("record \(number)".utf8) + [UInt8](repeating: UInt8(number % 251), count: byteCount))
  }

  static func records(_ numbers: ClosedRange<Int>) -> [LogRecord] { numbers.map { record($0) } }

  /// A segment of frames that follow each other, each with so many records.
  static func segment(
    first: Int = 1, frames recordCounts: [Int], epoch: UInt64 = epoch, previousChecksum: UInt32 = 0,
    isPacked: Bool = true, byteCount: Int = 20
  ) -> Segment {
    var segment = Segment(
      name: SegmentName(LogSequence(UInt64(first))),
      bytes: SegmentHeader(
        epoch: epoch, segmentFirstSequence: LogSequence(UInt64(first)), followsCut: nil, isPacked: isPacked
      ).bytes)
    var next = first
    var checksum = previousChecksum
    for count in recordCounts {
      let frame = CommitFrame.encode(
        (next...(next + count - 1)).map { record($0, byteCount: byteCount) }, firstSequence: LogSequence(UInt64(next)),
        epoch: epoch,
        previousChecksum: checksum)
      checksum = CommitFrame.checksum(of: frame)
      segment.frames.append(segment.bytes.count..<(segment.bytes.count + frame.count))
      segment.sequences.append(next...(next + count - 1))
      segment.bytes += frame
      let end = SegmentHeader.commitStart(after: segment.bytes.count, isPacked: isPacked)
      segment.bytes += [UInt8](repeating: 0, count: end - segment.bytes.count)
      next += count
    }
    segment.lastChecksum = checksum
    return segment
  }

  struct Segment {
    var name: SegmentName
    var bytes: [UInt8]
    var frames: [Range<Int>] = []
    var sequences: [ClosedRange<Int>] = []
    var lastChecksum: UInt32 = 0

    var nextNumber: Int { sequences.last.map { $0.upperBound + 1 } ?? Int(name.segmentFirstSequence.number) }
    var scan: LogScan { LogScan(name, bytes: bytes) }

    func flipping(bit: Int) -> [UInt8] {
      var flipped = bytes
      flipped[bit / 8] ^= 1 << UInt8(bit % 8)
      return flipped
    }
  }
}

extension MissingRecords {
  init(_ first: Int, _ last: Int?) {
    self.init(first: LogSequence(UInt64(first)), last: last.map { LogSequence(UInt64($0)) })
  }
}

extension LogScan {
  var numbers: [ClosedRange<Int>] {
    frames.map { Int($0.sequences.lowerBound.number)...Int($0.sequences.upperBound.number) }
  }
}

/// What a log handed out at opening.
final class Recovered {
  private(set) var records: [Int: LogRecord] = [:]
  private(set) var order: [Int] = []

  func take(_ sequence: LogSequence, _ record: LogRecord) {
    order.append(Int(sequence.number))
    records[Int(sequence.number)] = record
  }

  /// In order, each once, and each as it was written.
  var isFaithful: Bool { isFaithful(byteCount: 20) }

  func isFaithful(byteCount: Int) -> Bool {
    zip(order, order.dropFirst()).allSatisfy { $0 < $1 }
      && records.allSatisfy { $1 == LogFixture.record($0, byteCount: byteCount) }
  }
}
