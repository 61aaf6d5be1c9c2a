import Dispatch
import Glibc
import Synchronization

/// SIGTERM and SIGINT as something to wait for, SIGHUP as a wish; SIGHUP and SIGPIPE never end the process.
///
/// A signal that comes before its source is registered would end the process or be lost, so registration is waited for
/// before anything else is done. Until there is something to stop in order, SIGTERM and SIGINT end the process at once:
/// recovery may be cut off anywhere, and may take longer than anyone wants to wait.
final class StopSignals: Sendable {
  private let queue = DispatchQueue(label: "der.signals")
  private let registrations: AsyncStream<Void>
  private let arrivals: AsyncStream<Void>
  private let sources: Mutex<[DispatchSource]> = Mutex([])
  private let isOrderly = Mutex(false)
  private let hangUps = Mutex(HangUps())

  private struct HangUps {
    var handler: (@Sendable () -> Void)?
    /// One came while nobody could take it.
    var isWaiting = false
  }

  private static let numbers = [SIGTERM, SIGINT, SIGHUP]

  init() {
    let (registrations, registered) = AsyncStream.makeStream(of: Void.self)
    let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
    self.registrations = registrations
    self.arrivals = arrivals
    signal(SIGPIPE, SIG_IGN)  // a reader of our output that is gone must not stop metering
    for number in Self.numbers {
      watch(number, onRegistration: { registered.yield() }) {
        if number == SIGHUP { return self.hungUp() }
        guard self.isOrderly.withLock(\.self) else { Self.endNow() }
        arrived.yield()
      }
    }
  }

  /// From now on each SIGHUP is told, which many take for "read the configuration again", and one that came before.
  func onHangUp(_ handler: @escaping @Sendable () -> Void) {
    let isWaiting = hangUps.withLock { hangUps in
      defer { hangUps = HangUps(handler: handler) }
      return hangUps.isWaiting
    }
    if isWaiting { handler() }
  }

  private func hungUp() {
    let handler = hangUps.withLock { hangUps in
      hangUps.isWaiting = hangUps.handler == nil
      return hangUps.handler
    }
    handler?()
  }

  private static func endNow() -> Never {
    ServiceNotifier().stopping()
    // Not `exit`: what it would take down is in use by the other threads.
    _exit(ExitStatus.success.rawValue)
  }

  /// From now on whoever waits for ``arrived()`` stops what runs.
  func beOrderly() { isOrderly.withLock { $0 = true } }

  private func watch(
    _ number: Int32, onRegistration: @escaping @Sendable () -> Void, _ handler: @escaping @Sendable () -> Void
  ) {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
    source.setRegistrationHandler(handler: onRegistration)
    source.setEventHandler(handler: handler)
    source.activate()
    if let source = source as? DispatchSource { sources.withLock { $0.append(source) } }
  }

  func registered() async {
    var count = 0
    for await _ in registrations {
      count += 1
      if count == Self.numbers.count { return }
    }
  }

  func arrived() async {
    for await _ in arrivals { return }
  }
}
