/// Where reading the ledger begins: at the newest checkpoint that is whole, or with the first record.
///
/// A checkpoint that is damaged, cut off or of another form is as if it were not there: the one before it is taken.
/// Segments before the checkpoint are listed and not read.
package struct LedgerStart: Sendable {
  /// The segment that begins with the checkpoint; nil where everything is to be read.
  package private(set) var segment: SegmentName?
  /// The accounts to go on with.
  package private(set) var replay: LedgerReplay

  /// Finds the newest checkpoint on a disk.
  ///
  /// - Parameters:
  ///   - disk: the ledger's disk, which is only read
  ///   - instant: only a checkpoint that was taken before an interval ending here was judged will do
  ///   - kept: as in ``LedgerState/init(keeping:)``
  /// - Throws: when the disk fails.
  package init<Disk: LogDisk & ~Copyable>(
    of disk: borrowing Disk, judgedBefore instant: UTCInstant? = nil, keeping kept: ClosedRange<UTCInstant>? = nil
  ) throws(LogDiskError) {
    for segment in try disk.list().compactMap(SegmentName.init(fileName:)).sorted(by: >) {
      guard let found = try Self.replay(from: segment, on: disk, judgedBefore: instant, keeping: kept) else { continue }
      (self.segment, replay) = (segment, found)
      return
    }
    replay = LedgerReplay(keeping: kept)
  }

  /// The accounts of the checkpoint that a segment begins with; nil where it begins with none that is whole.
  package static func replay<Disk: LogDisk & ~Copyable>(
    from segment: SegmentName, on disk: borrowing Disk, judgedBefore instant: UTCInstant? = nil,
    keeping kept: ClosedRange<UTCInstant>? = nil
  ) throws(LogDiskError) -> LedgerReplay? {
    var assembly = CheckpointAssembly()
    var offset = SegmentHeader.byteCount
    while let frame = try frame(of: segment, at: offset, on: disk) {
      offset = SegmentHeader.commitStart(after: offset + frame.header.frameByteCount, isPacked: false)
      for record in frame.records {
        guard let part = part(record), part.form == LedgerState.form else { return nil }
        if let instant, part.judgedThrough.map({ $0.instant >= instant }) ?? false { return nil }
        guard let whole = assembly.take(part) else { continue }
        // Whatever else the frame holds is of the same commit: nobody writes any.
        return state(whole, keeping: kept).map {
          LedgerReplay($0, through: frame.header.sequences.upperBound, byteCount: whole.count)
        }
      }
    }
    return nil
  }

  private static func state(_ whole: [UInt8], keeping kept: ClosedRange<UTCInstant>?) -> LedgerState? {
    do throws(DecodingProblem) { return try LedgerState(checkpoint: whole, keeping: kept) } catch { return nil }
  }

  private typealias Frame = (header: FrameHeader, records: [LogRecord])

  private static func frame<Disk: LogDisk & ~Copyable>(
    of segment: SegmentName, at offset: Int, on disk: borrowing Disk
  ) throws(LogDiskError) -> Frame? {
    // The first bytes tell whether it is worth reading more: most segments of old ledgers begin otherwise.
    guard let head = try bytes(of: segment, offset..<(offset + FrameHeader.byteCount + 1), on: disk),
      let header = header(head), header.firstSequence >= segment.segmentFirstSequence,
      head.count > FrameHeader.byteCount, head[FrameHeader.byteCount] == RecordKind.checkpoint.rawValue,
      let whole = try bytes(of: segment, offset..<(offset + header.frameByteCount), on: disk)
    else { return nil }
    do throws(FrameProblem) {
      return (header, try CommitFrame.records(header: header, in: whole, at: 0))
    } catch { return nil }
  }

  private static func header(_ bytes: [UInt8]) -> FrameHeader? {
    do throws(FrameProblem) { return try FrameHeader(decoding: bytes, at: 0) } catch { return nil }
  }

  /// Nil when the segment has been put away since the names were listed.
  private static func bytes<Disk: LogDisk & ~Copyable>(
    of segment: SegmentName, _ range: Range<Int>, on disk: borrowing Disk
  ) throws(LogDiskError) -> [UInt8]? {
    do throws(LogDiskError) {
      return try disk.read(segment.fileName, range)
    } catch {
      guard error.cause == .noSuchFile else { throw error }
      return nil
    }
  }

  private static func part(_ record: LogRecord) -> CheckpointPart? {
    guard record.kind == RecordKind.checkpoint.rawValue else { return nil }
    do throws(LedgerDecodingProblem) {
      guard case .checkpoint(let part) = try LedgerRecord(record) else { return nil }
      return part
    } catch { return nil }
  }
}
