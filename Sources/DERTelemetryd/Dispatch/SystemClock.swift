import Glibc
import TelemetryCore

/// The clocks of the machine.
struct SystemClock: Sendable {
  /// The same point on both clocks.
  ///
  /// Read one after the other, so they may be microseconds apart. Uptime is CLOCK_BOOTTIME, which goes on while the
  /// machine sleeps.
  func now() -> Moment {
    Moment(
      utc: UTCInstant(milliseconds: milliseconds(of: CLOCK_REALTIME)),
      uptime: UptimeInstant(milliseconds: milliseconds(of: CLOCK_BOOTTIME)))
  }

  private func milliseconds(of clock: clockid_t) -> Int64 {
    var time = timespec()
    let result = clock_gettime(clock, &time)
    precondition(result == 0, "Linux has had both clocks since 2.6.39")
    return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
  }
}
