/// The file name of a segment: the sequence of its first record in 20 digits, then `.log`.
///
/// So the alphabetical order of the names is the order of the records: `00000000000000000001.log`.
package struct SegmentName: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let segmentFirstSequence: LogSequence

  package init(_ segmentFirstSequence: LogSequence) { self.segmentFirstSequence = segmentFirstSequence }

  /// Nil for every name that this log would not have given.
  package init?(fileName: String) {
    guard fileName.utf8.count == 24, fileName.hasSuffix(".log") else { return nil }
    let digits = fileName.utf8.prefix(20)
    guard digits.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(fileName.prefix(20)) else {
      return nil
    }
    guard LogSequence.numbers.contains(number) else { return nil }
    segmentFirstSequence = LogSequence(number)
  }

  package var fileName: String {
    let digits = String(segmentFirstSequence.number)
    return String(repeating: "0", count: 20 - digits.utf8.count) + digits + ".log"
  }

  /// Where a segment is written before it is published.
  package var temporaryFileName: String { fileName + Self.temporarySuffix }

  package static let temporarySuffix = ".tmp"

  package var description: String { fileName }

  package static func < (left: Self, right: Self) -> Bool { left.segmentFirstSequence < right.segmentFirstSequence }
}

extension LogSequence {
  /// The numbers that a log can reach; anything else on a disk is damage.
  ///
  /// A quarter of the 64 bits is out of reach, so that counting on from a number read from a disk never overflows.
  package static let numbers: ClosedRange<UInt64> = 1...(1 << 62)

  package func advanced(by count: UInt64) -> Self { Self(number + count) }
}
