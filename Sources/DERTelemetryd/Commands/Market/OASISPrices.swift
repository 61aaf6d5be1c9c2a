import ArgumentParser
import MarketCore
import Settings
import TelemetryCore

/// `dertelemetryd oasis prices`.
struct OASISPrices: AsyncParsableCommand {
  enum Market: String, ExpressibleByArgument, CaseIterable {
    case rtd
    case fmm
    case dam

    var report: String {
      switch self {
      case .rtd: "PRC_INTVL_LMP"
      case .fmm: "PRC_RTPD_LMP"
      case .dam: "PRC_LMP"
      }
    }
  }

  static let configuration = CommandConfiguration(
    commandName: "prices",
    abstract: "Show the prices at the resource's node on a trade date, every five minutes.",
    discussion: """
      The node is that of registration.yaml, or --node. --market rtd is the five-minute market, fmm the fifteen-minute \
      one, dam the day-ahead one. The table has the whole price (LMP); csv and json have its parts too.

      Exit status: as oasis get; 65 also where the registration cannot be read.

      Example: dertelemetryd oasis prices --trade-date 2026-11-23
      """)

  @Option(help: ArgumentHelp("The trade date; today by default.", valueName: "YYYY-MM-DD"))
  var tradeDate: String?

  @Option(help: "The pricing node, in place of the registered one.")
  var node: String?

  @Option(help: "Which aggregation, where there are several.")
  var resource: String?

  @Option(help: "rtd, fmm or dam.")
  var market = Market.rtd

  @Option(
    help: ArgumentHelp("The registration; by default registration.yaml beside the configuration.", valueName: "file"))
  var registration: String?

  @OptionGroup var options: OASISOptions

  func run() async throws {
    let date = try tradeDate ?? "\(MarketDay.today())"
    let chosen = try node ?? registered()
    let report = market.report
    let settings = try options.configuration.settings()
    let marketSettings = try options.market()
    let request = try options.request(
      { circumstances throws(OASISRequestProblem) in
        try OASISRequest(
          [
            .init("queryname", report), .init("startdatetime", date), .init("enddatetime", date), .init("node", chosen),
          ], circumstances)
      }, market: marketSettings)
    guard !options.show else { return request.queries().forEach { print("\(marketSettings.oasis.url)?\($0)") } }
    let table = try await options.table(request, market: marketSettings, settings: settings)
    guard options.format == .table else { return try options.write(table) }
    print(try lines(table).joined(separator: "\n"))
  }

  private func registered() throws(ExitCode) -> String {
    let path = registration ?? RegistrationPath.beside(options.configuration.path)
    return try RegistrationPath.load(path).chosen(resource).node.name
  }

  private func lines(_ table: OASISTable) throws(ExitCode) -> [String] {
    let zone = try MarketDay.zone()
    let kind = table.index(of: "LMP_TYPE")
    let node = table.firstIndex(of: ["NODE", "NODE_ID", "RESOURCE_NAME"])
    let rows = table.rows.filter { row in kind.map { row[$0] == "LMP" } ?? true }.map { row in
      let start = table.start(of: row)
      return [
        start?.text ?? "-", start?.localText(in: zone) ?? "-", node.map { row[$0].controlsEscaped } ?? "-",
        table.value(of: row)?.controlsEscaped ?? "-",
      ]
    }
    return TextTable(["INTERVAL START", "PACIFIC", "NODE", "$/MWH"], rows: rows).lines
  }
}
