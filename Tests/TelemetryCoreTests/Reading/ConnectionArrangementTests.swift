import Testing

@testable import TelemetryCore

/// A list of sites is edited while their connections are busy.
@Suite struct ConnectionArrangementTests {
  private func site(_ name: String, _ host: String, _ unit: UInt8, timeout: Int64 = 3) -> SiteSettings {
    SiteSettings(
      id: SiteID(name), resource: ResourceID("EXAMPL_7_DERA1"), nameplate: Power(milliwatts: 1), lossFactors: .none,
      modbus: ModbusAddress(
        host: host, port: 502, unit: unit, limits: ConnectionLimits(pipeline: 1, replyTimeout: .seconds(timeout))),
      scan: nil)
  }

  private func arrangement(_ old: [SiteSettings], _ new: [SiteSettings]) -> ConnectionArrangement {
    var settings = Settings.fixture()
    settings.sites = old
    var edited = settings
    edited.sites = new
    return ConnectionArrangement(
      from: ConnectionPlan(old, defaultScan: settings.scan), to: SiteArrangement(from: settings, to: edited))
  }

  @Test func connectionsGoOnAsLongAsSomeSiteIsBehindThem() {
    let old = [site("a", "one", 1), site("b", "one", 2), site("c", "two", 1), site("d", "three", 1)]
    let new = [site("e", "one", 3), site("d", "four", 1), site("b", "one", 2), site("c", "two", 9)]
    let steps = arrangement(old, new)
    #expect(steps.plan.connections.map(\.endpoint.description) == ["one:502", "four:502", "two:502"])
    #expect(
      steps.steps == [
        ConnectionArrangement.Step(connection: 0, kept: [nil, 1]),
        ConnectionArrangement.Step(connection: nil, kept: [nil]),
        ConnectionArrangement.Step(connection: 1, kept: [nil]),
      ])
    #expect(steps.ended == [2])
  }

  @Test func aConnectionWithOtherLimitsIsANewOne() {
    let steps = arrangement([site("a", "one", 1)], [site("a", "one", 1, timeout: 9)])
    #expect(steps.steps == [ConnectionArrangement.Step(connection: nil, kept: [nil])])
    #expect(steps.ended == [0])
  }

  // MARK: On a connection

  private let device = SimulatedRegisters.device(models: [SimulatedRegisters.meter()])

  private func driver(_ count: Int) -> ConnectionDriver {
    var driver = ConnectionDriver(Array(repeating: device, count: count))
    driver.becomeReady()
    return driver
  }

  private func member(_ site: Int, _ unit: UInt8) -> ConnectionMember {
    ConnectionMember(site: SiteIndex(site), unit: unit, scan: .seconds(4))
  }

  @Test func aReadingThatIsUnderWayIsOfItsSiteWhateverPlaceThatHasMeanwhile() {
    var driver = driver(3)
    driver.tell(.scanDue(2))
    driver.session.rearrange([member(7, 3), member(8, 1)], kept: [2, 0])
    driver.answer()
    #expect(driver.readings.map(\.site.position) == [7])
    driver.scan(1)
    #expect(driver.readings.map(\.site.position) == [7, 8], "it is known, and need not be looked for again")
  }

  @Test func anAnswerForASiteThatIsGoneIsNobodys() {
    var driver = driver(2)
    driver.tell(.scanDue(1))
    driver.tell(.scanDue(0))
    driver.session.rearrange([member(0, 1)], kept: [0])
    driver.answer()
    #expect(driver.readings.isEmpty)
    driver.answer()
    #expect(driver.readings.map(\.site.position) == [0], "the line goes on with whose turn it was")
    #expect(driver.closeCount == 0)
  }

  @Test func silenceOfASiteThatIsGoneIsNobodysAndEndsNothing() {
    var driver = driver(2)
    driver.tell(.scanDue(1))
    driver.session.rearrange([member(0, 1)], kept: [0])
    driver.tell(.scanDue(0))
    driver.passDeadline()
    driver.answer()
    #expect(driver.readings.map(\.site.position) == [0])
    #expect(driver.losses.isEmpty && driver.closeCount == 0)
  }

  @Test func aNewSiteIsReadFromItsFirstScanOnOverTheConnectionThatIsThere() {
    var driver = driver(1)
    driver.devices[5] = device
    driver.session.rearrange([member(1, 5), member(0, 1)], kept: [nil, 0])
    driver.tell(.scanDue(0))
    while !driver.asked.isEmpty { driver.answer() }
    driver.scan(0)
    #expect(driver.readings.map(\.site.position) == [1])
    #expect(driver.connectCount == 1)
  }
}
