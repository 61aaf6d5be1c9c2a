package import TelemetryCore

/// What a resource is to give on one trade date, hour by hour: a document `SC_SCHEDULE`.
///
/// CAISO knows no transaction of that name: what goes to SIBR is an energy self-schedule in a RawBidSet.
package struct DaySchedule: Sendable, Hashable {
  package struct Hour: Sendable, Hashable {
    /// As the market counts: no 3 on the day of 23 hours, up to 25 on the day of 25.
    package var hourEnding: Int
    /// The end of the hour: what a submission goes by.
    package var ending: IntervalEnding
    package var power: Power
  }

  package var resource: ResourceID
  package var tradeDate: TradeDate
  /// All hours of the trade date, in the order of time.
  package var hours: [Hour]
  package var place: ConfigurationPlace
  package var key: String

  package static let transaction = "SC_SCHEDULE"

  /// The energy of the day, in milliwatts times hours.
  package var milliwattHours: Int64 { hours.reduce(0) { $0 + $1.power.milliwatts } }

  /// Whether another document says the same, wherever it stands.
  package func isSame(as other: Self) -> Bool {
    resource == other.resource && tradeDate == other.tradeDate && hours == other.hours
  }
}

/// The hours of a trade date: their numbers and where they lie.
package struct MarketHours: Sendable, Hashable {
  package let tradeDate: TradeDate
  /// In the order of time: 23, 24 or 25 of them.
  package let hours: [(number: Int, ending: IntervalEnding)]

  package init(of date: TradeDate, in zone: TimeZoneTransitions) {
    tradeDate = date
    hours =
      IntervalLength(seconds: 3_600).map { length in
        date.intervalEndings(length, in: zone).map { (HourEnding(of: $0, in: zone).number, $0) }
      } ?? []
  }

  package var numbers: [Int] { hours.map(\.number) }

  /// Such as `1 to 24`, or `1, 2 and 4 to 24`.
  package var words: String {
    numbers.count == 23
      ? "1, 2 and 4 to 24 (clocks go forward)"
      : numbers.count == 25 ? "1 to 25 (clocks go back)" : "1 to 24"
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.tradeDate == right.tradeDate && left.hours.elementsEqual(right.hours, by: ==)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(tradeDate) }
}
