import Testing

@testable import TelemetryCore
import TelemetrySimulation

/// One bad site stays one bad site, also where it shares its connection (P7).
@Suite struct ConnectionIsolationTests {
  private typealias Line = SimulatedLine

  /// The largest gap between two readings of a site after a moment.
  private func gap(_ takes: [SimulatedLine.Take], of site: Int, since: Int64, until: Int64) -> Int64 {
    let instants = takes.filter { $0.site == site && $0.at >= since }.map(\.at)
    return zip([since] + instants, instants + [until]).map { $1 - $0 }.max() ?? .max
  }

  @Test(arguments: [SimulatedLine.Behaviour.silent, .gatewaySaysNobody(1_000), .answers(9_000)])
  func nineBadUnitsTakeNoReadingFromTheirNeighbour(bad: SimulatedLine.Behaviour) {
    for seed in UInt64(0)..<5 {
      var line = Line(Array(repeating: bad, count: 9) + [.answers(40)], seed: seed)
      line.run(seconds: 600)
      #expect(gap(line.takes, of: 9, since: 120_000, until: 600_000) <= 8_000, "seed \(seed)")
      let late = line.takes.filter { $0.site == 9 && $0.at >= 120_000 && $0.slip > 450 }
      let all = line.takes.filter { $0.site == 9 && $0.at >= 120_000 }
      #expect(late.count * 5 <= all.count, "seed \(seed): \(late.count) of \(all.count)")
    }
  }

  @Test func unitsThatFallSilentTogetherCostTheirNeighbourNoBoundary() {
    for seed in UInt64(0)..<5 {
      var line = Line(Array(repeating: .answers(30), count: 10), seed: seed)
      line.run(seconds: 60)
      for unit in 0..<9 { line.behaviours[unit] = .silent }
      line.run(seconds: 300)
      #expect(gap(line.takes, of: 9, since: 60_000, until: 360_000) <= 15_000, "seed \(seed)")
      for unit in 0..<9 { line.behaviours[unit] = .answers(30) }
      line.run(seconds: 300)
      for unit in 0..<9 {
        #expect(gap(line.takes, of: unit, since: 480_000, until: 660_000) <= 4_100, "seed \(seed), unit \(unit)")
      }
    }
  }

  @Test func silentUnitsAreProbedWithATenthOfTheConnectionsTime() {
    for seed in UInt64(0)..<5 {
      var line = Line([.silent, .silent, .silent, .answers(40)], seed: seed)
      line.run(seconds: 1_000)
      let probes = line.requests.filter { $0.site < 3 && $0.at >= 30_000 }
      #expect(!probes.isEmpty)
      // Each holds the line for at most a tenth of the period.
      let held = Int64(probes.count) * 400
      #expect(held * 10 <= 1_000_000 - 30_000, "seed \(seed): \(probes.count) probes")
      for unit in 0..<3 { #expect(probes.contains { $0.site == unit }, "seed \(seed), unit \(unit)") }
    }
  }

  @Test func aGatewayThatHoldsTheLineForItsTimeIsProbedTheLess() {
    var line = Line([.gatewaySaysNobody(3_000), .answers(40)], seed: 1)
    line.isSerial = true
    line.run(seconds: 2_000)
    let probes = line.requests.filter { $0.site == 0 && $0.at >= 60_000 }
    #expect(probes.count >= 10)
    #expect(Int64(probes.count) * 3_000 * 9 <= 2_000_000 - 60_000)
  }

  @Test func aUnitThatIsSlowButAliveIsReadAgainAfterItsLateAnswer() {
    var line = Line([.answers(40), .answers(40)], seed: 2)
    line.run(seconds: 60)
    line.behaviours[0] = .silent
    line.run(seconds: 60)
    line.behaviours[0] = .answers(2_000)
    line.run(seconds: 180)
    #expect(gap(line.takes, of: 0, since: 240_000, until: 300_000) <= 8_000)
    #expect(gap(line.takes, of: 1, since: 120_000, until: 300_000) <= 8_000)
  }

  @Test func scansNeverBunchUpBehindASlowUnit() {
    var line = Line([.answers(2_500), .answers(2_500), .answers(40)], seed: 3)
    line.run(seconds: 300)
    // Five seconds of slowness in a period of four: scans are left out, and none is made twice in a row.
    for site in 0..<3 {
      let instants = line.takes.filter { $0.site == site }.map(\.at)
      #expect(instants.count >= 40)
      for (first, second) in zip(instants, instants.dropFirst()) { #expect(second - first >= 1_400) }
    }
  }

  @Test func asManyRequestsAreUnderWayAsThePipelineHolds() {
    for pipeline in [1, 3] {
      let devices = (0..<5).map { _ in SimulatedRegisters.device(models: [SimulatedRegisters.meter()]) }
      var driver = ConnectionDriver(devices, limits: ConnectionLimits(pipeline: pipeline, replyTimeout: .seconds(3)))
      driver.becomeReady()
      for member in 0..<5 { driver.tell(.scanDue(member)) }
      #expect(driver.asked.count == pipeline)
      while !driver.asked.isEmpty {
        driver.answer()
        #expect(driver.asked.count <= pipeline)
      }
      #expect(driver.readings.map(\.site.position) == [3, 4, 5, 6, 7])
    }
  }

  @Test func anExceptionOfOneUnitIsNothingToTheOthers() {
    let devices = (0..<2).map { SimulatedRegisters.device(serialNumber: "\($0)", models: [SimulatedRegisters.meter()]) }
    var driver = ConnectionDriver(devices)
    driver.becomeReady()
    for _ in 0..<10 {
      driver.wait(milliseconds: 4_000)
      driver.tell(.scanDue(0))
      while !driver.asked.isEmpty { driver.answer(.serverDeviceBusy) }
      driver.scan(1)
    }
    #expect(driver.readings.count == 10)
    #expect(driver.readings.allSatisfy { $0.site == SiteIndex(4) })
    #expect(driver.session.isConnected)
  }

  @Test func anotherDeviceBehindAGatewayIsNoticedAfterASilence() {
    let devices = (0..<2).map { SimulatedRegisters.device(serialNumber: "\($0)", models: [SimulatedRegisters.meter()]) }
    var driver = ConnectionDriver(devices)
    driver.becomeReady()
    driver.devices[1] = SimulatedRegisters.device(serialNumber: "new", models: [SimulatedRegisters.meter()])
    for _ in 0..<2 {
      driver.wait(milliseconds: 4_000)
      driver.tell(.scanDue(0))
      driver.passDeadline()
      driver.scan(1)
    }
    driver.wait(milliseconds: 60_000)
    driver.tell(.scanDue(0))
    while !driver.asked.isEmpty { driver.answer() }
    driver.scan()
    let replaced = driver.told.contains {
      if case .identified(SiteIndex(3), let new) = $0 { new.identity.serialNumber == "new" } else { false }
    }
    #expect(replaced)
    #expect(driver.readings.last?.site == SiteIndex(3))
    #expect(driver.closeCount == 0)
  }

  @Test func noStreamOfBytesAndEventsTrapsASharedConnection() {
    for seed in UInt64(0)..<200 {
      var random = SeededRandom(seed: seed)
      let devices = (0..<4).map { _ in SimulatedRegisters.device(models: [SimulatedRegisters.meter()]) }
      var driver = ConnectionDriver(
        devices, limits: ConnectionLimits(pipeline: Int.random(in: 1...4, using: &random), replyTimeout: .seconds(1)))
      for _ in 0..<100 {
        driver.wait(milliseconds: Int64.random(in: 0...3_000, using: &random))
        switch Int.random(in: 0...9, using: &random) {
        case 0...2: driver.tell(.scanDue(Int.random(in: 0...4, using: &random)))
        case 3: driver.passDeadline()
        case 4: driver.tell(.connected)
        case 5: driver.closedByDevice()
        case 6: driver.answer(ModbusException(code: UInt8.random(in: 0...12, using: &random)))
        case 7: driver.tell(.received(mutated(driver.reply()?.encoded ?? [], &random)))
        default: driver.answer()
        }
        #expect(driver.asked.count <= 4 + 100, "seed \(seed)")
      }
    }
  }
}
