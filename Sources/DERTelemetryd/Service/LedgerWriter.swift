import Dispatch
import TelemetryCore

/// Owns the ledger's log on its own queue, where a slow disk holds up nothing else.
actor LedgerWriter {
  private nonisolated let executor: QueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private var log: SegmentLog<PosixLogDisk>
  private let onNewSegment: @Sendable () -> Void
  private var hasFailed = false

  /// Runs everything on `queue`, which is `der.log`.
  ///
  /// `onNewSegment` is called there when a checkpoint has begun a new segment.
  init(
    _ log: consuming SegmentLog<PosixLogDisk>, queue: DispatchQueue, onNewSegment: @escaping @Sendable () -> Void
  ) {
    executor = QueueExecutor(queue: queue)
    self.onNewSegment = onNewSegment
    self.log = log
  }

  /// Appends the records as one frame and syncs; commits are done in the order in which they are given.
  ///
  /// `completion` is called on the log's queue with the number of the last record, now durable. After a failure nothing
  /// is written any more, and only the first failure is told.
  nonisolated func commit(
    _ records: [LogRecord], completion: @escaping @Sendable (Result<LogSequence, LogDiskError>) -> Void
  ) {
    executor.queue.async { self.assumeIsolated { $0.commitNow(records, inNewSegment: false, completion) } }
  }

  /// Goes on in a new segment that begins with these records, whole or not at all; the rest as for a commit.
  nonisolated func beginSegment(
    _ records: [LogRecord], completion: @escaping @Sendable (Result<LogSequence, LogDiskError>) -> Void
  ) {
    executor.queue.async { self.assumeIsolated { $0.commitNow(records, inNewSegment: true, completion) } }
  }

  private func commitNow(
    _ records: [LogRecord], inNewSegment: Bool, _ completion: @Sendable (Result<LogSequence, LogDiskError>) -> Void
  ) {
    guard !hasFailed else { return }
    do throws(LogDiskError) {
      let sequences = try inNewSegment ? log.commitInNewSegment(records) : log.commit(records)
      completion(.success(sequences.upperBound))
      if inNewSegment { onNewSegment() }
    } catch {
      hasFailed = true
      completion(.failure(error))
    }
  }

  /// Returns when every commit given before is done.
  func drain() {}
}
