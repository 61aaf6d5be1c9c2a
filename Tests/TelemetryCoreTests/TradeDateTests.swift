import Testing

@testable import TelemetryCore

@Suite struct TradeDateTests {
  @Test(arguments: ["2026-11-23", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31", "1970-01-01"])
  func readsWhatItWrites(text: String) throws {
    #expect(try #require(TradeDate(text)).description == text)
  }

  @Test(arguments: [
    "2026-02-30", "11/23/2026", "20261123", "2026-11-23 ", " 2026-11-23", "2026-1-23", "2026-13-01", "2026-00-10",
    "2026-01-00", "2025-02-29", "1900-02-29", "26-11-2023", "2026-11-2٣", "２026-11-23", "-026-11-23", "+026-11-23",
    "0000-01-01", "", "2026-11-31",
  ])
  func refusesEveryOtherText(text: String) { #expect(TradeDate(text) == nil) }

  @Test func daysFollowEachOtherFor400Years() throws {
    var date = try #require(TradeDate("1899-12-31"))
    var last = date.civil
    for _ in 0..<146_097 {
      date = date.advanced(by: 1)
      let civil = date.civil
      let isNextDay = civil.day == last.day + 1 && civil.month == last.month && civil.year == last.year
      let isNewMonth = civil.day == 1 && civil.month == last.month + 1 && civil.year == last.year
      let isNewYear = civil == (last.year + 1, 1, 1) && last.month == 12
      #expect(isNextDay || isNewMonth || isNewYear, "\(date)")
      #expect(TradeDate(year: civil.year, month: civil.month, day: civil.day) == date)
      last = civil
    }
    #expect(date.description == "2299-12-31")
  }

  @Test func theEpochIsDayZero() { #expect(TradeDate(days: 0).description == "1970-01-01") }
}

/// Pacific time in 2026: 8 March, 10:00Z to daylight time, and 1 November, 09:00Z back.
let pacific2026 = TimeZoneTransitions(
  firstOffsetSeconds: -8 * 3_600,
  transitions: [
    .init(instant: UTCInstant(seconds: 1_772_964_000), offsetSeconds: -7 * 3_600),
    .init(instant: UTCInstant(seconds: 1_793_523_600), offsetSeconds: -8 * 3_600),
  ])

struct KnownDay: Sendable, CustomTestStringConvertible {
  var date: String
  var count: Int
  /// Seconds of the UTC day at which the first interval of the trade date ends, and those of the last on the next one.
  var first: Int64
  var last: Int64
  var hours: [Int]
  var testDescription: String { date }
}

@Suite struct TradeDateIntervalTests {
  static let days = [
    KnownDay(date: "2026-01-15", count: 288, first: 29_100, last: 28_800, hours: Array(1...24)),
    KnownDay(date: "2026-07-15", count: 288, first: 25_500, last: 25_200, hours: Array(1...24)),
    KnownDay(date: "2026-03-08", count: 276, first: 29_100, last: 25_200, hours: [1, 2] + Array(4...24)),
    KnownDay(date: "2026-11-01", count: 300, first: 25_500, last: 28_800, hours: Array(1...25)),
  ]

  @Test(arguments: days)
  func aDayHasItsIntervals(day: KnownDay) throws {
    let date = try #require(TradeDate(day.date))
    let endings = date.intervalEndings(.fiveMinutes, in: pacific2026)
    #expect(endings.count == day.count)
    #expect(endings.first?.seconds == date.days * 86_400 + day.first)
    #expect(endings.last?.seconds == (date.days + 1) * 86_400 + day.last)
    #expect(endings.allSatisfy { TradeDate(of: $0, in: pacific2026) == date })
  }

  @Test(arguments: days)
  func hoursAreNumberedAsTheMarketCounts(day: KnownDay) throws {
    let date = try #require(TradeDate(day.date))
    let numbers = date.intervalEndings(.fiveMinutes, in: pacific2026).map { HourEnding(of: $0, in: pacific2026).number }
    #expect(numbers == day.hours.flatMap { Array(repeating: $0, count: 12) })
  }

  @Test func theIntervalEndingAtMidnightBelongsToTheDayBefore() throws {
    let date = try #require(TradeDate("2026-07-15"))
    let midnight = IntervalEnding(seconds: date.start(in: pacific2026).seconds, length: .fiveMinutes)
    #expect(TradeDate(of: midnight, in: pacific2026) == date.advanced(by: -1))
    #expect(HourEnding(of: midnight, in: pacific2026).number == 24)
    #expect(TradeDate(of: midnight.advanced(by: 1, .fiveMinutes), in: pacific2026) == date)
  }

  @Test func neighbouringDaysShareNoIntervalAndLeaveNoneOut() throws {
    let first = try #require(TradeDate("2026-01-01"))
    let endings = (0..<365).flatMap { first.advanced(by: $0).intervalEndings(.fiveMinutes, in: pacific2026) }
    #expect(zip(endings, endings.dropFirst()).allSatisfy { $1.seconds - $0.seconds == 300 })
    #expect(endings.count == 365 * 288)
  }

  @Test func aLocalTimeThatIsSkippedIsTheInstantOfTheSkip() {
    let skip = pacific2026.transitions[0].instant
    let halfPastTwo = skip.seconds - 8 * 3_600 + 1_800
    #expect(pacific2026.instant(localSeconds: halfPastTwo) == skip)
  }

  @Test func aLocalTimeThatComesTwiceIsItsFirst() {
    let back = pacific2026.transitions[1].instant
    let halfPastOne = back.seconds - 8 * 3_600 + 1_800
    #expect(pacific2026.instant(localSeconds: halfPastOne) == UTCInstant(seconds: back.seconds - 1_800))
  }
}
