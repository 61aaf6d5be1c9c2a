import TelemetryCore
import Testing

@testable import TelemetrySimulation

/// Whole days of a house in which everything goes wrong that can.
@Suite struct SimulationTests {
  /// Each argument is a block of ten seeds, so that the log of a run has no line for every one.
  @Test(arguments: UInt64(0)..<20)
  func everyPromiseHoldsWhateverHappens(block: UInt64) {
    for seed in block * 10..<block * 10 + 10 {
      let report = ScenarioReport.run(ScenarioPlan(seed: seed), days: 1)
      #expect(report.violations == [], "seed \(seed)")
      #expect(report.duplicates == 0, "seed \(seed)")
      #expect(report.crashes > 0 && report.intervals > 350 && report.submissions > 50, "seed \(seed): \(report)")
    }
  }

  @Test func theSameSeedIsTheSameDay() {
    let first = ScenarioReport.run(ScenarioPlan(seed: 11), days: 1)
    #expect(ScenarioReport.run(ScenarioPlan(seed: 11), days: 1) == first)
    #expect(ScenarioReport.run(ScenarioPlan(seed: 12), days: 1).traceHash != first.traceHash)
  }

  /// Its readings log has a small cap.
  @Test func oldReadingsAreRemovedAndNothingIsMissing() {
    let scenario = Scenario(ScenarioPlan(seed: 45, troubles: []))
    scenario.run(minutes: 24 * 60)
    #expect(scenario.shedCount > 0)
    #expect(scenario.violations == [])
  }

  /// In this one the process starts again in the second in which a submission was prepared and never decided on.
  @Test func aNumberThatWasSkippedIsNotGivenToAnotherSubmission() {
    #expect(ScenarioReport.run(ScenarioPlan(seed: 2_089, step: 60, troubles: []), days: 1).violations == [])
  }

  /// What a person decides, and an edited configuration, at any moment: none of it breaks a promise, and all of it happens.
  @Test func personsDecideAndEditAtAnyMoment() {
    let scenario = Scenario(ScenarioPlan(seed: 8, troubles: [.person, .reload]))
    scenario.run(minutes: 24 * 60)
    scenario.drain(minutes: 10 * 60)
    scenario.checkAccounts()
    scenario.checkEverythingIsDone()
    #expect(scenario.violations == [])
    #expect(scenario.waivedCount > 0 && scenario.reloadCount > 3)
    #expect(scenario.person.decidedCount > 10)
  }

  /// The disk is filled and freed: readings are removed by rule, the reserve is used, nothing acknowledged is lost.
  @Test func theDiskIsFilledAndFreed() {
    let scenario = Scenario(ScenarioPlan(seed: 5, troubles: [.fullDisk]))
    scenario.run(minutes: 24 * 60)
    scenario.drain(minutes: 10 * 60)
    scenario.checkAccounts()
    scenario.checkEverythingIsDone()
    #expect(scenario.violations == [])
    #expect(scenario.room.fillCount > 2 && scenario.room.reserveReleaseCount > 0)
  }

  /// Some seeds of some days are enough for each.
  @Test(arguments: PlantedBug.allCases)
  func aPlantedBugBreaksAPromise(bug: PlantedBug) {
    for seed in UInt64(1)..<20 {
      guard ScenarioReport.run(ScenarioPlan(seed: seed), days: 1, bug: bug).violations.isEmpty else { return }
    }
    Issue.record("no promise noticed \(bug.rawValue)")
  }
}
