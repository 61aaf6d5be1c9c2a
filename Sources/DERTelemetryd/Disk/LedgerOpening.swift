import TelemetryCore

/// The ledger's log, open for appending, and the accounts that its records tell.
struct LedgerOpening: ~Copyable {
  /// Checkpoints make the ledger's segments; a segment is longer only where a checkpoint is very long.
  private static let segmentByteCount = 32 << 20

  var log: SegmentLog<PosixLogDisk>
  let replay: LedgerReplay

  /// Recovers the log from the newest checkpoint on.
  init(_ disk: consuming PosixLogDisk) throws(LogDiskError) {
    let start = try LedgerStart(of: disk)
    var replay = start.replay
    log = try SegmentLog(
      opening: disk, segmentByteCount: Self.segmentByteCount, makeEpoch: { UInt64.random(in: .min ... .max) },
      from: start.segment, recovered: { replay.take($0, $1) })
    self.replay = replay
  }

  /// What decides about records that go into this log.
  func pipeline(_ settings: Settings) -> Pipeline {
    Pipeline(settings: settings, ledger: replay.state, nextSequence: log.nextSequence, size: replay.size)
  }
}
