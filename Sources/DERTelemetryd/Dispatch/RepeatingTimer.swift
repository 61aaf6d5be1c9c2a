import Dispatch
import TelemetryCore

/// Calls a handler on a queue, again and again, until it is dropped.
///
/// Ticks that a slow handler missed come as one: count by the clock, never by calls. Keep the timer in a property, since
/// dropping it stops it. The handler is `@Sendable` here because Dispatch's own is not, and a captured variable would
/// race without a word from the compiler.
struct RepeatingTimer: ~Copyable {
  private let source: any DispatchSourceTimer

  /// The first call comes one period from now.
  ///
  /// - Parameters:
  ///   - period: longer than 0.
  ///   - leeway: how much later than asked the kernel may call, to wake less often.
  ///   - queue: where the handler runs.
  ///   - handler: what is called.
  init(
    every period: Milliseconds, leeway: Milliseconds = Milliseconds(10), on queue: DispatchQueue,
    handler: @escaping @Sendable () -> Void
  ) {
    precondition(period > Milliseconds(0), "a timer has a period")
    source = DispatchSource.makeTimerSource(queue: queue)
    let interval = DispatchTimeInterval.milliseconds(Int(period.count))
    source.schedule(
      deadline: .now() + interval, repeating: interval, leeway: .milliseconds(Int(leeway.count)))
    source.setEventHandler(handler: handler)
    source.activate()
  }

  deinit { source.cancel() }
}
