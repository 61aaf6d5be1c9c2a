import ArgumentParser
import Foundation
import Glibc
import Settings
import TelemetryCore

/// What every command takes by which a person decides something.
struct PersonOptions: ParsableArguments {
  @OptionGroup var configuration: ConfigurationOption

  @Option(help: "Why: it is kept in the ledger, with your name.")
  var reason: String?

  @Flag(help: "Show what would become of it, and change nothing.")
  var dryRun = false

  @Flag(help: "Do not ask first.")
  var yes = false

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func validate() throws {
    guard !dryRun else { return }
    guard let reason, !reason.allSatisfy(\.isWhitespace) else {
      throw ValidationError("--reason is missing: say why, such as --reason \"meter replaced\"; or look with --dry-run")
    }
    guard yes || isatty(STDIN_FILENO) == 1 else {
      throw ValidationError("nobody can be asked here: look with --dry-run, then run it with --yes")
    }
  }

  /// Shows what would become of it, asks, and does it; a running daemon does it itself.
  func carryOut(_ message: ControlMessage) throws {
    let settings = try configuration.settings()
    var message = message
    message.reason = reason ?? ""
    message.isDryRun = true
    let preview = try report(message, settings)
    guard !dryRun, preview.problem == nil else { return try finish(preview) }
    guard yes || confirms(preview) else { return print("nothing was changed") }
    message.isDryRun = false
    try finish(try report(message, settings))
  }

  private func report(_ message: ControlMessage, _ settings: Settings) throws -> PersonReport {
    do {
      let answer: PersonReport? = try ControlClient.ask(message, path: ControlSocket.path(settings))
      if let answer { return answer }
      let request = try message.request(user: UserName.of(getuid()))
      let verdict =
        message.isDryRun
        ? try StoppedDaemon.judge(request, settings) : try StoppedDaemon.decide(request, settings)
      return PersonReport(verdict, isDryRun: message.isDryRun)
    } catch let problem as ControlProblem {
      StandardError.write("\(problem)\n")
      throw ExitStatus.unavailable.exitCode
    }
  }

  private func confirms(_ preview: PersonReport) -> Bool {
    _ = StandardOutput.write("\(preview.text)\nDo it? [y/N] ")  // nobody to ask is a no
    return ["y", "yes"].contains(readLine()?.lowercased())
  }

  private func finish(_ report: PersonReport) throws {
    print(json ? try JSONText.of(report) : report.text)
    if report.problem != nil { throw ExitStatus.data.exitCode }
  }
}

/// Which intervals a decision is about.
struct IntervalArguments: ParsableArguments {
  @Argument(help: "The resource ID.")
  var resource: String

  @Argument(
    help: ArgumentHelp(
      "An interval ending, two with `..` between, a trade date, or one hour ending of it.",
      discussion: "2026-11-23T08:05:00Z, 2026-11-23T08:05:00Z..2026-11-23T09:00:00Z, 2026-11-23 or 2026-11-23/HE15."))
  var intervals: String

  @Option(help: "Only this measurement type.")
  var measurement: String?

  @Flag(help: "Decide for the intervals that allow it, and leave the others.")
  var partly = false

  func message(_ verb: ControlMessage.Verb) throws -> ControlMessage {
    guard let zone = PacificTime.transitions() else {
      StandardError.write("the time zone America/Los_Angeles is not known here: install tzdata\n")
      throw ExitStatus.unavailable.exitCode
    }
    guard let range = IntervalText.range(intervals, in: zone) else {
      throw ValidationError("\(intervals): expected \(IntervalText.expectation)")
    }
    return ControlMessage(
      verb: verb, reason: "", isDryRun: true, isPartly: partly, resource: resource, measurement: measurement,
      first: range.lowerBound.text, last: range.upperBound.text)
  }
}
