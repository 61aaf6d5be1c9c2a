package import TelemetryCore

/// By when and in what form the day-ahead market takes a schedule.
package struct ScheduleRules: Sendable, Hashable {
  /// A time of day on a day before the trade date, for trade dates from a day on.
  package struct Deadline: Sendable, Hashable {
    package var from: TradeDate
    /// Minutes since midnight, Pacific.
    package var minutes: Int64

    /// The market's is the day before; a coordinator may want it earlier, a stand-in on the day itself.
    package var daysBefore: Int64

    package init(from: TradeDate, minutes: Int64, daysBefore: Int64 = 1) {
      self.from = from
      self.minutes = minutes
      self.daysBefore = daysBefore
    }
  }

  /// In any order; of those that have begun the latest holds.
  package var deadlines: [Deadline]
  /// How many days before the trade date bids are taken from.
  package var opensDays = 7
  /// Digits of a megawatt behind the point; SIBR's own are not known.
  package var digits = 3

  /// Day-ahead bids close at 10:00 Pacific on the day before (BPM for Energy Imbalance Market V16; since the start of the
  /// market's present design in 2009).
  package static let standard = Self(deadlines: [Deadline(from: TradeDate(days: 14_335), minutes: 600)])

  package init(deadlines: [Deadline]) { self.deadlines = deadlines }

  /// When the market of a trade date closes; nil for one before the first rule.
  package func deadline(of date: TradeDate, in zone: TimeZoneTransitions) -> UTCInstant? {
    var latest: Deadline?
    for deadline in deadlines where deadline.from <= date {
      if let best = latest, best.from > deadline.from { continue }
      latest = deadline
    }
    return latest.map { zone.instant(localSeconds: date.advanced(by: -$0.daysBefore).days * 86_400 + $0.minutes * 60) }
  }

  /// When the market of a trade date opens.
  package func opening(of date: TradeDate, in zone: TimeZoneTransitions) -> UTCInstant {
    date.advanced(by: -Int64(opensDays)).start(in: zone)
  }
}
