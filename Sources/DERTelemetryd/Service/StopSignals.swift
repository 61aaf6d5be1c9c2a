import Dispatch
import Glibc
import Synchronization

/// SIGTERM and SIGINT as something to wait for.
///
/// A signal that comes before its source is registered would end the process or be lost, so registration is waited for
/// before the service says that it is ready.
final class StopSignals: Sendable {
  private let queue = DispatchQueue(label: "der.signals")
  private let registrations: AsyncStream<Void>
  private let arrivals: AsyncStream<Void>
  private let sources: Mutex<[DispatchSource]> = Mutex([])

  private static let numbers = [SIGTERM, SIGINT]

  init() {
    let (registrations, registered) = AsyncStream.makeStream(of: Void.self)
    let (arrivals, arrived) = AsyncStream.makeStream(of: Void.self)
    self.registrations = registrations
    self.arrivals = arrivals
    signal(SIGPIPE, SIG_IGN)  // a reader of our output that is gone must not stop metering
    for number in Self.numbers {
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setRegistrationHandler { @Sendable in registered.yield() }
      source.setEventHandler { @Sendable in arrived.yield() }
      source.activate()
      if let source = source as? DispatchSource { sources.withLock { $0.append(source) } }
    }
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
