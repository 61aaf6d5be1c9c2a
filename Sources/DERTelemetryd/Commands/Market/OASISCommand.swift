import ArgumentParser
import Foundation
import MarketCore
import MarketFiles
import Settings
import TelemetryCore

/// `dertelemetryd oasis`: what CAISO publishes.
struct OASIS: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "oasis",
    abstract: "Ask CAISO's OASIS: any report, whether a resource is listed, results and prices of a trade date.",
    discussion: """
      Anonymous, over https, one call every five seconds for all processes of this machine. What came is kept in \
      market.sqlite of the state directory. See docs/oasis.md.

      Example: dertelemetryd oasis resource EXAMPL_7_DERA1
      """,
    subcommands: [
      OASISGet.self, OASISResource.self, OASISResults.self, OASISPrices.self, OASISWatch.self,
    ])
}

/// What the commands take that ask OASIS.
struct OASISOptions: ParsableArguments {
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case table
    case csv
    case json
  }

  @OptionGroup var configuration: ConfigurationOption

  @Option(help: "How to print it.")
  var format = Format.table

  @Flag(help: "Print what would be asked, and ask nothing.")
  var show = false

  /// `market.yaml` beside the configuration, or what holds where there is none.
  func market() throws(ExitCode) -> MarketSettings { try MarketFile.load(beside: configuration.path) }

  /// Makes a request of a text or of items, and tells what was added to it.
  func request(
    _ make: (OASISRequest.Circumstances) throws(OASISRequestProblem) -> OASISRequest, market: MarketSettings
  ) throws(ExitCode) -> OASISRequest {
    let circumstances = OASISRequest.Circumstances(
      now: SystemClock().now().utc, zone: try MarketDay.zone(), versions: market.oasis.versions)
    do throws(OASISRequestProblem) {
      let request = try make(circumstances)
      let lines = request.additions.map { "added: \($0)\n" } + request.notes.map { "note: \($0)\n" }
      StandardError.write(lines.joined())
      return request
    } catch {
      StandardError.write("the request \(error)\n")
      throw ExitStatus.usage.exitCode
    }
  }

  /// The rows that a request brings; what does not come is said on standard error, and ends the command.
  func table(_ request: OASISRequest, market: MarketSettings, settings: Settings) async throws -> OASISTable {
    let client = OASISClient(market.oasis, environment: ProcessInfo.processInfo.environment)
    let outcome = await client.fetch(request)
    let (reason, status): (String, ExitCode)
    switch outcome {
    case .table(let table):
      try keep(table, of: request.report, in: settings.stateDirectory)
      return table
    case .noData(let words): (reason, status) = (words, .failure)
    case .refused(let words): (reason, status) = ("refused: \(words)", ExitStatus.data.exitCode)
    case .unusable(let words): (reason, status) = ("not usable: \(words)", ExitStatus.data.exitCode)
    case .unavailable(let words): (reason, status) = ("not reachable: \(words)", ExitStatus.unavailable.exitCode)
    case .throttled(let words): (reason, status) = ("asked too often: \(words)", ExitStatus.temporary.exitCode)
    }
    StandardError.write("\(request.report): \(reason)\n")
    throw status
  }

  /// Keeps the rows; where the state directory is not ours to write in, they are shown all the same.
  private func keep(_ table: OASISTable, of report: String, in stateDirectory: String) throws {
    do {
      try FileSystem.makeDirectories(stateDirectory)
      _ = try MarketDatabase(path: "\(stateDirectory)/market.sqlite").keep(table, of: report)
    } catch {
      StandardError.write("note: what came is not kept: \(error)\n")
    }
  }

  func write(_ table: OASISTable) throws {
    switch format {
    case .csv: _ = StandardOutput.write(([table.columns] + table.rows).map { CSVText.line($0) }.joined())
    case .json:
      let rows = table.rows.map { Dictionary(zip(table.columns, $0), uniquingKeysWith: { first, _ in first }) }
      print(try JSONText.of(rows))
    case .table:
      let rows = table.rows.map { row in row.map { $0.isEmpty ? "-" : $0.controlsEscaped } }
      print(TextTable(table.columns, rows: rows).lines.joined(separator: "\n"))
    }
  }
}

extension MarketDatabase {
  /// Keeps the rows of a report; gives how many are new or changed.
  func keep(_ table: OASISTable, of report: String) throws -> Int {
    let rows = try table.rows.map { row in
      Row(
        key: table.key(of: row), start: table.start(of: row)?.milliseconds, value: table.value(of: row),
        json: try JSONText.line(Dictionary(zip(table.columns, row), uniquingKeysWith: { first, _ in first })))
    }
    return try keep(rows, of: report, at: SystemClock().now().utc.text)
  }
}

extension JSONText {
  /// On one line.
  static func line(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}

/// `dertelemetryd oasis get`.
struct OASISGet: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "get",
    abstract: "Ask for any report, as the request is written; what CAISO requires beside it is added and said.",
    discussion: """
      REQUEST is a path with a query, a URL, or the query alone. Dates may be trade dates. Long spans go in chunks of 30 \
      days. What was added is told on standard error; rows are in the order of time, by universal time.

      Exit status: 0 rows came, 1 no data, 64 usage, 65 refused by OASIS or an answer that cannot be used, 69 not \
      reachable, 75 asked too often, 78 the configuration is not valid.

      Example: dertelemetryd oasis get \
      '/oasis/singleZip?queryname=AS_RESULTS&market_run_id=RTM&startdatetime=2026-11-23'
      """)

  @Argument(help: "The request.")
  var request: String

  @OptionGroup var options: OASISOptions

  func run() async throws {
    let market = try options.market()
    let settings = try options.configuration.settings()
    let text = request
    let request = try options.request(
      { circumstances throws(OASISRequestProblem) in try OASISRequest(text, circumstances) }, market: market)
    guard !options.show else { return request.queries().forEach { print("\(market.oasis.url)?\($0)") } }
    try options.write(try await options.table(request, market: market, settings: settings))
  }
}

/// `dertelemetryd oasis results`.
struct OASISResults: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "results",
    abstract: "Show the real-time ancillary service results of a trade date, by region.",
    discussion: """
      Exit status: as oasis get.

      Example: dertelemetryd oasis results --trade-date 2026-11-23
      """)

  @Option(help: ArgumentHelp("The trade date; today by default.", valueName: "YYYY-MM-DD"))
  var tradeDate: String?

  @OptionGroup var options: OASISOptions

  func run() async throws {
    let date = try tradeDate ?? "\(MarketDay.today())"
    let market = try options.market()
    let settings = try options.configuration.settings()
    let request = try options.request(
      { circumstances throws(OASISRequestProblem) in
        try OASISRequest(
          [.init("queryname", "AS_RESULTS"), .init("startdatetime", date), .init("enddatetime", date)], circumstances)
      }, market: market)
    guard !options.show else { return request.queries().forEach { print("\(market.oasis.url)?\($0)") } }
    try options.write(try await options.table(request, market: market, settings: settings))
  }
}
