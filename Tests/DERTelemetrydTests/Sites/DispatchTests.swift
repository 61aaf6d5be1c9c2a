import Dispatch
import TelemetryCore
import Testing

@testable import DERTelemetryd

@Suite struct DispatchTests {
  private actor Counter {
    private nonisolated let executor: QueueExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private var timer: RepeatingTimer?
    private let source: AsyncStream<Int>.Continuation
    private var count = 0

    init(queue: DispatchQueue, source: AsyncStream<Int>.Continuation) {
      executor = QueueExecutor(queue: queue)
      self.source = source
    }

    func start() {
      timer = RepeatingTimer(every: Milliseconds(5), on: executor.queue) { [weak self] in
        self?.assumeIsolated { $0.ticked() }
      }
    }

    func stop() { timer = nil }

    private func ticked() {
      count += 1
      source.yield(count)
    }
  }

  @Test(.timeLimit(.minutes(1))) func aTimerEntersTheActorOfItsQueue() async {
    let (stream, source) = AsyncStream.makeStream(of: Int.self)
    let counter = Counter(queue: DispatchQueue(label: "der.test"), source: source)
    await counter.start()
    for await count in stream where count == 3 { break }
    await counter.stop()
  }

  @Test func bothClocksGoForwards() {
    let clock = SystemClock()
    let first = clock.now()
    let second = clock.now()
    #expect(first.uptime <= second.uptime)
    #expect(first.utc > UTCInstant(seconds: 1_700_000_000))
  }

  @Test(arguments: [
    ("10.0.0.1", "10.0.0.1", 502), ("meter:1502", "meter", 1502), ("[::1]:15", "::1", 15), ("::1", "::1", 502),
    ("[fe80::2]", "fe80::2", 502),
  ]) func anAddressIsReadAsPeopleWriteIt(text: String, host: String, port: Int) {
    #expect(Probe.modbusAddress(text, unit: 3) == ModbusAddress(host: host, port: port, unit: 3))
  }

  @Test(arguments: ["", ":502", "meter:", "meter:0", "meter:65536", "meter:x", "[::1", "[::1]502", "[]:5"])
  func whatIsNoAddressIsRefused(text: String) { #expect(Probe.modbusAddress(text, unit: 1) == nil) }
}
