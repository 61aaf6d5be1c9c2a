import Dispatch
import Glibc
import Synchronization

/// SIGTERM and SIGINT as something to wait for; SIGHUP and SIGPIPE never end the process.
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

  private static let numbers = [SIGTERM, SIGINT, SIGHUP]

  /// - Parameter onHangUp: called for each SIGHUP, which many take for "read the configuration again".
  init(onHangUp: @escaping @Sendable () -> Void) {
    let (registrations, registered) = AsyncStream.makeStream(of: Void.self)
    let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
    self.registrations = registrations
    self.arrivals = arrivals
    signal(SIGPIPE, SIG_IGN)  // a reader of our output that is gone must not stop metering
    for number in Self.numbers {
      watch(number, onRegistration: { registered.yield() }) {
        if number == SIGHUP { return onHangUp() }
        guard self.isOrderly.withLock(\.self) else { Self.endNow() }
        arrived.yield()
      }
    }
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
