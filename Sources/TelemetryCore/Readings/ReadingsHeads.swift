/// Finds segments of the readings log by the instants of their readings, reading no more than their first frames.
struct ReadingsHeads {
  /// In order.
  let names: [SegmentName]

  /// The last segment whose first readings were stored before an instant; nil where there is none.
  func last<Disk: LogDisk & ~Copyable>(
    startingBefore instant: UTCInstant, on disk: borrowing Disk
  ) throws(LogDiskError) -> SegmentName? {
    try place(startingBefore: instant, on: disk).map { names[$0] }
  }

  /// The segments that may hold what was read in these ranges.
  func segments<Disk: LogDisk & ~Copyable>(
    with ranges: [ClosedRange<UTCInstant>], on disk: borrowing Disk
  ) throws(LogDiskError) -> [SegmentName] {
    var places: Set<Int> = []
    for range in ranges {
      let first = try place(startingBefore: range.lowerBound, on: disk) ?? 0
      let last =
        try place(startingBefore: range.upperBound + NeededReadings.commitSlack, unknownIsEarly: true, on: disk) ?? 0
      if first <= last, last < names.count { places.formUnion(first...last) }
    }
    return places.sorted().map { names[$0] }
  }

  /// By halving: segments follow each other in time.
  ///
  /// One whose head cannot be read, or that has none yet, begins after the one before it and before the one after it. It
  /// is taken for early where that reads more, else for late.
  private func place<Disk: LogDisk & ~Copyable>(
    startingBefore instant: UTCInstant, unknownIsEarly: Bool = false, on disk: borrowing Disk
  ) throws(LogDiskError) -> Int? {
    var (low, high) = (0, names.count)
    while low < high {
      let middle = low + (high - low) / 2
      var known = middle
      var start = try Self.start(of: names[known], on: disk)
      while start == nil, !unknownIsEarly, known + 1 < high {
        known += 1
        start = try Self.start(of: names[known], on: disk)
      }
      if start.map({ $0 < instant }) ?? unknownIsEarly { low = known + 1 } else { high = middle }
    }
    return low > 0 ? low - 1 : nil
  }

  /// When the first readings of a segment were stored; nil where its first frame does not tell.
  static func start<Disk: LogDisk & ~Copyable>(
    of segment: SegmentName, on disk: borrowing Disk
  ) throws(LogDiskError) -> UTCInstant? {
    try LogContents.head(of: segment, on: disk).lazy.compactMap(\.storedAt).first
  }
}

extension LogContents {
  /// The segments on a disk, in order; nothing is read of them.
  package static func segmentNames<Disk: LogDisk & ~Copyable>(
    on disk: borrowing Disk
  ) throws(LogDiskError) -> [SegmentName] {
    try disk.list().compactMap(SegmentName.init(fileName:)).sorted()
  }

  /// The records of a segment's first frame; none where it cannot be read.
  package static func head<Disk: LogDisk & ~Copyable>(
    of segment: SegmentName, on disk: borrowing Disk
  ) throws(LogDiskError) -> [LogRecord] {
    let start = SegmentHeader.byteCount
    do throws(LogDiskError) {
      let first = try disk.read(segment.fileName, 0..<(start + FrameHeader.byteCount))
      guard let header = headerOfFrame(in: first, at: start) else { return [] }
      return records(header, try disk.read(segment.fileName, 0..<(start + header.frameByteCount)), at: start)
    } catch {
      guard error.cause == .noSuchFile else { throw error }
      return []
    }
  }

  private static func headerOfFrame(in bytes: [UInt8], at start: Int) -> FrameHeader? {
    do throws(FrameProblem) { return try FrameHeader(decoding: bytes, at: start) } catch { return nil }
  }

  private static func records(_ header: FrameHeader, _ bytes: [UInt8], at start: Int) -> [LogRecord] {
    do throws(FrameProblem) { return try CommitFrame.records(header: header, in: bytes, at: start) } catch { return [] }
  }
}
