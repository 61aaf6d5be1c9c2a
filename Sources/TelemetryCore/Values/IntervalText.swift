/// How people name intervals on a command line.
package enum IntervalText {
  package static let expectation =
    "an interval ending such as `2026-11-23T08:05:00Z`, two with `..` between, a trade date such as `2026-11-23`, or "
    + "one hour ending of it such as `2026-11-23/HE15`"

  /// The first and the last instant at which an interval that is meant may end; nil where the text is none of the forms.
  package static func range(_ text: String, in zone: TimeZoneTransitions) -> ClosedRange<UTCInstant>? {
    if let instant = UTCInstant(timestamp: text) { return instant...instant }
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    if let date = parts.first.flatMap({ TradeDate(String($0)) }) {
      return parts.count == 1 ? wholeDay(date, zone) : hour(String(parts[1]), of: date, zone)
    }
    guard let dots = text.firstRange(of: "..") else { return nil }
    guard let first = UTCInstant(timestamp: String(text[..<dots.lowerBound])),
      let last = UTCInstant(timestamp: String(text[dots.upperBound...])), first <= last
    else { return nil }
    return first...last
  }

  /// An ending at the start of a day belongs to the day before.
  private static func wholeDay(_ date: TradeDate, _ zone: TimeZoneTransitions) -> ClosedRange<UTCInstant> {
    date.start(in: zone) + .seconds(1)...date.advanced(by: 1).start(in: zone)
  }

  private static func hour(
    _ text: String, of date: TradeDate, _ zone: TimeZoneTransitions
  ) -> ClosedRange<UTCInstant>? {
    guard text.uppercased().hasPrefix("HE"), let number = Int(text.dropFirst(2)), (1...25).contains(number)
    else { return nil }
    let endings = date.intervalEndings(.fiveMinutes, in: zone)
      .filter { HourEnding(of: $0, in: zone).number == number }.map(\.instant)
    guard let first = endings.min(), let last = endings.max() else { return nil }
    return first - .seconds(IntervalLength.fiveMinutes.seconds - 1)...last
  }
}
