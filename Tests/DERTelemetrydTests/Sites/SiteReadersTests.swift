import Dispatch
import Synchronization
import TelemetryCore
import Testing

@testable import DERTelemetryd

@Suite struct SiteReadersTests {
  private let queue = DispatchQueue(label: "der.test")

  private func settings(_ addresses: [ModbusAddress]) -> [SiteSettings] {
    addresses.map { address in
      SiteSettings(
        id: SiteID("site"), resource: ResourceID("R"), nameplate: Power(milliwatts: 1_000_000), lossFactors: .none,
        modbus: address, scan: nil)
    }
  }

  /// Runs readers over these devices until the events are enough.
  private func observe(
    _ addresses: [ModbusAddress], until isEnough: ([SiteEvent]) -> Bool
  ) async -> [SiteEvent] {
    let (stream, source) = AsyncStream.makeStream(of: SiteEvent.self)
    let queue = queue
    let readers = SiteReaders(sites: settings(addresses), defaultScan: Milliseconds(200), queue: queue) { event in
      dispatchPrecondition(condition: .onQueue(queue))
      source.yield(event)
    }
    await readers.start()
    var events: [SiteEvent] = []
    for await event in stream {
      events.append(event)
      if isEnough(events) { break }
    }
    await readers.stop()
    return events
  }

  private func readings(_ events: [SiteEvent], of index: Int) -> [SiteReading] {
    events.compactMap { event in
      guard case .reading(let reading) = event, reading.site == SiteIndex(index) else { return nil }
      return reading
    }
  }

  @Test(.timeLimit(.minutes(1))) func aDeviceIsIdentifiedAndThenReadAgainAndAgain() async throws {
    let device = try await LoopbackDevice.start(serving: LoopbackDevice.inverter)
    let events = await observe([device.address]) { readings($0, of: 0).count == 3 }
    try await device.stop()
    guard case .identified(SiteIndex(0), let found)? = events.first else {
      Issue.record("the first event is the identity")
      return
    }
    #expect(found.identity.serialNumber == "AB")
    let fromSite = readings(events, of: 0)
    #expect(fromSite.allSatisfy { $0.power == Power(milliwatts: 1_000_000) && $0.export?.raw == 5_000 })
    #expect(fromSite.map(\.instant) == fromSite.map(\.instant).sorted())
  }

  @Test(.timeLimit(.minutes(1))) func unitsBehindOnePortShareOneConnection() async throws {
    let connectionCount = Mutex(0)
    let gateway = try await LoopbackDevice.start(onConnect: { connectionCount.withLock { $0 += 1 } }) { frame in
      frame.unit == 2 ? nil : LoopbackDevice.reply(to: frame, from: LoopbackDevice.inverter)
    }
    let units = [1, 2, 3].map { ModbusAddress(gateway.address.endpoint, unit: $0) }
    let events = await observe(units) { readings($0, of: 0).count >= 3 && readings($0, of: 2).count >= 3 }
    try await gateway.stop()
    #expect(connectionCount.withLock { $0 } == 1)
    #expect(readings(events, of: 1).isEmpty)
  }

  @Test(.timeLimit(.minutes(1))) func deadAndLyingDevicesLeaveTheirNeighbourAlone() async throws {
    let good = try await LoopbackDevice.start(serving: LoopbackDevice.inverter)
    let silent = try await LoopbackDevice.start { _ in nil }
    let garbage = try await LoopbackDevice.start { _ in [UInt8](repeating: 0xA5, count: 9_000) }
    let gone = try await LoopbackDevice.start { _ in nil }
    let deadAddress = gone.address
    try await gone.stop()
    let addresses = [good.address, silent.address, garbage.address, deadAddress]
    let events = await observe(addresses) { events in
      let quiet = events.filter { if case .quiet = $0 { true } else { false } }
      return quiet.count == 2 && readings(events, of: 0).count >= 5
    }
    for device in [good, silent, garbage] { try await device.stop() }
    var reasons: [SiteIndex: ReadFailure] = [:]
    for case .quiet(let site, let failure) in events { reasons[site] = failure }
    #expect(reasons[SiteIndex(0)] == nil)
    #expect(reasons[SiteIndex(3)] == .unreachable(reason: "Connection refused"))
    switch reasons[SiteIndex(2)] {
    case .framing, .connectionLost: break
    case let other: Issue.record("garbage is not \(String(describing: other))")
    }
  }

  @Test(.timeLimit(.minutes(1))) func aDeviceThatComesBackSaysSoOnceBeforeItsReading() async throws {
    let garbageCount = Mutex(1)
    let device = try await LoopbackDevice.start { frame in
      let isGarbage = garbageCount.withLock { count in
        defer { count -= 1 }
        return count > 0
      }
      return isGarbage
        ? Array("220 mail.example ESMTP".utf8) : LoopbackDevice.reply(to: frame, from: LoopbackDevice.inverter)
    }
    let events = await observe([device.address]) { readings($0, of: 0).count == 2 }
    try await device.stop()
    let kinds = events.map { event in
      switch event {
      case .reading: "reading"
      case .quiet: "quiet"
      case .back: "back"
      case .identified: "identified"
      case .cut: "cut"
      case .contested: "contested"
      case .uncontested: "uncontested"
      }
    }
    #expect(kinds == ["quiet", "identified", "back", "reading", "reading"])
  }
}
