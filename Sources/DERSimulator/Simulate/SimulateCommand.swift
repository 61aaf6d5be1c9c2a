import ArgumentParser
import Foundation
import TelemetrySimulation

/// `dersim simulate`: whole days in virtual time, in which everything goes wrong that can.
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract:
      "Simulate days of the daemon's decisions under faults of disk, sites and operator, and check every promise.",
    discussion: """
      One seed decides everything: which operation of the disk fails, when the power goes, when the process dies, which \
      site is away, what the operator says. The same seed gives the same trace on every machine.

      Exit status: 0 every promise held, 1 one was broken, 64 usage.

      Example: dersim simulate --seed 7 --days 2
      """)

  @Option(help: "The first seed.")
  var seed: UInt64 = 1

  @Option(help: "How many seeds, one after the other.")
  var seeds: UInt64 = 1

  @Option(help: "Days with faults; then it drains for ten hours.")
  var days = 1

  @Option(help: ArgumentHelp("Seconds between two readings of a site.", valueName: "seconds"))
  var step: Int64 = 60

  @Option(help: ArgumentHelp("Plant a bug, to see a promise notice.", valueName: "bug"))
  var bug: PlantedBug?

  @Flag(help: "Print one JSON object for each seed.")
  var json = false

  func validate() throws {
    guard (1...10_000).contains(days) else { throw ValidationError("--days \(days): expected 1 to 10000") }
    guard (1...1_000_000).contains(seeds) else { throw ValidationError("--seeds \(seeds): expected 1 to 1000000") }
    guard (10...150).contains(step), 300 % step == 0 else {
      throw ValidationError("--step \(step): expected a divisor of 300 from 10 to 150")
    }
  }

  func run() throws {
    var broken: UInt64 = 0
    for seed in seed..<seed + seeds {
      let began = ContinuousClock.now
      let report = ScenarioReport.run(ScenarioPlan(seed: seed, step: step), days: days, bug: bug)
      let line = SimulationLine(report, took: ContinuousClock.now - began)
      print(json ? try line.json() : line.text)
      if !report.violations.isEmpty { broken += 1 }
    }
    if broken > 0 { throw ExitCode(1) }
  }
}

extension PlantedBug: ExpressibleByArgument {}

/// What one seed came to, under names that stay.
private struct SimulationLine: Encodable {
  var seed: UInt64
  var days: Int
  var crashes: Int
  var powerCuts: Int
  var records: Int
  var intervals: Int
  var submissions: Int
  var duplicates: Int
  var bytesWritten: Int
  var trace: String
  var seconds: Double
  var violations: [String]

  init(_ report: ScenarioReport, took duration: Duration) {
    (seed, days) = (report.seed, report.days)
    (crashes, powerCuts, records) = (report.crashes, report.powerCuts, report.records)
    (intervals, submissions, duplicates) = (report.intervals, report.submissions, report.duplicates)
    (bytesWritten, trace, violations) = (report.bytesWritten, report.traceHash, report.violations)
    let (whole, rest) = duration.components
    seconds = (Double(whole) + Double(rest) / 1e18)
  }

  func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  var text: String {
    let speed = Int((Double(days) * 86_400 + 36_000) / max(seconds, 0.000_001))
    let lines = [
      "seed \(seed): \(days) days, \(intervals) intervals, \(submissions) submissions, \(crashes) crashes "
        + "(\(powerCuts) power cuts), \(duplicates) duplicates, trace \(trace), \(speed) times real time"
    ]
    return (lines + violations.map { "  broken: \($0)" }).joined(separator: "\n")
  }
}
