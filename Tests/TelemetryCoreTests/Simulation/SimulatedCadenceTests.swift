import TelemetryCore
import Testing

@testable import TelemetrySimulation

/// A channel's turns whatever happens: late syncs, crashes, lost answers, sites that come and go.
@Suite struct SimulatedCadenceTests {
  /// The intervals that have left before their turn.
  private func early(_ scenario: Scenario) -> [String] {
    let grace = scenario.settings.grace
    guard let turn = SubmissionCadence.hourly.lastTurn(at: scenario.now.utc, grace: grace) else { return [] }
    let ledger = scenario.pipeline.ledger
    var early: [String] = []
    for account in ledger.seriesInOrder.compactMap({ ledger.series[$0] }) {
      account.forEach { ending, obligation in
        let isHome = [.missing, .queued].contains(obligation.state)
        guard !isHome, ending.instant + grace > turn else { return }
        early.append("\(account.key.resource) \(ending.instant.text) is \(obligation.state.name)")
      }
    }
    return early
  }

  @Test(arguments: [UInt64(1), 2, 3, 5, 7, 15])
  func nothingLeavesBeforeItsTurnAndEverythingLeavesAtIt(seed: UInt64) {
    var plan = ScenarioPlan(seed: seed, troubles: [])
    for index in plan.settings.indices {
      for channel in plan.settings[index].channels.indices { plan.settings[index].channels[channel].cadence = .hourly }
    }
    let scenario = Scenario(plan)
    var found: [String] = []
    for part in 0..<44 {
      if part < 24 { scenario.run(minutes: 30) } else { scenario.drain(minutes: 30) }
      found += early(scenario)
    }
    scenario.checkAccounts()
    scenario.checkEverythingIsDone()
    #expect(found.isEmpty, "seed \(seed): \(found.prefix(3))")
    #expect(scenario.violations == [], "seed \(seed)")
    #expect(scenario.operator.duplicateCount == 0, "seed \(seed)")
    #expect(scenario.operator.takenCount >= 15, "seed \(seed)")
  }
}
