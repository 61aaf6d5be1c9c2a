/// A place where the log is not what was written, and what that costs.
package struct LogDamage: Hashable, Sendable, CustomStringConvertible {
  package enum Cause: Hashable, Sendable {
    /// The segment has no readable header.
    ///
    /// Its frames speak for themselves.
    case segmentHeader(FrameProblem)
    /// Bytes that are no frame, where frames should be.
    case frame(FrameProblem)
    /// The last write, which never came to its end: a part of it was not written.
    ///
    /// What it was to hold was not acknowledged, unless the disk has lost what it had synced.
    case unfinishedWrite
    /// Records are missing though no byte looks damaged: a segment was lost, or a frame never came to the disk.
    case missingRecords
    /// A whole frame that does not follow the one before it in time.
    ///
    /// Its records are kept.
    case brokenOrder
    /// The file is longer than any segment may be.
    ///
    /// What lies beyond the limit is neither read nor touched.
    case beyondLimit
  }

  package var segment: SegmentName
  /// The bytes at fault, empty where none are.
  package var byteRange: Range<Int>
  package var cause: Cause
  /// The records that are lost by it; nil when none are.
  package var missing: MissingRecords?

  package init(segment: SegmentName, byteRange: Range<Int>, cause: Cause, missing: MissingRecords? = nil) {
    self.segment = segment
    self.byteRange = byteRange
    self.cause = cause
    self.missing = missing
  }

  package var description: String {
    let place = "\(segment) bytes \(byteRange.lowerBound) ..< \(byteRange.upperBound): \(cause)"
    if cause == .unfinishedWrite { return place + (missing.map { " at \($0.range)" } ?? "") }
    return place + (missing.map { ", \($0)" } ?? ", no record is missing")
  }
}

extension LogDamage.Cause: CustomStringConvertible {
  package var description: String {
    switch self {
    case .segmentHeader(let problem): "segment header: \(problem)"
    case .frame(let problem): "frame: \(problem)"
    case .unfinishedWrite: "a write that was cut off"
    case .missingRecords: "a gap without damaged bytes"
    case .brokenOrder: "not written after the frame before it"
    case .beyondLimit: "longer than any segment"
    }
  }
}

/// A run of records that cannot be read any more.
package struct MissingRecords: Hashable, Sendable, CustomStringConvertible {
  package var first: LogSequence
  /// Nil at the end of the log, where nothing tells how many there were, perhaps none.
  package var last: LogSequence?

  package init(first: LogSequence, last: LogSequence?) {
    self.first = first
    self.last = last
  }

  /// The records from one number up to the one before another; nil when there are none.
  init?(from first: LogSequence, before next: LogSequence) {
    guard first < next else { return nil }
    self.first = first
    last = LogSequence(next.number - 1)
  }

  package var description: String { "\(range) are missing" }

  fileprivate var range: String { "records \(first.number) … \(last.map { String($0.number) } ?? "?")" }
}
