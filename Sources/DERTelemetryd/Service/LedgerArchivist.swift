import Dispatch
import Logging
import TelemetryCore

/// Compresses closed segments of the ledger on a queue of its own, where it is in nobody's way.
final class LedgerArchivist: Sendable {
  private let stateDirectory: String
  private let queue: DispatchQueue
  private let logger: Logger

  /// Runs everything on `queue`, which is `der.archive`.
  init(stateDirectory: String, queue: DispatchQueue, logger: Logger) {
    self.stateDirectory = stateDirectory
    self.queue = queue
    self.logger = logger
  }

  /// Puts away what can be by now.
  ///
  /// Nothing depends on it: what cannot be compressed stays as it is, and is tried again with the next segment.
  func run() {
    queue.async { [self] in
      do throws(LogDiskError) {
        try LedgerArchiving.run(stateDirectory: stateDirectory)
      } catch {
        logger.write(
          Announcement(
            .segmentNotCompressed,
            "a closed segment of the ledger could not be compressed, and stays as it is: \(error)"))
      }
    }
  }
}
