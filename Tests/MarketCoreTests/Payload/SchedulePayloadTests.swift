import MarketCore
import TelemetryCore
import Testing

@Suite struct SchedulePayloadTests {
  private typealias Fixtures = RegistrationFixtures

  private static func element(_ name: String, _ more: [(String, ConfigurationNode)]) -> ConfigurationNode {
    Fixtures.map([("element", Fixtures.text(name))] + more)
  }

  private static func value(_ name: String, _ field: String) -> ConfigurationNode {
    element(name, [("value", Fixtures.text(field))])
  }

  private static func profile(_ payload: ConfigurationNode) -> ConfigurationNode {
    Fixtures.map([
      ("format", Fixtures.text("1")), ("verified", Fixtures.text("false")), ("source", Fixtures.text("A & B")),
      ("payload", payload),
    ])
  }

  private static var template: ConfigurationNode {
    let hour = element(
      "h",
      [
        ("for_each", Fixtures.text("hour")),
        ("content", Fixtures.list([value("t", "hour_end"), value("mw", "megawatts")])),
      ])
    let schedule = element(
      "s", [("for_each", Fixtures.text("schedule")), ("content", Fixtures.list([value("id", "bid_name"), hour]))])
    return element(
      "Set", [("namespace", Fixtures.text("urn:x")), ("content", Fixtures.list([value("from", "source"), schedule]))])
  }

  private static func schedule(_ resource: String, _ date: String = "2026-03-08") throws -> DaySchedule {
    var reading = ScheduleReading(zone: OASISRequestTests.pacific)
    let hours = ([1, 2] + Array(4...24)).map { ("\($0)", Fixtures.text($0 == 4 ? "-0.25" : "0.5")) }
    reading.read(
      Fixtures.map([
        ("transaction", Fixtures.text("SC_SCHEDULE")), ("resource", Fixtures.text(resource)),
        ("trading_date", Fixtures.text(date)), ("hours", Fixtures.map(hours)),
      ]))
    return try #require(reading.schedules.first)
  }

  private static func payload(_ schedules: [DaySchedule]) -> SchedulePayload {
    SchedulePayload(
      schedules, coordinator: SchedulingCoordinatorID("EXSC"), created: UTCInstant(seconds: 1_772_900_000))
  }

  @Test func theSameSchedulesInAnyOrderAreTheSameBytes() throws {
    let profile = try BidProfile.read(Self.profile(Self.template))
    let schedules = [try Self.schedule("R2"), try Self.schedule("R1")]
    let bytes = Self.payload(schedules).xml(profile)
    #expect(bytes == Self.payload(schedules.reversed()).xml(profile))
    let text = String(decoding: bytes, as: UTF8.self)
    let head =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Set xmlns=\"urn:x\"><from>A &amp; B</from><s><id>R1-20260308</id>"
      + "<h><t>2026-03-08T09:00:00Z</t><mw>0.500</mw></h><h><t>2026-03-08T10:00:00Z</t><mw>0.500</mw></h>"
      + "<h><t>2026-03-08T11:00:00Z</t><mw>-0.250</mw></h>"
    #expect(text.hasPrefix(head))
    #expect(text.matches(of: /<h>/).count == 46)
    #expect(Self.payload(schedules).json() == Self.payload(schedules.reversed()).json())
  }

  @Test(arguments: [("hour_end", "s"), ("nonsense", "s"), ("resource_id", "Set")])
  func aTemplateThatAsksForWhatIsNotThereIsRefused(_ field: String, _ place: String) throws {
    let inner = Self.value("x", field)
    let schedule = Self.element(
      "s", [("for_each", Fixtures.text("schedule")), ("content", Fixtures.list(place == "s" ? [inner] : []))])
    let set = Self.element("Set", [("content", Fixtures.list(place == "s" ? [schedule] : [inner, schedule]))])
    let problems = try #require(throws: ConfigurationProblems.self) { try BidProfile.read(Self.profile(set)) }
    #expect(problems.problems.count == 1 && problems.problems[0].message.contains("one of the values known here"))
  }

  @Test func hoursStandWithinASchedule() throws {
    let hour = Self.element("h", [("for_each", Fixtures.text("hour"))])
    let problems = try #require(throws: ConfigurationProblems.self) { try BidProfile.read(Self.profile(hour)) }
    #expect(problems.problems[0].message == "stands only within a schedule")
  }

  @Test func megawattsHaveTheirDigits() {
    #expect(Power(milliwatts: 500_000_000).megawattText(digits: 3) == "0.500")
    #expect(Power(milliwatts: 2_000_000_000).megawattText(digits: 3) == "2.000")
    #expect(Power(milliwatts: -1_000_000).megawattText(digits: 0) == "-0.001")
  }
}
