import ArgumentParser
import Foundation
import Settings
import TelemetryCore

/// `dertelemetryd intervals`: the intervals of a trade date, or the last ones as they come.
struct Intervals: AsyncParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table, csv, json
  }

  static let configuration = CommandConfiguration(
    abstract: "Show intervals with their values and states.",
    discussion: """
      Shows one trade date (a day of Pacific prevailing time), today unless told otherwise; with --follow the last \
      intervals of every resource, refreshed each second. Keys are interval endings in UTC; trade date and hour ending \
      are for people. --compare and --plot set what was measured beside the schedule and the price: docs/comparing.md.

      Exit status: 0, 64 usage, 65 with --schedule one that cannot be read, 69 no ledger yet, 74 the picture cannot be \
      written, 78 the configuration is not valid.

      Example: dertelemetryd intervals --resource EXAMPL_7_DERA1 --trade-date 2026-11-23 --format csv
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Option(help: "Only this resource.")
  var resource: String?

  @Option(help: ArgumentHelp("The trade date.", valueName: "YYYY-MM-DD"))
  var tradeDate: String?

  @Option(help: "How to print it.")
  var format = Format.table

  @Flag(help: "Show the last intervals of every resource, refreshed each second, until interrupted.")
  var follow = false

  @OptionGroup var comparing: ComparingOptions

  func validate() throws {
    if let tradeDate, TradeDate(tradeDate) == nil {
      throw ValidationError("--trade-date \(tradeDate): expected \(TradeDate.expectation)")
    }
    if follow, comparing.isAsked {
      throw ValidationError("--compare and --plot are of one trade date: leave out --follow")
    }
    if follow, tradeDate != nil || format != .table {
      throw ValidationError("--follow shows the latest intervals as a table: leave out --trade-date and --format")
    }
  }

  func run() async throws {
    let settings = try configuration.settings()
    guard let zone = PacificTime.transitions() else {
      StandardError.write("the time zone America/Los_Angeles is not known here: install tzdata\n")
      throw ExitStatus.unavailable.exitCode
    }
    if follow { return try await FollowedIntervals(settings, resource: resource).run() }
    let now = SystemClock().now().utc
    let date =
      tradeDate.flatMap { TradeDate($0) }
      ?? TradeDate(of: IntervalEnding(containing: now, length: settings.intervalLength), in: zone)
    let endings = date.intervalEndings(settings.intervalLength, in: zone)
    guard let first = endings.first?.instant, let last = endings.last?.instant else { return }
    let state = try LedgerReading(stateDirectory: settings.stateDirectory, whole: first...last).replay.state
    if comparing.isAsked {
      return try comparing.run(
        state.rows(in: first...last, now: now), settings, resource: resource, date: date, zone: zone, format: format,
        configuration: configuration.path)
    }
    let rows = state.rows(in: first...last, now: now)
      .filter { row in resource.map { $0 == row.resource.name } ?? true }
      .map { IntervalLine($0, date: date, zone: zone) }
    print(try text(rows))
  }

  private func text(_ rows: [IntervalLine]) throws -> String {
    switch format {
    case .table: return TextTable(IntervalLine.header, rows: rows.map(\.cells)).lines.joined(separator: "\n")
    case .csv:
      return ([IntervalLine.keys] + rows.map(\.values)).map { $0.joined(separator: ",") }.joined(separator: "\n")
    case .json: return try JSONText.of(rows)
    }
  }
}

/// One interval, as printed under names that stay.
struct IntervalLine: Encodable {
  var resource: String
  var measurement: String
  var tradeDate: String
  var hourEnding: Int
  var intervalEnding: String
  /// An exact decimal in the unit; null before the first seal.
  var value: String?
  var unit: String
  var quality: String
  var state: String
  var revision: Int
  var sites: Int
  /// Null unless it is part of one that is not settled.
  var submission: String?

  private enum CodingKeys: String, CodingKey {
    case resource, measurement, tradeDate, hourEnding, intervalEnding, value, unit, quality, state, revision, sites
    case submission
  }

  init(_ row: IntervalRow, date: TradeDate, zone: TimeZoneTransitions) {
    resource = row.resource.name
    measurement = row.measurement.name
    tradeDate = "\(date)"
    hourEnding = HourEnding(of: row.intervalEnding, in: zone).number
    intervalEnding = row.intervalEnding.instant.text
    value = row.value
    unit = row.unit
    quality = row.revision > 0 ? row.quality.name : ""
    state = row.state
    revision = row.revision
    sites = row.siteCount
    submission = row.submission?.name
  }

  /// Every key stands in every interval: what is not known is null.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(resource, forKey: .resource)
    try container.encode(measurement, forKey: .measurement)
    try container.encode(tradeDate, forKey: .tradeDate)
    try container.encode(hourEnding, forKey: .hourEnding)
    try container.encode(intervalEnding, forKey: .intervalEnding)
    try container.encode(value, forKey: .value)
    try container.encode(unit, forKey: .unit)
    try container.encode(quality, forKey: .quality)
    try container.encode(state, forKey: .state)
    try container.encode(revision, forKey: .revision)
    try container.encode(sites, forKey: .sites)
    try container.encode(submission, forKey: .submission)
  }

  static let keys = [
    "resource", "measurement", "trade_date", "hour_ending", "interval_ending", "value", "unit", "quality", "state",
    "revision", "sites", "submission",
  ]
  var values: [String] {
    [
      resource, measurement, tradeDate, "\(hourEnding)", intervalEnding, value ?? "", unit, quality, state,
      "\(revision)", "\(sites)", submission ?? "",
    ]
  }

  static let header = ["RESOURCE", "TYPE", "HE", "INTERVAL ENDING", "VALUE", "UNIT", "QUALITY", "STATE"]
  var cells: [String] {
    [resource, measurement, "\(hourEnding)", intervalEnding, value ?? "-", unit, quality, state]
  }
}
