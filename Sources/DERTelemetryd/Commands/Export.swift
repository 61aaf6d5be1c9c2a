import ArgumentParser
import Settings
import TelemetryCore

/// `dertelemetryd export`: a trade date for people and programs that settle by other means.
struct Export: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case csv
  }

  static let configuration = CommandConfiguration(
    abstract: "Write the intervals of one trade date as CSV.",
    discussion: """
      One line for each interval that is owed: 288 for a resource and measurement on most days, 276 and 300 when the \
      clocks change. This is our own layout, not the operator's for uploads. With --output the file is there whole or \
      not at all.

      Exit status: 0, 64 usage, 69 no ledger yet, 74 the disk failed, 78 the configuration is not valid.

      Example: dertelemetryd export --trade-date 2026-11-23 --format csv --output 2026-11-23.csv
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Option(help: ArgumentHelp("The trade date.", valueName: "YYYY-MM-DD"))
  var tradeDate: String

  @Option(help: "How to write it.")
  var format = Format.csv

  @Option(help: "Only this resource.")
  var resource: String?

  @Option(help: "The file to write; standard output otherwise.", completion: .file())
  var output: String?

  func validate() throws {
    guard TradeDate(tradeDate) != nil else {
      throw ValidationError("--trade-date \(tradeDate): expected \(TradeDate.expectation)")
    }
  }

  func run() throws {
    let settings = try configuration.settings()
    guard let zone = PacificTime.transitions(), let date = TradeDate(tradeDate) else {
      StandardError.write("the time zone America/Los_Angeles is not known here: install tzdata\n")
      throw ExitStatus.unavailable.exitCode
    }
    let endings = date.intervalEndings(settings.intervalLength, in: zone)
    guard let first = endings.first?.instant, let last = endings.last?.instant else { return }
    let state = try LedgerReading(stateDirectory: settings.stateDirectory, whole: first...last).replay.state
    let rows = state.rows(in: first...last, now: last)
      .filter { row in resource.map { $0 == row.resource.name } ?? true }
    let lines = rows.map { ExportLine($0, date: date, zone: zone, minutes: settings.intervalLength).values }
    let text = ([ExportLine.keys] + lines).map { $0.joined(separator: ",") + "\n" }.joined()
    try write(text)
  }

  private func write(_ text: String) throws {
    guard let output else {
      guard StandardOutput.write(text) else { throw ExitStatus.inputOutput.exitCode }
      return
    }
    let slash = output.lastIndex(of: "/")
    let folder = slash.map { $0 == output.startIndex ? "/" : String(output[..<$0]) } ?? "."
    let name = slash.map { String(output[output.index(after: $0)...]) } ?? output
    do throws(LogDiskError) {
      try FileSystem.publish([UInt8](text.utf8), as: name, in: folder)
    } catch {
      StandardError.write("\(error)\n")
      throw ExitStatus.inputOutput.exitCode
    }
  }
}

/// One interval of an export.
struct ExportLine {
  static let keys = [
    "trade_date", "sc_id", "resource_id", "measurement_type", "uom", "interval_minutes", "interval_end_gmt",
    "interval_end_ppt", "value", "quality", "revision", "state",
  ]
  let values: [String]

  init(_ row: IntervalRow, date: TradeDate, zone: TimeZoneTransitions, minutes length: IntervalLength) {
    values = [
      "\(date)", row.schedulingCoordinator?.name ?? "", row.resource.name, row.measurement.name, row.unit,
      length.minutesText, row.intervalEnding.instant.text, row.intervalEnding.instant.localText(in: zone),
      row.value ?? "", row.revision > 0 ? row.quality.name : "", "\(row.revision)", row.state,
    ]
  }
}

extension IntervalLength {
  /// A decimal where a commissioning interval is no whole number of minutes.
  fileprivate var minutesText: String {
    let (whole, rest) = seconds.quotientAndRemainder(dividingBy: 60)
    guard rest > 0 else { return "\(whole)" }
    let hundredths = rest * 100 / 60
    return "\(whole).\(hundredths < 10 ? "0" : "")\(hundredths)"
  }
}
