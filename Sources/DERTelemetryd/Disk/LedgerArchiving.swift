import TelemetryCore

/// Which segments of the ledger are put away: those before the newest two checkpoints.
///
/// A start reads the newest one; the other is there for when that is damaged.
enum LedgerArchiving {
  private static let checkpointsKept = 2

  /// Puts away what is to be, oldest first.
  ///
  /// Blocks, for about a second a segment: it belongs on a queue of its own.
  static func run(stateDirectory: String) throws(LogDiskError) {
    let disk = StateDirectory.ledgerDisk(of: stateDirectory)
    let archive = StateDirectory.ledgerArchive(of: stateDirectory)
    let here = try FileSystem.files(in: archive.origin)
    for segment in try closed(disk) where here.contains(segment.fileName) {
      // Longer than any segment of ours: there is more in it than would be read back.
      guard try disk.byteCount(of: segment.fileName) <= LogScan.segmentByteLimit else { continue }
      try archive.put(segment.fileName)
    }
  }

  private static func closed(_ disk: borrowing PosixLogDisk) throws(LogDiskError) -> [SegmentName] {
    let segments = try disk.list().compactMap(SegmentName.init(fileName:)).sorted()
    var kept = 0
    for (index, segment) in segments.enumerated().reversed() {
      if try LedgerStart.replay(from: segment, on: disk) != nil { kept += 1 }
      if kept == checkpointsKept { return Array(segments[..<index]) }
    }
    return []
  }
}
