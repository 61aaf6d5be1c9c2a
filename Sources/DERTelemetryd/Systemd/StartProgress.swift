import TelemetryCore

/// Tells systemd that a start which takes its time is coming along, so that it is not ended for it.
///
/// Only what is done counts: a recovery that hangs says nothing, and is ended when its time is up.
final class StartProgress {
  /// How long after its last step a start may be silent.
  private static let patience = Milliseconds.seconds(90)
  private static let stepsBetweenLooks = 1_024
  private static let timeBetweenWords = Milliseconds.seconds(1)

  private let notifier: ServiceNotifier
  private let clock = SystemClock()
  private var count = 0
  private var saidAt: UptimeInstant

  init(_ notifier: ServiceNotifier = ServiceNotifier()) {
    self.notifier = notifier
    saidAt = clock.now().uptime
  }

  /// One record more has been read, of what is named.
  func step(_ what: String) {
    count += 1
    guard count.isMultiple(of: Self.stepsBetweenLooks) else { return }
    let uptime = clock.now().uptime
    guard uptime - saidAt >= Self.timeBetweenWords else { return }
    saidAt = uptime
    notifier.starting(within: Self.patience)
    notifier.status("starting: reading the \(what), record \(count)")
  }
}
