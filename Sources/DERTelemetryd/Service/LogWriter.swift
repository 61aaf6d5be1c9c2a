import Dispatch
import TelemetryCore

/// Owns both logs on their own queue, where a slow disk holds up nothing else.
///
/// What is given is done in the order in which it is given, so readings are durable before the seals that come after
/// them. After a failure nothing is written any more, and only the first failure is told.
actor LogWriter {
  private nonisolated let executor: QueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private var store: LogStore<PosixLogDisk>
  private var hasFailed = false
  private let onNewSegment: @Sendable () -> Void
  private let onFailure: @Sendable (LogDiskError) -> Void

  /// Runs everything on `queue`, which is `der.log`; the handlers are called there.
  ///
  /// `onNewSegment` is called when a checkpoint has begun a new segment of the ledger.
  init(
    _ store: consuming LogStore<PosixLogDisk>, queue: DispatchQueue, onNewSegment: @escaping @Sendable () -> Void,
    onFailure: @escaping @Sendable (LogDiskError) -> Void
  ) {
    executor = QueueExecutor(queue: queue)
    self.store = store
    self.onNewSegment = onNewSegment
    self.onFailure = onFailure
  }

  /// What is called on the log's queue when something is durable, with what has happened to the disk since the last time.
  typealias Completion<Result> = @Sendable (Result, [StorageNote]) -> Void

  /// Appends the records as one frame and syncs; gives the number of the last, now durable.
  nonisolated func commit(_ records: [LogRecord], completion: @escaping Completion<LogSequence>) {
    perform(completion) { store throws(LogDiskError) in
      let last = try store.commit(records)
      StopPoint.reach(.recording(records))
      return last
    }
  }

  /// Goes on in a new segment that begins with these records, whole or not at all; the rest as for a commit.
  nonisolated func beginSegment(_ records: [LogRecord], completion: @escaping Completion<LogSequence>) {
    perform(completion) { [onNewSegment] store throws(LogDiskError) in
      let last = try store.beginSegment(records)
      onNewSegment()
      return last
    }
  }

  /// Writes the readings as one frame and syncs.
  nonisolated func store(_ frame: ReadingsFrame, completion: @escaping Completion<Void>) {
    perform(completion) { store throws(LogDiskError) in try store.store(frame) }
  }

  /// What is stored from here on names sites by their places in this list.
  nonisolated func name(_ sites: [SiteID]) {
    perform({ _, _ in }) { store throws(LogDiskError) in store.name(sites) }
  }

  nonisolated func shed(by retention: ReadingsRetention, completion: @escaping Completion<Void>) {
    perform(completion) { store throws(LogDiskError) in try store.shed(by: retention) }
  }

  /// Returns when everything given before is done.
  func drain() {}

  private nonisolated func perform<Result>(
    _ completion: @escaping Completion<Result>,
    _ work: @escaping @Sendable (inout LogStore<PosixLogDisk>) throws(LogDiskError) -> Result
  ) {
    executor.queue.async { self.assumeIsolated { $0.performNow(completion, work) } }
  }

  private func performNow<Result>(
    _ completion: Completion<Result>, _ work: (inout LogStore<PosixLogDisk>) throws(LogDiskError) -> Result
  ) {
    guard !hasFailed else { return }
    do throws(LogDiskError) {
      let result = try work(&store)
      completion(result, store.takeNotes())
      try store.prepare()
    } catch {
      hasFailed = true
      onFailure(error)
    }
  }
}
