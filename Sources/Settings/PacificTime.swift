import Foundation
package import TelemetryCore

/// The market's time zone, from this machine's time zone database.
package enum PacificTime {
  /// Pacific prevailing time, in which CAISO's trade dates are counted.
  private static let identifier = "America/Los_Angeles"
  private static let firstYear = "2009-01-01"
  private static let lastYear = "2061-01-01"

  /// The transitions from 2009 through 2060, nil where the machine has no time zone database.
  ///
  /// Years before and after are on standard time.
  package static func transitions() -> TimeZoneTransitions? {
    guard let zone = TimeZone(identifier: identifier), let first = TradeDate(firstYear), let last = TradeDate(lastYear)
    else { return nil }
    var date = Date(timeIntervalSince1970: Double(first.days) * 86_400)
    let end = Date(timeIntervalSince1970: Double(last.days) * 86_400)
    let firstOffset = Int64(zone.secondsFromGMT(for: date))
    var transitions: [TimeZoneTransitions.Transition] = []
    // Each step must go forward: a database that stands still ends the search instead of the start of the daemon.
    while let next = zone.nextDaylightSavingTimeTransition(after: date), next > date, next < end {
      let instant = UTCInstant(seconds: Int64(next.timeIntervalSince1970.rounded()))
      transitions.append(.init(instant: instant, offsetSeconds: Int64(zone.secondsFromGMT(for: next))))
      date = next
    }
    return transitions.isEmpty ? nil : TimeZoneTransitions(firstOffsetSeconds: firstOffset, transitions: transitions)
  }
}
