/// The ledger's log, open for appending, and the accounts that its records tell.
package struct LedgerOpening<Disk: LogDisk & ~Copyable>: ~Copyable {
  /// Checkpoints make the ledger's segments; one is longer only where a checkpoint is very long.
  package static var segmentByteCount: Int { 32 << 20 }

  package var log: SegmentLog<Disk>
  package let replay: LedgerReplay

  /// Recovers the log from the newest checkpoint on; `progress` is told before each record.
  ///
  /// - Throws: when the disk fails.
  package init(
    _ disk: consuming Disk, segmentByteCount: Int = segmentByteCount, makeEpoch: @escaping @Sendable () -> UInt64,
    progress: () -> Void = {}
  ) throws(LogDiskError) {
    let start = try LedgerStart(of: disk)
    var replay = start.replay
    log = try SegmentLog(
      opening: disk, segmentByteCount: segmentByteCount, makeEpoch: makeEpoch, from: start.segment,
      recovered: {
        progress()
        replay.take($0, $1)
      })
    self.replay = replay
  }

  /// What decides about the records that go into this log.
  package func pipeline(
    _ settings: Settings, leastUntilCheckpoint: Int = LedgerSize.leastUntilCheckpoint, boot: BootID = .unknown,
    isShortOfRoom: Bool = false, configuration: Pipeline.Configuration? = nil
  ) -> Pipeline {
    Pipeline(
      settings: settings, ledger: replay.state, nextSequence: log.nextSequence, size: replay.size,
      leastUntilCheckpoint: leastUntilCheckpoint, boot: boot, isShortOfRoom: isShortOfRoom,
      configuration: configuration)
  }

  /// Gives the log to whoever writes it.
  package consuming func takeLog() -> SegmentLog<Disk> { log }
}
