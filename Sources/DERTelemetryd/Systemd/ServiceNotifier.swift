import CSystemd
import Glibc
import TelemetryCore

/// Tells systemd how the service is doing; outside systemd every call does nothing.
struct ServiceNotifier: Sendable {
  func ready() { send("READY=1") }
  func stopping() { send("STOPPING=1") }
  func alive() { send("WATCHDOG=1") }
  func status(_ text: String) { send("STATUS=\(text)") }

  /// The period in which systemd wants to hear that the service is alive; nil when it does not.
  var watchdogPeriod: Milliseconds? {
    var microseconds: UInt64 = 0
    guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
    return Milliseconds(Int64(clamping: microseconds / 1_000))
  }

  private func send(_ message: String) {
    _ = sd_notify(0, message)  // 0 outside systemd, negative if the socket is gone: neither may stop metering
  }
}
