package import TelemetryCore

/// A number of days, as CAISO counts them for one thing or another.
package struct ReviewPeriod: Hashable, Sendable, CustomStringConvertible {
  package var count: Int
  /// Saturdays, Sundays and holidays do not count.
  package var isBusiness: Bool

  package init(count: Int, isBusiness: Bool) {
    self.count = count
    self.isBusiness = isBusiness
  }

  /// Reads `30 business days` and `30 calendar days`; nil for anything else.
  package init?(_ text: String) {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[2] == "days" || words[2] == "day", let days = Int(words[0]), (1...366).contains(days)
    else { return nil }
    guard words[1] == "business" || words[1] == "calendar" else { return nil }
    self.init(count: days, isBusiness: words[1] == "business")
  }

  package var description: String { "\(count) \(isBusiness ? "business" : "calendar") days" }

  /// The last day of a period that begins on the day after `date`.
  ///
  /// `2026-11-25` and three business days is `2026-12-01` where `2026-11-26` is a holiday: Friday, Monday, Tuesday.
  package func end(after date: TradeDate, holidays: Set<TradeDate>) -> TradeDate {
    guard isBusiness else { return date.advanced(by: Int64(count)) }
    var day = date
    var left = count
    // No year has a week without a business day, unless a person lists one: then holidays stop counting.
    for _ in 0..<(count * 7 + holidays.count) where left > 0 {
      day = day.advanced(by: 1)
      if !day.isWeekend && !holidays.contains(day) { left -= 1 }
    }
    return day
  }
}

extension TradeDate {
  /// Saturday or Sunday: 1970-01-01 was a Thursday.
  package var isWeekend: Bool { (days + 3).flooredRemainder(7) >= 5 }
}
