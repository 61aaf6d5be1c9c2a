import TelemetryCore
import Testing

/// When the market wants a trade date, and when a person hears that it is not settled.
@Suite struct DeadlineTests {
  private static let first = SettlementSettings.Deadline("first-statement", businessDays: 8)

  private static func date(_ text: String) throws -> TradeDate { try #require(TradeDate(text)) }

  private static func due(
    _ text: String, _ days: Int, minute: Int64? = nil, holidays: Set<TradeDate> = [], zone: TimeZoneTransitions = .utc
  ) throws -> String {
    let settlement = SettlementSettings(deadlines: [], holidays: holidays)
    return settlement.due(
      SettlementSettings.Deadline("d", businessDays: days, minute: minute), of: try date(text), in: zone
    ).text
  }

  /// 2026-11-23 is a Monday.
  @Test func businessDaysSkipWeekendsAndTheHolidaysThatAreGiven() throws {
    #expect(try Self.due("2026-11-23", 0) == "2026-11-24T00:00:00Z")
    #expect(try Self.due("2026-11-23", 4) == "2026-11-28T00:00:00Z")
    #expect(try Self.due("2026-11-23", 5) == "2026-12-01T00:00:00Z")
    #expect(try Self.due("2026-11-21", 1) == "2026-11-24T00:00:00Z", "from a Saturday on")
    let holidays: Set = [try Self.date("2026-11-26"), try Self.date("2026-11-28")]
    #expect(
      try Self.due("2026-11-23", 5, holidays: holidays) == "2026-12-02T00:00:00Z", "one of them is a Saturday anyway")
    #expect(try Self.due("2026-11-23", 52) == "2027-02-04T00:00:00Z", "73 calendar days")
  }

  @Test func theDayEndsAsClocksInTheMarketShowIt() throws {
    let summer = UTCInstant(seconds: 1_772_964_000)  // 2026-03-08T10:00:00Z
    let zone = TimeZoneTransitions(
      firstOffsetSeconds: -28_800, transitions: [.init(instant: summer, offsetSeconds: -25_200)])
    #expect(try Self.due("2026-03-05", 1, zone: zone) == "2026-03-07T08:00:00Z")
    #expect(try Self.due("2026-03-05", 2, zone: zone) == "2026-03-10T07:00:00Z")
    #expect(try Self.due("2026-03-05", 2, minute: 17 * 60, zone: zone) == "2026-03-10T00:00:00Z")
  }

  @Test func aDeadlineHoldsForTheTradeDatesFromItsOwnOn() throws {
    let later = SettlementSettings.Deadline("first-statement", businessDays: 5, from: try Self.date("2027-01-01"))
    let other = SettlementSettings.Deadline("actual-data", businessDays: 52, from: try Self.date("2026-06-01"))
    for deadlines in [[Self.first, later, other], [other, later, Self.first]] {
      let settlement = SettlementSettings(deadlines: deadlines)
      func days(_ text: String) throws -> [Int] {
        settlement.deadlines(of: try Self.date(text)).map(\.businessDays).sorted()
      }
      #expect(try days("2026-05-31") == [8])
      #expect(try days("2026-12-31") == [8, 52])
      #expect(try days("2027-01-01") == [5, 52])
    }
  }

  // MARK: What is near

  /// Three intervals of 2026-03-18, a Wednesday, that nobody takes: due on 2026-03-31T00:00:00Z.
  private static func stuck(
    _ mode: ChannelSettings.Mode = .live, answer: [ScriptedStation.Behaviour]? = nil
  ) -> House {
    var settings = Settings.fixture(mode: mode)
    settings.settlement = SettlementSettings(deadlines: [first], zone: .utc)
    var house = House(settings)
    house.station.script = answer ?? Array(repeating: .beUnreachable, count: 1_000)
    house.run(seconds: 1_000)
    return house
  }

  private static let end = UTCInstant(seconds: House.noon.seconds + 12 * 3_600 + 12 * 86_400)

  private static func near(_ house: House, before left: Int64) -> [NearDeadline] {
    house.pipeline.ledger.nearDeadlines(house.pipeline.settings, at: end - .seconds(left))
  }

  @Test func whatIsNotAcceptedIsNearFromFiveDaysBeforeUntilADayAfter() {
    let house = Self.stuck()
    #expect(Self.near(house, before: 5 * 86_400 + 1) == [])
    #expect(Self.near(house, before: -86_400) == [])
    for left: Int64 in [5 * 86_400, 1, 0, -86_399] {
      let near = Self.near(house, before: left)
      #expect(near.map(\.counts) == [[.queued: 3]] && near.map(\.due) == [Self.end])
      #expect(near.first?.oldest.instant == House.noon + .seconds(300))
    }
    #expect(Self.near(Self.stuck(answer: []), before: 3_600) == [], "all of it is accepted")
    #expect(Self.near(Self.stuck(.hold), before: 3_600) == [], "nobody is expected to submit")
  }

  @Test func whatWasRefusedIsNotSettled() {
    let house = Self.stuck(answer: [.reject, .reject, .reject])
    let near = Self.near(house, before: 3_600)
    #expect(near.map(\.counts) == [[.rejected: 3]])
    #expect(house.pipeline.health.backlog == 0, "and no backlog: it waits for a person")
  }

  @Test func theLessTimeIsLeftTheMoreUrgentIsTheWord() {
    let house = Self.stuck()
    var watch = DeadlineWatch()
    var heard: [String] = []
    for minute in stride(from: Int64(6 * 1_440), through: -1_500, by: -1) {
      let now = Self.end - .seconds(minute * 60)
      for word in watch.announcements(of: Self.near(house, before: minute * 60), at: now) {
        heard.append("\(word.kind.rawValue) \(word.priority) \(minute)")
      }
    }
    #expect(
      heard == [
        "deadline-near notice 7200", "deadline-near warning 2880", "deadline-near error 1440",
        "deadline-near critical 240", "deadline-passed critical 0",
      ])
  }

  @Test func aStartHearsTheMostUrgentWordWithWhatIsOpenAndHowToLook() {
    let house = Self.stuck()
    var watch = DeadlineWatch()
    let now = Self.end - .seconds(30 * 3_600)
    let words = watch.announcements(of: Self.near(house, before: 30 * 3_600), at: now)
    #expect(
      words.map(\.message) == [
        "EXAMPL_7_DERA1 GEN: 3 intervals (3 queued) of 2026-03-18, and 1 d 6 h until the deadline first-statement, "
          + "2026-03-31T00:00:00Z: dertelemetryd intervals --trade-date 2026-03-18 --resource EXAMPL_7_DERA1"
      ])
    #expect(words.map(\.priority) == [.warning])
    #expect(words.map(\.intervalEnding?.instant) == [House.noon + .seconds(300)])
    #expect(watch.announcements(of: Self.near(house, before: 29 * 3_600), at: now) == [])
    // Settled, and open again: a person hears of it again.
    #expect(watch.announcements(of: [], at: now) == [])
    #expect(watch.announcements(of: Self.near(house, before: 29 * 3_600), at: now).count == 1)
  }

  @Test func itIsLookedAtOnceAMinute() {
    var watch = DeadlineWatch()
    let looks = (0..<181).filter { watch.isDue(at: UptimeInstant(milliseconds: $0 * 1_000)) }
    #expect(looks == [0, 60, 120, 180])
  }

  @Test func theStatusAddsUpTheResourcesAndWantsAPerson() {
    let house = Self.stuck()
    func problems(_ left: Int64) -> [String] {
      var report = house.pipeline.statusSnapshot.report(at: Self.end - .seconds(left))
      report.channels[0].certificateDays = 400
      report.oldestUnacceptedSeconds = nil
      report.channels[0].isAway = false
      report.judge()
      #expect(report.deadlines.map(\.intervals) == [3] && report.deadlines.map(\.secondsLeft) == [left])
      let metrics = OpenMetrics(report).text.split(separator: "\n")
      #expect(metrics.contains("der_deadline_seconds{deadline=\"first-statement\"} \(left)"))
      #expect(metrics.contains("der_deadline_intervals{deadline=\"first-statement\"} 3"))
      return report.problems.map { "\($0.level.rawValue): \($0.message)" }
    }
    #expect(problems(3 * 86_400) == [])
    #expect(
      problems(2 * 86_400) == ["warning: 3 intervals of 2026-03-18 not settled, 2 d 0 h before first-statement"])
    #expect(problems(86_400).first?.hasPrefix("critical: ") == true)
    #expect(problems(-60).first?.hasPrefix("critical: 3 intervals of 2026-03-18 missed first-statement") == true)
  }
}
