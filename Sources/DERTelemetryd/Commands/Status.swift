import ArgumentParser
import Foundation
import TelemetryCore

/// `dertelemetryd status`: how it is doing.
struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Say how the daemon and its accounts are doing, and what a person should look at.",
    discussion: """
      Asks the running daemon; where none is running it says so, and what the ledger tells. With --check it prints one \
      line and exits as monitoring plugins do.

      Exit status: 0 running, 69 not running; with --check 0 ok, 1 warning, 2 critical. 74 the disk failed, 78 the \
      configuration is not valid.

      Example: dertelemetryd status --check
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Flag(help: "Print the whole status as JSON on standard output.")
  var json = false

  @Flag(help: "Print one line; exit 0 ok, 1 warning, 2 critical.")
  var check = false

  func run() throws {
    let settings = try configuration.settings()
    let report = try Self.report(settings)
    print(check ? report.summary : json ? try JSONText.of(report) : report.text)
    if check { throw ExitCode(report.checkStatus) }
    if !report.isRunning { throw ExitStatus.unavailable.exitCode }
  }

  private static func report(_ settings: Settings) throws -> StatusReport {
    let path = ControlSocket.path(settings)
    do throws(ControlProblem) {
      let answer: StatusReport? = try ControlClient.ask(ControlQuestion(verb: .status), path: path)
      if let answer { return answer }
    } catch {
      var report = try stopped(settings)
      report.problems.insert(
        StatusReport.Problem(level: .critical, message: "the daemon does not answer: \(error)"), at: 0)
      return report
    }
    return try stopped(settings)
  }

  /// What the accounts tell without a daemon.
  private static func stopped(_ settings: Settings) throws -> StatusReport {
    let now = SystemClock().now().utc
    let hasLedger = FileManager.default.fileExists(atPath: "\(settings.stateDirectory)/ledger")
    let state = hasLedger ? try LedgerReading(stateDirectory: settings.stateDirectory).replay.state : LedgerState()
    var report = StatusReport(state, settings, isRunning: false, now: now)
    report.version = Version.number
    report.judge()
    return report
  }
}
