import TelemetryCore

/// What one seed came to.
package struct ScenarioReport: Hashable, Sendable {
  package var seed: UInt64
  package var days: Int
  package var crashes: Int
  package var powerCuts: Int
  package var records: Int
  /// Owed and judged.
  package var intervals: Int
  /// That the operator took in.
  package var submissions: Int
  package var duplicates: Int
  package var bytesWritten: Int
  package var traceHash: String
  /// Promises that were broken.
  package var violations: [String]

  /// Days with every fault, and then as long as it takes to drain.
  package static func run(_ plan: ScenarioPlan, days: Int, bug: PlantedBug? = nil) -> Self {
    let scenario = Scenario(plan, bug: bug)
    for _ in 0..<days * 4 where scenario.violations.isEmpty {
      scenario.run(minutes: 6 * 60)
      scenario.checkAccounts()
    }
    if scenario.violations.isEmpty {
      scenario.drain(minutes: 10 * 60)
      scenario.checkAccounts()
      scenario.checkEverythingIsDone()
    }
    let intervals = scenario.audit.series.reduce(0) { $0 + Int($1.owed - $1.count(.due)) }
    return Self(
      seed: plan.seed, days: days, crashes: scenario.crashCount, powerCuts: scenario.powerCutCount,
      records: scenario.recordCount, intervals: intervals, submissions: scenario.operator.takenCount,
      duplicates: scenario.operator.duplicateCount, bytesWritten: scenario.disk.writtenByteCount,
      traceHash: scenario.trace.text, violations: scenario.violations)
  }
}

extension Scenario {
  /// What a person did, and what became of the room on the disk, in a line.
  package var statistics: String {
    "\(person.decidedCount) decisions, \(reloadCount) reloads, \(waivedCount) times waived, \(room.fillCount) times "
      + "full, \(room.reserveReleaseCount) times without a reserve, \(shedCount) times shed"
  }
}
