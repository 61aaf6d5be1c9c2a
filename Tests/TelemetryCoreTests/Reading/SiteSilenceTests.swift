import Testing

@testable import TelemetryCore

/// A site speaks once when it goes quiet and once when it is back.
@Suite struct SiteSilenceTests {
  private let meter = SimulatedRegisters.device(models: [SimulatedRegisters.meter()])

  private func words(_ driver: ConnectionDriver) -> [String] {
    driver.told.compactMap { action in
      switch action {
      case .quiet: "quiet"
      case .back: "back"
      default: nil
      }
    }
  }

  @Test func aSiteThatWasNeverReachedIsQuietAtOnceAndSaysItOnce() {
    var driver = ConnectionDriver(meter)
    driver.tell(.scanDue(0))
    driver.tell(.unreachable(reason: "connection refused"))
    #expect(words(driver) == ["quiet"])
    for _ in 0..<20 {
      driver.passDeadline()
      driver.tell(.unreachable(reason: "connection refused"))
    }
    #expect(words(driver) == ["quiet"])
    #expect(driver.losses.count == 21)
    driver.passDeadline()
    driver.becomeReady()
    #expect(words(driver) == ["quiet"])
    driver.scan()
    driver.scan()
    #expect(words(driver) == ["quiet", "back"])
  }

  @Test func oneLostScanIsNotWorthAWord() {
    var driver = ConnectionDriver(meter)
    driver.becomeReady()
    driver.scan()
    driver.tell(.scanDue(0))
    driver.passDeadline()
    driver.scan()
    #expect(words(driver).isEmpty)
  }

  @Test func aSiteIsQuietOnceItsReadingsNoLongerBridgeABoundary() {
    var driver = ConnectionDriver(meter)
    driver.becomeReady()
    driver.scan()
    driver.wait(milliseconds: 14_999)
    driver.closedByDevice()
    #expect(words(driver).isEmpty)
    driver.wait(milliseconds: 1)
    driver.passDeadline()
    driver.tell(.unreachable(reason: "refused"))
    #expect(words(driver) == ["quiet"])
  }

  @Test func attemptsToConnectBackOffToAMinute() {
    var driver = ConnectionDriver(meter)
    driver.tell(.scanDue(0))
    var waits: [Int64] = []
    for _ in 0..<9 {
      driver.tell(.unreachable(reason: "refused"))
      let failed = driver.now.uptime
      driver.passDeadline()
      waits.append((driver.now.uptime - failed).count)
    }
    #expect(waits == [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  }

  @Test func jitterStretchesTheWaitToAtMostTheWholeOfIt() {
    var backoff = Backoff()
    for _ in 0..<100 { #expect(backoff.failed(jitter: 255) <= Backoff.longest) }
    backoff.succeeded()
    #expect(backoff.failed(jitter: 255) == Milliseconds(998))
  }

  @Test func aConnectionThatIsNeverAnsweredEndsAtItsTimeout() {
    var driver = ConnectionDriver(meter)
    driver.tell(.scanDue(0))
    driver.wait(milliseconds: ConnectionSession.connectTimeout.count - 1)
    driver.tell(.deadlinePassed)
    #expect(driver.losses.isEmpty)
    driver.wait(milliseconds: 1)
    driver.tell(.deadlinePassed)
    #expect(driver.losses == [.connectionTimedOut])
    #expect(driver.closeCount == 1)
  }
}
