import CSystemd
import Glibc
import TelemetryCore

/// Tells systemd how the service is doing; outside systemd every call does nothing.
///
/// What is said again anyway is dropped while systemd does not listen; what is said once waits a moment.
struct ServiceNotifier: Sendable {
  /// In milliseconds.
  private static let patience: Int32 = 2_000

  private let socket: NotifySocket?

  init(socket: String? = getenv("NOTIFY_SOCKET").map { String(cString: $0) }) {
    self.socket = NotifySocket(environment: socket)
  }

  func ready() { send("READY=1", patience: Self.patience) }
  /// A reload begins; it has ended with the next ``ready()``.
  ///
  /// Source: sd_notify(3), which wants the instant at which it began by the clock that nobody can set.
  func reloading() {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    send(
      "RELOADING=1\nMONOTONIC_USEC=\(Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1_000)",
      patience: Self.patience)
  }
  func stopping() { send("STOPPING=1") }
  func alive() { send("WATCHDOG=1") }
  /// Asks to be ended and started afresh at once, rather than after the period of the watchdog has passed too.
  func stalled() { send("WATCHDOG=trigger") }
  func status(_ text: String) { send("STATUS=\(text)") }
  /// The start has come further, and may take this much longer from now on.
  func starting(within patience: Milliseconds) { send("EXTEND_TIMEOUT_USEC=\(patience.count * 1_000)") }

  /// The period in which systemd wants to hear that the service is alive; nil when it does not.
  var watchdogPeriod: Milliseconds? {
    var microseconds: UInt64 = 0
    guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
    return Milliseconds(Int64(clamping: microseconds / 1_000))
  }

  /// Neither a full socket nor one that is gone may stop metering.
  private func send(_ message: String, patience: Int32 = 0) { socket?.send(message, patience: patience) }
}
