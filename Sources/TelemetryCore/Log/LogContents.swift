/// Reads everything that a log's directory holds, and changes nothing.
///
/// Needs no lock: beside a running daemon it gives what was there when it began, and the frame that is being written at
/// that moment shows as ``RecoveryPlan/tornTail``.
package struct LogContents: Hashable, Sendable {
  package private(set) var plan = RecoveryPlan()
  /// All segments, those that were not read too, in order.
  package private(set) var segments: [SegmentName] = []
  /// Segments that were never published.
  package private(set) var temporaryFiles: [String] = []
  /// Names that this log did not give; nobody touches them.
  package private(set) var foreignFiles: [String] = []
  /// The bytes of ``RecoveryPlan/lastFrame``.
  package private(set) var lastFrameBytes: [UInt8] = []

  /// Reads the log on a disk, segment by segment.
  ///
  /// - Parameters:
  ///   - disk: the disk, which is only read
  ///   - first: segments before this one are not read; nil for all
  ///   - isNeeded: asked before each segment; nothing is read from where it says no
  ///   - recovered: called with each record that counts, in order
  /// - Throws: when the disk fails. Damage is no error; it is in ``plan``.
  package init<Disk: LogDisk & ~Copyable>(
    of disk: borrowing Disk, from first: SegmentName? = nil, while isNeeded: () -> Bool = { true },
    recovered: (LogSequence, LogRecord) -> Void
  ) throws(LogDiskError) {
    try sortNames(disk.list())
    for segment in segments.drop(while: { segment in first.map { segment < $0 } ?? false }) {
      guard isNeeded() else { return }
      guard let (scan, bytes) = try Self.scan(segment, on: disk) else { continue }
      let frames = plan.add(scan)
      for frame in frames { Self.deliver(frame, of: bytes, to: recovered) }
      if let last = frames.last { lastFrameBytes = [UInt8](bytes[last.byteRange]) }
    }
  }

  private mutating func sortNames(_ names: [String]) {
    for name in names.sorted() {
      if let segment = SegmentName(fileName: name) {
        segments.append(segment)
      } else if name.hasSuffix(SegmentName.temporarySuffix) {
        temporaryFiles.append(name)
      } else {
        foreignFiles.append(name)
      }
    }
    segments.sort()
  }

  /// A segment of another format is no damage: what it holds is whole, and another version reads it.
  private static func refuse(_ segment: SegmentName, _ version: UInt16) -> LogDiskError {
    LogDiskError(
      .read, path: segment.fileName, cause: .other,
      reason:
        "written in format \(version) by another version of this program, which reads it; this one reads and writes "
        + "format \(SegmentHeader.formatVersion): install that version again, or give this one another state directory")
  }

  /// Nil when the segment has been shed since the names were listed.
  static func scan<Disk: LogDisk & ~Copyable>(
    _ segment: SegmentName, on disk: borrowing Disk
  ) throws(LogDiskError) -> (LogScan, [UInt8])? {
    do throws(LogDiskError) {
      let bytes = try disk.read(segment.fileName, 0..<LogScan.segmentByteLimit)
      if let version = SegmentHeader.otherVersion(of: bytes) { throw refuse(segment, version) }
      guard bytes.count == LogScan.segmentByteLimit else { return (LogScan(segment, bytes: bytes), bytes) }
      let byteCount = try disk.byteCount(of: segment.fileName)
      return (LogScan(segment, bytes: bytes, fileByteCount: byteCount), bytes)
    } catch {
      guard error.cause == .noSuchFile else { throw error }
      return nil
    }
  }

  /// Gives the records of a frame that a scan of the same bytes has found.
  package static func deliver(
    _ frame: LogScan.Frame, of bytes: [UInt8], to recovered: (LogSequence, LogRecord) -> Void
  ) {
    do throws(FrameProblem) {
      let records = try CommitFrame.records(header: frame.header, in: bytes, at: frame.byteOffset)
      for (index, record) in records.enumerated() {
        recovered(frame.sequences.lowerBound.advanced(by: UInt64(index)), record)
      }
    } catch {
      preconditionFailure("the scan has decoded this frame from the same bytes: \(error)")
    }
  }
}
