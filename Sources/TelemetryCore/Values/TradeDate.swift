/// A day of the market: a calendar day in the market's time zone.
///
/// Trade dates and hours ending are for people. Intervals are keyed by their end in UTC, which needs no time zone; on
/// the days on which clocks change, a trade date has 23 or 25 hours: 276 or 300 five-minute intervals instead of 288.
package struct TradeDate: Hashable, Comparable, Sendable {
  /// Days since 1970-01-01.
  package let days: Int64

  package init(days: Int64) { self.days = days }

  package static func < (left: Self, right: Self) -> Bool { left.days < right.days }

  package func advanced(by count: Int64) -> Self { Self(days: days + count) }
}

// MARK: The calendar

extension TradeDate {
  /// A day of the Gregorian calendar, nil where there is none such, years 1 to 9999.
  ///
  /// Days are counted from 1 March of year 0, so that the leap day is the last of its year: 146,097 days in 400 years,
  /// 153 days in each five months.
  package init?(year: Int, month: Int, day: Int) {
    guard (1...9_999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
    let marchYear = Int64(month > 2 ? year : year - 1)
    let marchMonth = Int64((month + 9) % 12)
    let (era, yearOfEra) = (marchYear / 400, marchYear % 400)
    let dayOfYear = (153 * marchMonth + 2) / 5 + Int64(day) - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    days = era * 146_097 + dayOfEra - Self.daysFromMarchOfYearZero
    guard civil == (year, month, day) else { return nil }
  }

  private static let daysFromMarchOfYearZero: Int64 = 719_468

  /// Year, month from 1, and day from 1.
  package var civil: (year: Int, month: Int, day: Int) {
    let shifted = days + Self.daysFromMarchOfYearZero
    let (era, dayOfEra) = (shifted.flooredQuotient(146_097), shifted.flooredRemainder(146_097))
    let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    return (Int(year), Int(month), Int(dayOfYear - (153 * marchMonth + 2) / 5 + 1))
  }
}

// MARK: Text

extension TradeDate: CustomStringConvertible {
  /// What ``init(_:)`` expects, for a message.
  package static let expectation = "a date as YEAR-MONTH-DAY, such as `2026-11-23`"

  /// Reads `2026-11-23`, and nothing else: no other order, no other separators, no day that the month does not have.
  package init?(_ text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 10, bytes[4] == 0x2D, bytes[7] == 0x2D else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      bytes[range].allSatisfy(\.isDigit) ? bytes[range].reduce(0) { $0 * 10 + Int($1 - 0x30) } : nil
    }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10) else { return nil }
    self.init(year: year, month: month, day: day)
  }

  package var description: String {
    let (year, month, day) = civil
    return "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(day, 2))"
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

// MARK: Intervals

extension TradeDate {
  /// The day that an interval belongs to: the one that local clocks show just before it ends.
  ///
  /// So the interval ending at local midnight belongs to the day before.
  package init(of ending: IntervalEnding, in zone: TimeZoneTransitions) {
    days = zone.localSeconds(at: UTCInstant(seconds: ending.seconds - 1)).flooredQuotient(Self.secondsInDay)
  }

  private static let secondsInDay: Int64 = 86_400

  /// The instant at which local clocks first show this day.
  package func start(in zone: TimeZoneTransitions) -> UTCInstant {
    zone.instant(localSeconds: days * Self.secondsInDay)
  }

  /// The endings of all intervals of this day, in order.
  package func intervalEndings(_ length: IntervalLength, in zone: TimeZoneTransitions) -> [IntervalEnding] {
    let end = advanced(by: 1).start(in: zone).seconds
    let first = IntervalEnding(containing: start(in: zone) + Milliseconds(1), length: length)
    return stride(from: first.seconds, through: end, by: Int(length.seconds)).compactMap {
      IntervalEnding(unchecked: $0, length: length)
    }
  }
}

/// The hour of a trade date that an interval lies in, as the market counts: 1 to 24.
///
/// On the day of 23 hours the hour that clocks skip has no number: 2 is followed by 4. On the day of 25 hours they are
/// counted through to 25, since clocks show one of them twice.
package struct HourEnding: Hashable, Comparable, Sendable {
  package let number: Int

  package init(of ending: IntervalEnding, in zone: TimeZoneTransitions) {
    let date = TradeDate(of: ending, in: zone)
    let start = date.start(in: zone)
    let hours = (date.advanced(by: 1).start(in: zone) - start).count / 3_600_000
    let elapsed = ending.seconds - 1 - start.seconds
    let shown = zone.localSeconds(at: UTCInstant(seconds: ending.seconds - 1)).flooredRemainder(86_400)
    number = Int((hours < 24 ? shown : elapsed) / 3_600) + 1
  }

  package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
