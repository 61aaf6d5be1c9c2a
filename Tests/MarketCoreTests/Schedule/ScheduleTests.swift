import MarketCore
import TelemetryCore
import Testing

@Suite struct ScheduleTests {
  private typealias Fixtures = RegistrationFixtures
  private static let zone = OASISRequestTests.pacific

  private static func document(
    _ date: String = "2026-11-24", hours: [(String, String)], resource: String = "R1",
    transaction: String = "SC_SCHEDULE"
  ) -> ConfigurationNode {
    Fixtures.map([
      ("transaction", Fixtures.text(transaction)), ("resource", Fixtures.text(resource)),
      ("trading_date", Fixtures.text(date)), ("hours", Fixtures.map(hours.map { ($0.0, Fixtures.text($0.1)) })),
    ])
  }

  private static func hours(_ numbers: [Int], _ value: String = "0.500") -> [(String, String)] {
    numbers.map { ("\($0)", value) }
  }

  private static func read(_ node: ConfigurationNode) -> (schedules: [DaySchedule], problems: [String]) {
    var reading = ScheduleReading(zone: zone)
    reading.read(node)
    return (reading.schedules, reading.problems.problems.map { "\($0.key): \($0.message)" })
  }

  @Test(arguments: [
    ("2026-11-24", Array(1...24), "2026-11-24T08:00:00Z"),
    ("2026-03-08", [1, 2] + Array(4...24), "2026-03-08T08:00:00Z"),
    ("2026-11-01", Array(1...25), "2026-11-01T07:00:00Z"),
  ])
  func aDayHasTheHoursThatItHas(_ date: String, _ numbers: [Int], _ start: String) throws {
    let (schedules, problems) = Self.read(Self.document(date, hours: Self.hours(numbers).reversed()))
    #expect(problems == [])
    let schedule = try #require(schedules.first)
    #expect(schedule.hours.map(\.hourEnding) == numbers)
    let endings = schedule.hours.map(\.ending.seconds)
    #expect(zip(endings, endings.dropFirst()).allSatisfy { $1 - $0 == 3_600 })
    #expect(UTCInstant(seconds: endings[0] - 3_600).text == start)
    #expect(schedule.milliwattHours == Int64(numbers.count) * 500_000_000)
  }

  @Test func theThirdHourOfTheShortDayAndTheTwentyFifthOfOthersAreNone() {
    #expect(
      Self.read(Self.document("2026-03-08", hours: Self.hours(Array(1...24)))).problems == [
        "hours: has hour ending 3: 2026-03-08 has 1, 2 and 4 to 24 (clocks go forward)"
      ])
    #expect(
      Self.read(Self.document(hours: Self.hours(Array(1...25)))).problems == [
        "hours: has hour ending 25: 2026-11-24 has 1 to 24"
      ])
    #expect(
      Self.read(Self.document("2026-11-01", hours: Self.hours(Array(1...24)))).problems == [
        "hours: lacks hour ending 25: 2026-11-01 has 1 to 25 (clocks go back)"
      ])
  }

  @Test func missingAndDoubledHoursAreNamed() {
    #expect(
      Self.read(Self.document(hours: Self.hours(Array(1...5) + Array(8...24)))).problems == [
        "hours: lacks hour ending 6, 7: 2026-11-24 has 1 to 24"
      ])
    let twice = Self.read(Self.document(hours: Self.hours(Array(1...24) + [7]))).problems
    #expect(twice.count == 1 && twice[0].hasPrefix("hours.7: is a second time here"))
    let other = Self.read(Self.document(hours: Self.hours(Array(1...24)) + [("07", "0.1")])).problems
    #expect(other == ["hours: has hour ending 7 more than once, in other digits"])
  }

  @Test(arguments: ["11/23/2026", "2026-02-30", "20261123", "2026-11-23T00:00:00Z", "tomorrow"])
  func aDateOfAnotherFormIsRefusedWithTheRightOne(_ date: String) {
    let problems = Self.read(Self.document(date, hours: Self.hours(Array(1...24)))).problems
    #expect(
      problems == [
        "trading_date: expected a date as YEAR-MONTH-DAY, such as `2026-11-23` (ISO 8601); found `\(date)`"
      ])
  }

  @Test(arguments: ["half", "0.5 MW", "0.5001", "1e-1", "", "100000.001"])
  func aValueThatIsNoNumberOfMegawattsIsRefused(_ value: String) {
    let problems = Self.read(Self.document(hours: Self.hours(Array(1...23)) + [("24", value)])).problems
    #expect(problems.count == 1 && problems[0].hasPrefix("hours.24: expected a number of MW"), "\(problems)")
  }

  @Test func anotherTransactionIsRefused() {
    let problems = Self.read(Self.document(hours: Self.hours(Array(1...24)), transaction: "BID")).problems
    #expect(problems == ["transaction: expected `SC_SCHEDULE`; found `BID`"])
  }

  @Test func aTableIsReadByTheNamesOfItsColumns() throws {
    let lines = (1...24).flatMap { hour in ["R1", "R2"].map { "0.\(hour),\(hour),\($0),2026-11-24" } }
    var reading = ScheduleReading(zone: Self.zone)
    reading.read(csv: (["mw,hour_ending,resource,trading_date"] + lines).joined(separator: "\r\n"), file: "s.csv")
    #expect(reading.problems.isEmpty && reading.schedules.map(\.resource.name) == ["R1", "R2"])
    #expect(reading.schedules[0].hours[11].power == Power(milliwatts: 120_000_000))
  }

  @Test func aTableThatIsWrongNamesTheLine() {
    func problems(_ text: String) -> [String] {
      var reading = ScheduleReading(zone: Self.zone)
      reading.read(csv: text, file: "s.csv")
      return reading.problems.problems.map(\.description)
    }
    let header = "resource,trading_date,hour_ending,mw\n"
    let lines = (1...24).map { "R1,2026-11-24,\($0),0.5\n" }
    #expect(problems(header + lines.joined()) == [])
    #expect(problems(header + lines.joined() + lines[6])[0].hasPrefix("s.csv:26:1: hours.7: is a second time here"))
    #expect(problems(header + lines.dropLast().joined() + "R1,2026-11-24,24,x\n")[0].hasPrefix("s.csv:25:1: hours.24:"))
    #expect(problems(header + "R1,2026-11-24\n")[0] == "s.csv:2:1: (line): has 2 cells: expected 4")
    #expect(problems("a,b\n")[0].hasPrefix("s.csv:1:1: (file): expected the columns"))
    #expect(problems("")[0].hasSuffix("found nothing"))
    #expect(problems(header + "\"R1")[0].contains("cut short"))
  }

  // MARK: Whether it can be submitted

  private static func review(_ nodes: [ConfigurationNode], at instant: String) throws -> [String] {
    var reading = ScheduleReading(zone: zone)
    reading.read(Fixtures.list(nodes))
    #expect(reading.problems.isEmpty)
    let registration = try Registration.read(Fixtures.file([Fixtures.aggregation([Fixtures.der("a", "500 kW")])]))
    let now = try #require(UTCInstant(timestamp: instant))
    return ScheduleReview(reading.schedules, of: registration, rules: .standard, now: now, zone: zone)
      .problems.problems.map { "\($0.key): \($0.message)" }
  }

  @Test func theMarketClosesAtTenOnTheDayBefore() throws {
    let node = [Self.document("2026-11-24", hours: Self.hours(Array(1...24)))]
    #expect(try Self.review(node, at: "2026-11-23T17:59:59Z") == [])
    #expect(
      try Self.review(node, at: "2026-11-23T18:00:00Z") == [
        "[0].trading_date: the day-ahead market of 2026-11-24 closed at 2026-11-23T10:00:00-08:00, 2026-11-23T18:00:00Z"
      ])
    // The day before is one of summer time.
    let summer = [Self.document("2026-07-04", hours: Self.hours(Array(1...24)))]
    #expect(try Self.review(summer, at: "2026-07-03T16:59:59Z") == [])
    #expect(try Self.review(summer, at: "2026-07-03T17:00:00Z").count == 1)
  }

  @Test func itOpensAWeekBefore() throws {
    let node = [Self.document("2026-11-24", hours: Self.hours(Array(1...24)))]
    #expect(try Self.review(node, at: "2026-11-17T08:00:00Z") == [])
    #expect(try Self.review(node, at: "2026-11-17T07:59:59Z")[0].contains("opens at 2026-11-17T00:00:00-08:00"))
  }

  @Test func moreThanTheRegisteredCapacityIsRefusedHourByHour() throws {
    var hours = Self.hours(Array(1...24))
    hours[4].1 = "0.501"
    hours[5].1 = "-0.501"
    #expect(
      try Self.review([Self.document(hours: hours)], at: "2026-11-23T00:00:00Z") == [
        "[0].hours.5: is 0.501 MW: expected at most the registered capacity of 0.5 MW",
        "[0].hours.6: is -0.501 MW: expected at most the registered capacity of 0.5 MW",
      ])
  }

  @Test func anUnregisteredResourceAndASecondScheduleAreRefused() throws {
    let nodes = [
      Self.document(hours: Self.hours(Array(1...24))), Self.document(hours: Self.hours(Array(1...24), "0.1")),
      Self.document(hours: Self.hours(Array(1...24)), resource: "OTHER"),
    ]
    #expect(
      try Self.review(nodes, at: "2026-11-23T00:00:00Z") == [
        "[1].trading_date: is a second schedule of R1 2026-11-24; the first is at registration.yaml:1:1",
        "[2].resource: is OTHER, which registration.yaml does not have",
      ])
  }
}
