import Testing

@testable import TelemetryCore

/// A device that serves one client ends our connection when another comes, and ours ends the other's.
@Suite struct ConnectionContestTests {
  private let meter = SimulatedRegisters.device(models: [SimulatedRegisters.meter()])

  private func words(_ driver: ConnectionDriver) -> [String] {
    driver.told.compactMap { action in
      switch action {
      case .contested: "contested"
      case .uncontested: "uncontested"
      default: nil
      }
    }
  }

  /// The device ends the connection right after an answer, and takes us again.
  private func lose(_ driver: inout ConnectionDriver, after milliseconds: Int64 = 200) {
    driver.scan()
    driver.wait(milliseconds: milliseconds)
    driver.closedByDevice()
    driver.passDeadline()
    driver.becomeReady()
  }

  @Test func aConnectionThatIsTakenAwayThreeTimesIsAnAlarmOnce() {
    var driver = ConnectionDriver(meter)
    driver.becomeReady()
    for _ in 0..<2 { lose(&driver) }
    #expect(words(driver).isEmpty)
    for _ in 0..<5 { lose(&driver) }
    #expect(words(driver) == ["contested"])
  }

  @Test func tenMinutesInPeaceEndTheAlarm() {
    var driver = ConnectionDriver(meter)
    driver.becomeReady()
    for _ in 0..<3 { lose(&driver) }
    driver.wait(milliseconds: 599_000)
    driver.scan()
    #expect(words(driver) == ["contested"])
    driver.wait(milliseconds: 4_000)
    driver.scan()
    driver.scan()
    #expect(words(driver) == ["contested", "uncontested"])
    for _ in 0..<3 { lose(&driver) }
    #expect(words(driver) == ["contested", "uncontested", "contested"])
  }

  @Test func aDeviceThatEndsAnIdleConnectionIsNoContest() {
    var driver = ConnectionDriver(meter)
    driver.becomeReady()
    for _ in 0..<10 { lose(&driver, after: 3_000) }
    #expect(words(driver).isEmpty)
  }

  @Test func endsThatAreFarApartAreNoContest() {
    var driver = ConnectionDriver(meter)
    driver.becomeReady()
    for _ in 0..<10 {
      lose(&driver)
      driver.wait(milliseconds: 400_000)
    }
    #expect(words(driver).isEmpty)
  }

  @Test func aPortThatNeverAnsweredHasNothingToTakeAway() {
    var driver = ConnectionDriver(meter)
    driver.tell(.scanDue(0))
    for _ in 0..<10 {
      driver.tell(.connected)
      driver.closedByDevice()
      driver.passDeadline()
    }
    #expect(words(driver).isEmpty)
  }
}
