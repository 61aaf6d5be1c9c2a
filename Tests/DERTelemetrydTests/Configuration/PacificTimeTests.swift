import Foundation
import Settings
import Testing
import TelemetryCore

/// Our trade dates against Foundation's calendar, which shares no code with them.
@Suite struct PacificTimeTests {
  private let zone: TimeZoneTransitions
  private let calendar: Calendar

  init() throws {
    zone = try #require(PacificTime.transitions())
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "America/Los_Angeles"))
    self.calendar = calendar
  }

  @Test func thereAreTwoTransitionsAYear() {
    #expect(zone.firstOffsetSeconds == -28_800)
    #expect(zone.transitions.count == 2 * (2060 - 2009 + 1))
    #expect(zone.transitions.first?.instant == UTCInstant(seconds: 1_236_506_400))  // 2009-03-08 10:00Z
  }

  @Test(arguments: 2010...2040)
  func everyDayStartsAndCountsAsInFoundation(year: Int) throws {
    var date = try #require(TradeDate(year: year, month: 1, day: 1))
    while date.civil.year == year {
      let (year, month, day) = date.civil
      let start = try #require(calendar.date(from: DateComponents(year: year, month: month, day: day)))
      let next = try #require(calendar.date(byAdding: .day, value: 1, to: start))
      let endings = date.intervalEndings(.fiveMinutes, in: zone)
      #expect(date.start(in: zone).seconds == Int64(start.timeIntervalSince1970))
      #expect(endings.count == Int(next.timeIntervalSince(start)) / 300)
      #expect(endings.first?.seconds == Int64(start.timeIntervalSince1970) + 300)
      #expect(endings.last?.seconds == Int64(next.timeIntervalSince1970))
      date = date.advanced(by: 1)
    }
  }

  @Test func everyQuarterOfAnHourHasTheDayOfFoundation() throws {
    let length = try #require(IntervalLength(seconds: 900))
    let first = try #require(TradeDate("2026-01-01")).start(in: zone).seconds
    for count in 1...Int64(365 * 96) {
      let ending = IntervalEnding(seconds: first + count * 900, length: length)
      let before = Date(timeIntervalSince1970: Double(ending.seconds) - 1)
      let parts = calendar.dateComponents([.year, .month, .day], from: before)
      let date = TradeDate(of: ending, in: zone)
      #expect(date.civil == (parts.year ?? 0, parts.month ?? 0, parts.day ?? 0))
    }
  }
}
