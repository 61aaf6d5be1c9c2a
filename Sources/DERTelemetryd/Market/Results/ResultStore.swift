import Foundation
import MarketCore
import MarketFiles
import TelemetryCore

/// What ADS and CMRI have told, in `market.sqlite` of the state directory.
struct ResultStore {
  static let dispatch = "ADS_DISPATCH"
  private static let progress = "ADS_PROGRESS"
  private let database: MarketDatabase

  init(stateDirectory: String) throws {
    try FileSystem.makeDirectories(stateDirectory)
    database = try MarketDatabase(path: "\(stateDirectory)/market.sqlite")
  }

  /// Power by the start of its interval, of one resource on one day; a later word stands in place of an earlier one.
  struct Result: Codable, Hashable {
    var resource: String
    var start: String
    var megawatts: String
    /// The batch or the market that it came from.
    var source: String
  }

  /// How many are new or say something else than before.
  func keep(_ results: [Result], of report: String) throws -> Int {
    let rows = try results.map { result in
      MarketDatabase.Row(
        key: "\(result.resource) \(result.start)", start: UTCInstant(timestamp: result.start)?.milliseconds,
        value: result.megawatts, json: try JSONText.line(result))
    }
    return try database.keep(rows, of: report, at: SystemClock().now().utc.text)
  }

  func results(of report: String, resource: ResourceID?, date: TradeDate, zone: TimeZoneTransitions) throws -> [Result]
  {
    let span = date.start(in: zone).milliseconds..<date.advanced(by: 1).start(in: zone).milliseconds
    return try database.rows(of: report, in: span)
      .map { try JSONDecoder().decode(Result.self, from: Data($0.json.utf8)) }
      .filter { result in resource.map { $0.name == result.resource } ?? true }
  }

  /// The last batch that was kept whole.
  func lastBatch() throws -> String? { try database.rows(of: Self.progress, in: 0..<1).first?.value }

  func setLastBatch(_ name: String) throws {
    let row = MarketDatabase.Row(key: "last", start: 0, value: name, json: try JSONText.line([name]))
    _ = try database.keep([row], of: Self.progress, at: SystemClock().now().utc.text)
  }
}

extension DispatchInstruction {
  var result: ResultStore.Result {
    ResultStore.Result(
      resource: resource.name, start: start.text, megawatts: power.megawattText, source: batch)
  }
}
