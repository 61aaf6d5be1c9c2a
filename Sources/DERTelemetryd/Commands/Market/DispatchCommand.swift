import ArgumentParser
import Foundation
import MarketCore
import NIOPosix
import TelemetryCore

/// `dertelemetryd dispatch`.
struct Dispatch: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dispatch",
    abstract: "Ask ADS for five-minute dispatch, and show that of a trade date.",
    discussion: """
      Fetches the batches since the last one that is kept in market.sqlite of the state directory; with --follow it asks \
      again and again until it is stopped, and prints what is new. With --kept it asks nothing. The profile ads says \
      how; nobody has run the shipped one against CAISO.

      Exit status: 0, 1 no dispatch of that day, 64 usage, 65 refused, or an answer that cannot be used, 69 not reached, or \
      no time zone database, 74 disk, 78 market.yaml, the identity or the profile cannot be used.

      Example: dertelemetryd dispatch --trade-date 2026-11-23 --resource EXAMPL_7_DERA1
      """)

  @Option(help: ArgumentHelp("The trade date; today by default.", valueName: "YYYY-MM-DD"))
  var tradeDate: String?

  @Option(help: "Of which resource; by default of all that ADS tells of.")
  var resource: String?

  @Flag(help: "Go on asking until stopped, and print what is new.")
  var follow = false

  @Flag(help: "Ask nothing, and show what is kept.")
  var kept = false

  @Flag(help: "Print JSON.")
  var json = false

  @OptionGroup var options: ConfigurationOption

  func validate() throws {
    if let tradeDate, TradeDate(tradeDate) == nil {
      throw ValidationError("--trade-date \(tradeDate): expected \(TradeDate.expectation)")
    }
    if follow, kept { throw ValidationError("--follow asks, and --kept asks nothing") }
  }

  func run() async throws {
    let settings = try options.settings()
    let zone = try MarketDay.zone()
    let date = try tradeDate.flatMap { TradeDate($0) } ?? MarketDay.today()
    let store = try ResultOutput.store(settings.stateDirectory)
    if !kept {
      let market = try MarketFile.load(beside: options.path)
      let (identity, place) = try MarketProfileFile.access(.ads, market.ads, market)
      let profile = try MarketProfileFile.load(
        "ads", beside: options.path, isVerified: { $0.isVerified }, read: DispatchProfile.read)
      let client: DispatchClient
      do throws(ChannelFault) {
        client = try DispatchClient(
          place, profile, as: identity, environment: ProcessInfo.processInfo.environment,
          group: MultiThreadedEventLoopGroup.singleton)
      } catch {
        StandardError.write("ads: \(error)\n")
        throw ExitStatus.configuration.exitCode
      }
      if follow { try await self.follow(client, store, every: place.every) }
      let count = try await fetch(client, store).count
      StandardError.write("\(count) new instructions\n")
    }
    try ResultOutput.show(
      try ResultOutput.orExit { () throws in
        try store.results(of: ResultStore.dispatch, resource: resource.map { ResourceID($0) }, date: date, zone: zone)
      }, zone: zone, json: json)
  }

  private func fetch(_ client: DispatchClient, _ store: ResultStore) async throws -> [DispatchInstruction] {
    do {
      return try await client.fetch(into: store).filter { instruction in
        resource.map { $0 == instruction.resource.name } ?? true
      }
    } catch let problem as DispatchClient.Problem {
      StandardError.write("\(problem)\n")
      throw problem.status.exitCode
    } catch {
      StandardError.write("\(error)\n")
      throw ExitStatus.inputOutput.exitCode
    }
  }

  /// Until it is stopped; a call that fails is said, and the next one is made all the same.
  private func follow(_ client: DispatchClient, _ store: ResultStore, every: Milliseconds) async throws {
    while true {
      do {
        for instruction in try await fetch(client, store) {
          let result = instruction.result
          let line = json ? try JSONText.line(result) : "\(result.resource) \(result.start) \(result.megawatts) MW"
          guard StandardOutput.write(line + "\n") else { return }
        }
      } catch let code as ExitCode where code != ExitStatus.inputOutput.exitCode {
        // It has been said; dispatch goes on without us, and so do we.
      }
      try await Task.sleep(for: .milliseconds(every.count))
    }
  }
}

/// How results are read and shown.
enum ResultOutput {
  static func store(_ stateDirectory: String) throws(ExitCode) -> ResultStore {
    try orExit { () throws in try ResultStore(stateDirectory: stateDirectory) }
  }

  /// Exit 74 where the database cannot be used.
  static func orExit<Value>(_ work: () throws -> Value) throws(ExitCode) -> Value {
    do {
      return try work()
    } catch {
      StandardError.write("\(error)\n")
      throw ExitStatus.inputOutput.exitCode
    }
  }

  /// Exit 1 where there are none.
  static func show(_ results: [ResultStore.Result], zone: TimeZoneTransitions, json: Bool) throws {
    if json {
      print(try JSONText.of(results))
    } else {
      let rows = results.map { result in
        let start = UTCInstant(timestamp: result.start)?.localText(in: zone) ?? "-"
        return [result.resource, result.start, start, result.megawatts, result.source].map { $0.controlsEscaped }
      }
      let table = TextTable(["RESOURCE", "INTERVAL START", "PACIFIC", "MW", "FROM"], rows: rows)
      print(table.lines.joined(separator: "\n"))
    }
    if results.isEmpty { throw ExitCode(1) }
  }
}
