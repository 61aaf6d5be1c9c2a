import Testing

@testable import TelemetryCore

/// A channel's turns under any order of events: late syncs, crashes, lost answers, sites that come and go.
@Suite struct RandomCadenceTests {
  private static let settings: Settings = {
    var settings = Settings.fixture(
      interval: 120, sites: 4, resources: ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"], settle: 300)
    settings.scan = .seconds(RandomDay.step)
    settings.channels[0].cadence = .hourly
    return settings
  }()

  /// What is neither here nor there at an instant: each interval that has left early, or has not left at its turn.
  private func strays(_ day: RandomDay, at now: UTCInstant, isDrained: Bool) -> [String] {
    let turn = SubmissionCadence.hourly.lastTurn(at: now, grace: Self.settings.grace) ?? now
    let ledger = day.pipeline.ledger
    var strays: [String] = []
    for account in ledger.seriesInOrder.compactMap({ ledger.series[$0] }) {
      account.forEach { ending, obligation in
        let isHome = [.due, .missing, .queued].contains(obligation.state)
        let hasTurn = ending.instant + Self.settings.grace <= turn
        guard hasTurn ? isDrained && isHome && ending != account.origin : !isHome else { return }
        strays.append("\(account.key.resource) \(ending.instant.text) is \(obligation.state) at \(now.text)")
      }
    }
    return strays
  }

  @Test(arguments: UInt64(100)..<108)
  func nothingLeavesBeforeItsTurnAndEverythingLeavesAtIt(seed: UInt64) {
    var day = RandomDay(seed: seed, settings: [Self.settings])
    // It begins half a minute before noon.
    var now = House.noon - .seconds(30)
    var strays: [String] = []
    for part in 0..<40 {
      if part < 32 { day.run(minutes: 5) } else { day.drain(minutes: 5) }
      now = now + .seconds(300)
      strays += self.strays(day, at: now, isDrained: part == 39)
    }
    #expect(strays.isEmpty, "seed \(seed): \(strays.prefix(3))")
    #expect(day.violations.isEmpty, "seed \(seed): \(day.violations.prefix(3))")
    #expect(day.operator.violations.isEmpty, "seed \(seed): \(day.operator.violations.prefix(3))")
    #expect(day.audit.isLawful, "seed \(seed): \(day.audit.faults.prefix(3))")
    #expect(day.operator.takenCount >= 3, "seed \(seed)")
  }
}
