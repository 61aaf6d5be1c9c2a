import Dispatch
import TelemetryCore

/// Owns the ledger's log on its own queue, where a slow disk holds up nothing else.
actor LedgerWriter {
  private nonisolated let executor: QueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private var log: SegmentLog<PosixLogDisk>
  private var hasFailed = false

  /// Runs everything on `queue`, which is `der.log`.
  init(_ log: consuming SegmentLog<PosixLogDisk>, queue: DispatchQueue) {
    executor = QueueExecutor(queue: queue)
    self.log = log
  }

  /// Appends the records as one frame and syncs; commits are done in the order in which they are given.
  ///
  /// `completion` is called on the log's queue with the number of the last record, now durable. After a failure nothing
  /// is written any more, and only the first failure is told.
  nonisolated func commit(
    _ records: [LogRecord], completion: @escaping @Sendable (Result<LogSequence, LogDiskError>) -> Void
  ) {
    executor.queue.async { self.assumeIsolated { $0.commitNow(records, completion) } }
  }

  private func commitNow(
    _ records: [LogRecord], _ completion: @Sendable (Result<LogSequence, LogDiskError>) -> Void
  ) {
    guard !hasFailed else { return }
    do throws(LogDiskError) {
      let last = try log.commit(records).upperBound
      StopPoint.reach(.recording(records))
      completion(.success(last))
    } catch {
      hasFailed = true
      completion(.failure(error))
    }
  }

  /// Returns when every commit given before is done.
  func drain() {}
}
