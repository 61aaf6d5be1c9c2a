import ArgumentParser
import Foundation
import TelemetryCore

/// `dertelemetryd submissions`: what was submitted, and what came of it.
struct Submissions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "submissions",
    abstract: "List submissions, and show what was sent and answered byte for byte.",
    discussion: """
      Reads ledger and evidence without a lock, beside a running daemon or without one.

      Exit status: 0, 64 usage, 69 no ledger yet, 74 the disk failed, 78 the configuration is not valid.

      Example: dertelemetryd submissions --state unknown
      Example: dertelemetryd submissions show 20261123T080510Z-17 --answer
      """,
    subcommands: [SubmissionsList.self, SubmissionsShow.self], defaultSubcommand: SubmissionsList.self)

  static func history(of settings: Settings) throws(ExitCode) -> SubmissionHistory {
    var history = SubmissionHistory()
    try LedgerReading.forEachRecord(of: settings.stateDirectory) { history.take($0, $1) }
    return history
  }
}

/// The submissions in the order in which they were made.
struct SubmissionsList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List submissions.",
    discussion: "Example: dertelemetryd submissions list --state rejected --json")

  @OptionGroup var configuration: ConfigurationOption

  @Option(help: ArgumentHelp("Only those in this state: \(SubmissionStory.stateNames.joined(separator: ", "))."))
  var state: String?

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func validate() throws {
    guard let state, !SubmissionStory.stateNames.contains(state) else { return }
    throw ValidationError("--state \(state): expected \(SubmissionStory.stateNames.joined(separator: ", "))")
  }

  func run() throws {
    let history = try Submissions.history(of: configuration.settings())
    let stories = history.submissions.filter { story in state.map { $0 == story.stateName } ?? true }
    let reports = stories.map(SubmissionReport.init)
    let text = json ? try JSONText.of(reports) : SubmissionReport.table(reports)
    guard StandardOutput.write(text + "\n") else { throw ExitStatus.inputOutput.exitCode }
  }
}

/// A submission as people and programs read it, under names that stay.
struct SubmissionReport: Encodable {
  struct Attempt: Encodable {
    var number: Int
    var created: String
    var ending: String?
    var envelopeDigest: String
    var answerDigest: String?
  }

  struct Question: Encodable {
    var file: String
    var digest: String
  }

  var id: String
  var created: String
  var channel: String
  var schedulingCoordinator: String
  var rows: Int
  var firstIntervalEnding: String?
  var lastIntervalEnding: String?
  var state: String
  var outcomes: [String: Int]
  var batch: String?
  var payloadDigest: String
  var statusDigest: String?
  var attempts: [Attempt]
  var questions: [Question]

  init(_ story: SubmissionStory) {
    id = story.id.name
    created = story.created.text
    channel = story.channel.name
    schedulingCoordinator = story.schedulingCoordinator.name
    rows = story.rowCount
    firstIntervalEnding = story.endings?.lowerBound.instant.text
    lastIntervalEnding = story.endings?.upperBound.instant.text
    state = story.stateName
    outcomes = Dictionary(uniqueKeysWithValues: story.outcomes.map { ($0.key.rawValue, $0.value) })
    batch = story.batch?.name
    payloadDigest = story.payloadDigest.text
    statusDigest = story.statusDigest?.text
    attempts = story.attempts.map {
      Attempt(
        number: $0.number, created: $0.created.text, ending: $0.ending, envelopeDigest: $0.envelopeDigest.text,
        answerDigest: $0.answerDigest?.text)
    }
    questions = story.questions.map { Question(file: $0.file.name, digest: $0.digest.text) }
  }

  static func table(_ reports: [Self]) -> String {
    TextTable(
      ["SUBMISSION", "CREATED", "CHANNEL", "COORDINATOR", "ROWS", "FIRST", "LAST", "ATTEMPTS", "STATE", "BATCH"],
      rows: reports.map { report in
        [
          report.id, report.created, report.channel, report.schedulingCoordinator, "\(report.rows)",
          report.firstIntervalEnding ?? "-", report.lastIntervalEnding ?? "-", "\(report.attempts.count)", report.state,
          report.batch?.controlsEscaped ?? "-",
        ]
      }
    ).lines.joined(separator: "\n")
  }

  /// All that is known of it, with the files and the SHA-256 of what is in them.
  var text: String {
    let intervals = "\(firstIntervalEnding ?? "-") to \(lastIntervalEnding ?? "-")"
    let counts = outcomes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    var lines = [
      "submission \(id): \(state)\(batch.map { ", batch \($0.controlsEscaped)" } ?? "")",
      "  created \(created), channel \(channel), coordinator \(schedulingCoordinator)",
      "  \(rows) values, interval endings \(intervals)\(counts.isEmpty ? "" : ": \(counts)")",
      "  payload  \(payloadDigest)",
    ]
    for attempt in attempts {
      lines.append(
        "  attempt \(attempt.number) at \(attempt.created): \(attempt.ending?.controlsEscaped ?? "no end is known")")
      lines.append("    request  \(attempt.envelopeDigest)")
      if let digest = attempt.answerDigest { lines.append("    answer   \(digest)") }
    }
    if let statusDigest { lines.append("  status   \(statusDigest)") }
    lines += questions.map { "  \($0.file)  \($0.digest)" }
    return lines.joined(separator: "\n")
  }
}
