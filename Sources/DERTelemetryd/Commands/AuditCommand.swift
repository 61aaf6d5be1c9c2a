import ArgumentParser
import Foundation
import TelemetryCore

/// `dertelemetryd audit`: one command that proves that no interval is missing from the accounts.
struct AuditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "audit",
    abstract: "Prove that each interval that is owed has exactly one state, and that the values add up.",
    discussion: """
      Replays the ledger and compares it with arithmetic: what is owed is the grid of intervals since a resource was \
      first owed. Reads without a lock, so it works beside a running daemon and without one.

      Exit status: 0 the law holds, 1 a hole, a double, damage or values that do not add up, 69 no ledger yet, \
      78 the configuration is not valid.

      Example: dertelemetryd audit --json
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func run() throws {
    let settings = try configuration.settings()
    let reading = try LedgerReading(stateDirectory: settings.stateDirectory)
    let audit = Audit(
      of: reading.replay.state, recordCount: reading.replay.recordCount, now: SystemClock().now().utc)
    let damage = reading.contents.plan.damage.map(\.description).filter { !audit.damages.contains($0) }
    let report = AuditReport(audit, directory: settings.stateDirectory, damage: damage)
    print(json ? try JSONText.of(report) : report.text)
    guard report.law == "holds" else { throw ExitCode(1) }
  }
}
