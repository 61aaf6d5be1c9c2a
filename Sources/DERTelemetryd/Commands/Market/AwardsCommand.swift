import ArgumentParser
import Foundation
import MarketCore
import NIOPosix
import TelemetryCore

/// `dertelemetryd awards`.
struct Awards: AsyncParsableCommand {
  enum Market: String, ExpressibleByArgument, CaseIterable {
    case dam
    case fmm
  }

  static let configuration = CommandConfiguration(
    commandName: "awards",
    abstract: "Ask CMRI for the energy awards of a resource on a trade date.",
    discussion: """
      --market dam is the day-ahead market by the hour, fmm the fifteen-minute one. What came is kept in market.sqlite of \
      the state directory. The profile cmri says how; nobody has run the shipped one against CAISO.

      Exit status: 0, 1 no awards, 64 usage, 65 refused, or an answer or registration that cannot be used, 69 not reached, \
      or no time zone database, 74 disk, 75 asked too often, 78 market.yaml, the identity or the profile cannot be used.

      Example: dertelemetryd awards --trade-date 2026-11-27
      """)

  @Option(help: ArgumentHelp("The trade date; today by default.", valueName: "YYYY-MM-DD"))
  var tradeDate: String?

  @Option(help: "Which aggregation of the registration, where there are several.")
  var resource: String?

  @Option(help: "dam or fmm.")
  var market = Market.dam

  @Option(
    help: ArgumentHelp("The registration; by default registration.yaml beside the configuration.", valueName: "file"))
  var registration: String?

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var options: ConfigurationOption

  func validate() throws {
    guard let tradeDate, TradeDate(tradeDate) == nil else { return }
    throw ValidationError("--trade-date \(tradeDate): expected \(TradeDate.expectation)")
  }

  func run() async throws {
    guard let market = AwardsProfile.Market(rawValue: market.rawValue) else { throw ExitStatus.usage.exitCode }
    let settings = try options.settings()
    let zone = try MarketDay.zone()
    let date = try tradeDate.flatMap { TradeDate($0) } ?? MarketDay.today()
    let file = try MarketFile.load(beside: options.path)
    let (identity, place) = try MarketProfileFile.access(.cmri, file.cmri, file)
    let profile = try MarketProfileFile.load(
      "cmri", beside: options.path, isVerified: { $0.isVerified }, read: AwardsProfile.read)
    let chosen = try RegistrationPath.load(registration ?? RegistrationPath.beside(options.path)).chosen(resource)
    let client: AwardsClient
    do throws(ChannelFault) {
      client = try AwardsClient(
        place, profile, market, as: identity, environment: ProcessInfo.processInfo.environment,
        group: MultiThreadedEventLoopGroup.singleton)
    } catch {
      StandardError.write("cmri: \(error)\n")
      throw ExitStatus.configuration.exitCode
    }
    switch try await client.ask(chosen.resource, of: chosen.schedulingCoordinator, on: date, zone: zone) {
    case .failed(let status, let reason):
      StandardError.write("cmri: \(reason)\n")
      throw status.exitCode
    case .results(let results):
      let store = try ResultOutput.store(settings.stateDirectory)
      _ = try ResultOutput.orExit { () throws in try store.keep(results, of: market.report) }
      try ResultOutput.show(results, zone: zone, json: json)
    }
  }
}
