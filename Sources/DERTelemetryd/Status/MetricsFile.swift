import Dispatch
import Logging
import Synchronization
import TelemetryCore

/// Writes the figures of the status into a file for a collector, again and again.
final class MetricsFile: Sendable {
  private static let period = Milliseconds.seconds(15)

  private let folder: String
  private let name: String
  private let queue = DispatchQueue(label: "der.metrics")
  private let logger: Logger
  private let hasFailed = Mutex(false)

  init(path: String, logger: Logger) {
    let slash = path.lastIndex(of: "/") ?? path.startIndex
    folder = String(path[..<slash])
    name = String(path[slash...].dropFirst())
    self.logger = logger
  }

  /// Each time that the timer comes; it ends when the timer is dropped.
  func start(_ status: @escaping StatusQuestion) -> RepeatingTimer {
    queue.async { [self] in status { self.write($0) } }
    return RepeatingTimer(every: Self.period, on: queue) { [self] in status { self.write($0) } }
  }

  private func write(_ report: StatusReport) {
    queue.async { [self] in
      do {
        try FileSystem.publish([UInt8](OpenMetrics(report).text.utf8), as: name, in: folder)
        hasFailed.withLock { $0 = false }
      } catch {
        let isKnown = hasFailed.withLock { hasFailed in
          defer { hasFailed = true }
          return hasFailed
        }
        guard !isKnown else { return }  // said once, until it can be written again
        logger.write(Announcement(.metricsUnavailable, "the metrics cannot be written: \(error)"))
      }
    }
  }
}

/// Gives the status of the running daemon, on any thread.
typealias StatusQuestion = @Sendable (@escaping @Sendable (StatusReport) -> Void) -> Void
