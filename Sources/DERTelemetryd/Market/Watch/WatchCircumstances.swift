import Foundation
import MarketCore
import MarketFiles
import Settings
import TelemetryCore

/// What the watch goes by that is not its own: files, days, the accounts of the service.
struct WatchCircumstances: Sendable {
  /// The main file of the configuration.
  var configuration: String
  var stateDirectory: String
  var intervalLength: IntervalLength
  var environment: [String: String]
  /// Asks the service for its accounts as they are.
  var accountsQuestion: @Sendable (@escaping @Sendable (Pipeline.StatusSnapshot) -> Void) -> Void

  func accounts() async -> Pipeline.StatusSnapshot {
    await withCheckedContinuation { continuation in accountsQuestion { continuation.resume(returning: $0) } }
  }

  /// Read each time: it may be edited while the service runs.
  func registration() throws(ConfigurationProblems) -> Registration {
    try RegistrationPath.read(RegistrationPath.beside(configuration))
  }

  func zone() throws(ChannelFault) -> TimeZoneTransitions {
    if let zone = PacificTime.transitions() { return zone }
    throw ChannelFault("the time zone America/Los_Angeles is not known here: install tzdata")
  }

  func today(_ now: UTCInstant, _ zone: TimeZoneTransitions) -> TradeDate {
    TradeDate(of: IntervalEnding(containing: now, length: .oneSecond), in: zone)
  }

  /// Opened anew each time, since the file may be removed while the service runs.
  func database() throws -> MarketDatabase {
    try FileSystem.makeDirectories(stateDirectory)
    return try MarketDatabase(path: "\(stateDirectory)/market.sqlite")
  }

  /// Gives how many rows are gone.
  func tidy(keepDays: Int, now: UTCInstant) throws -> Int {
    try database().remove(before: (now - Milliseconds.seconds(Int64(keepDays) * 86_400)).milliseconds)
  }

  /// From when on the prices of a day are asked for: half an hour behind the newest one, which may be corrected.
  func firstPrice(
    of node: String, on date: TradeDate, now: UTCInstant, zone: TimeZoneTransitions
  ) throws -> UTCInstant {
    let start = date.start(in: zone)
    let recent = max(start, now - Milliseconds.seconds(1_800))
    let rows = try database().rows(of: "PRC_INTVL_LMP", in: start.milliseconds..<(recent.milliseconds + 1))
    let isKnown = try rows.contains { row in
      let cells = try JSONDecoder().decode([String: String].self, from: Data(row.json.utf8))
      return (cells["NODE"] ?? cells["NODE_ID"]) == node && (row.start ?? 0) > recent.milliseconds - 600_000
    }
    return isKnown
      ? UTCInstant(milliseconds: recent.milliseconds - recent.milliseconds.flooredRemainder(300_000)) : start
  }
}

/// The intervals of the last hours, beside what was submitted for them.
struct WatchComparing {
  var schedules: ScheduleLedger
  var length: IntervalLength
  var zone: TimeZoneTransitions
  var hold: Milliseconds

  /// Of the day before and this one; empty where nothing was submitted for either.
  func intervals(
    of resource: ResourceSettings, _ snapshot: Pipeline.StatusSnapshot, now: UTCInstant
  ) -> [ComparedInterval] {
    let today = TradeDate(of: IntervalEnding(containing: now, length: .oneSecond), in: zone)
    let days = [today.advanced(by: -1), today]
    let bids = days.map { schedules.inForce(BidDay(resource: resource.id, tradeDate: $0)) }
    guard bids.contains(where: { $0 != nil }) else { return [] }
    // An hour more than is judged: some of it may not be sealed yet.
    let first = now - (hold + Milliseconds.seconds(3_600) + length.milliseconds)
    let rows = snapshot.rows(in: first...now, now: now).filter { $0.resource == resource.id }
    let flows = Dictionary(resource.measurements.map { ($0.type, $0.flow) }) { first, _ in first }
    return zip(days, bids).flatMap { day, bid in
      var comparison = IntervalComparison(resource: resource.id, tradeDate: day, length: length, zone: zone)
      comparison.setMeasured(rows, flows: flows)
      if let bid { comparison.setScheduled(bid.intent) }
      return comparison.intervals
    }
  }
}
