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
      first owed. Begins with the newest checkpoint, as a start does; the sums go over everything. With --deep it \
      replays every record there ever was, the archive included, and compares the accounts with every checkpoint. \
      Reads without a lock, so it works beside a running daemon and without one.

      Exit status: 0 the law holds, 1 a hole, a double, damage or values that do not add up, 69 no ledger yet, \
      78 the configuration is not valid.

      Example: dertelemetryd audit --json
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  @Flag(help: "Replay from the first record on, and prove that every checkpoint tells what the records tell.")
  var deep = false

  func run() throws {
    let settings = try configuration.settings()
    let report = try deep ? deepReport(settings.stateDirectory) : report(settings.stateDirectory)
    print(json ? try JSONText.of(report) : report.text)
    guard report.law == "holds" else { throw ExitCode(1) }
  }

  private func report(_ directory: String) throws(ExitCode) -> AuditReport {
    var reading = try LedgerReading(stateDirectory: directory)
    // A running daemon may be writing there at this moment: what is damaged still is when it is read again.
    if reading.contents.plan.damagedTail != nil { reading = try LedgerReading(stateDirectory: directory) }
    let audit = Audit(
      of: reading.replay.state, recordCount: reading.replay.recordCount, now: SystemClock().now().utc)
    var report = AuditReport(audit, directory: directory, damage: unknown(reading.contents, to: audit))
    report.checkpoint = reading.replay.checkpoint?.number
    return report
  }

  private func deepReport(_ directory: String) throws(ExitCode) -> AuditReport {
    let progress = SegmentProgress()
    let (deep, contents) = try LedgerReading.deep(stateDirectory: directory) { progress.next() }
    progress.end()
    var audit = Audit(of: deep.replay.state, recordCount: deep.replay.recordCount, now: SystemClock().now().utc)
    audit.add(deep.faults)
    var report = AuditReport(audit, directory: directory, damage: unknown(contents, to: audit))
    report.deep = AuditReport.Deep(
      segments: contents.plan.segmentCount, archivedSegments: try archivedCount(directory),
      checkpoints: deep.agreeingCount, unreadCheckpoints: deep.unreadCount)
    return report
  }

  private func archivedCount(_ directory: String) throws(ExitCode) -> Int {
    do throws(LogDiskError) {
      return try StateDirectory.ledgerArchive(of: directory).names().count
    } catch {
      StandardError.write("\(error)\n")
      throw ExitStatus.inputOutput.exitCode
    }
  }

  /// Damage in the files that no start has written down.
  private func unknown(_ contents: LogContents, to audit: Audit) -> [String] {
    (contents.plan.damage + [contents.plan.damagedTail].compactMap(\.self)).map(\.description)
      .filter { !audit.damages.contains($0) }
  }
}

/// Tells a person at a terminal how far a long reading has come.
private final class SegmentProgress {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var count = 0

  func next() {
    count += 1
    if isTerminal { StandardError.write("\rreading segment \(count) of the ledger ") }
  }

  /// Makes room for what is printed next.
  func end() {
    if isTerminal, count > 0 { StandardError.write("\r\u{1B}[K") }
  }
}
