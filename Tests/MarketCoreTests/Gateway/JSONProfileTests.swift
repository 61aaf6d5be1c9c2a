import MarketCore
import TelemetryCore
import Testing

@Suite struct JSONProfileTests {
  private typealias Fixtures = RegistrationFixtures

  private static func codes(_ codes: String...) -> ConfigurationNode { Fixtures.list(codes.map { Fixtures.text($0) }) }

  private static func texts(_ pairs: (String, String)...) -> [(String, ConfigurationNode)] {
    pairs.map { ($0.0, Fixtures.text($0.1)) }
  }

  private static func file(
    body: ConfigurationNode? = nil, hours: Bool = true
  ) -> ConfigurationNode {
    let hour = Fixtures.map(texts(("he", "$hour_ending:number"), ("end", "$hour_end"), ("mw", "$megawatts")))
    let submit =
      body
      ?? Fixtures.map(
        texts(("transaction", "SC_SCHEDULE"), ("id", "$bid_name"), ("date", "$trade_date")) + [
          ("hours", Fixtures.map([("for_each", Fixtures.text("hour")), ("item", hour)]))
        ])
    let repeated = Fixtures.map(texts(("each", "/hours"), ("ending", "/end"), ("megawatts", "/mw")))
    return Fixtures.map([
      ("format", Fixtures.text("1")), ("verified", Fixtures.text("false")), ("throttled", codes("429")),
      ("refused", codes("401", "403")),
      (
        "submit",
        Fixtures.map(
          [("body", submit), ("taken", codes("200", "202")), ("rejected", codes("400", "422"))]
            + texts(("receipt", "/receipt"), ("reason", "/error")))
      ),
      (
        "question",
        Fixtures.map(
          [
            ("body", Fixtures.map(texts(("id", "$bid_name")))), ("valid", codes("valid")),
            ("invalid", codes("invalid")),
          ] + (hours ? [("hours", repeated)] : [])
            + texts(("each", "/bids"), ("name", "/id"), ("status", "/status"), ("rules", "/rules")))
      ),
    ])
  }

  private static func schedule() throws -> DaySchedule {
    var reading = ScheduleReading(zone: OASISRequestTests.pacific)
    reading.read(
      Fixtures.map([
        ("transaction", Fixtures.text("SC_SCHEDULE")), ("resource", Fixtures.text("R1")),
        ("trading_date", Fixtures.text("2026-11-27")),
        ("hours", Fixtures.map((1...24).map { ("\($0)", Fixtures.text("0.5")) })),
      ]))
    return try #require(reading.schedules.first)
  }

  private static func intent() throws -> BidIntent {
    let schedule = try schedule()
    return BidIntent(
      id: BidID(resource: schedule.resource, tradeDate: schedule.tradeDate, revision: 2),
      coordinator: SchedulingCoordinatorID("EXSC"), created: UTCInstant(seconds: 0),
      hours: schedule.hours.map { .init(ending: $0.ending, power: $0.power) }, payload: Digest(), route: .gateway)
  }

  @Test func theSameScheduleIsTheSameDocument() throws {
    let profile = try JSONProfile.read(Self.file(), .schedule)
    let payload = SchedulePayload(
      [try Self.schedule()], coordinator: SchedulingCoordinatorID("EXSC"), created: UTCInstant(seconds: 0), revision: 2)
    let bytes = payload.json(profile)
    let document = try JSONValue(bytes)
    #expect(String(decoding: bytes, as: UTF8.self).hasPrefix(#"{"transaction":"SC_SCHEDULE","id":"R1-20261127-2""#))
    #expect(document["/hours"]?.items?.count == 24)
    #expect(
      document["/hours/0"]
        == .object([
          "he": .number("1"), "end": .text("2026-11-27T09:00:00Z"), "mw": .text("0.500"),
        ]))
    #expect(payload.json(profile) == bytes)
  }

  @Test func whatAProfileAsksForThatIsNotKnownIsSaidWithItsPlace() throws {
    let body = Fixtures.map([("x", Fixtures.list([Fixtures.text("$price")]))])
    let problems = try #require(throws: ConfigurationProblems.self) {
      try JSONProfile.read(Self.file(body: body), .schedule)
    }
    #expect(problems.problems.first?.key == "body.x[0]")
    #expect(problems.problems.first?.message.contains("`$trade_date`") == true)
    #expect(throws: ConfigurationProblems.self) { try JSONProfile.read(Fixtures.map([]), .schedule) }
    let shipped = Fixtures.map([("for_each", Fixtures.text("hour")), ("item", Fixtures.text("$hour_ending"))])
    #expect(throws: ConfigurationProblems.self) { try JSONProfile.read(Self.file(body: shipped), .registration) }
  }

  @Test(arguments: [
    (202, #"{"receipt":"G-7"}"#, "taken G-7"), (200, #"{"receipt":7}"#, "taken 7"),
    (200, #"{"receipt":""}"#, "unreadable"), (200, "{}", "unreadable"), (200, "<html>", "unreadable"),
    (201, #"{"receipt":"G-7"}"#, "unreadable"), (422, #"{"error":["no role","no bid"]}"#, "rejected no role; no bid"),
    (400, "Bad Request", "unreadable"), (400, "{}", "rejected HTTP 400, without a reason"), (500, "{}", "unreadable"),
    (429, "", "throttled"), (403, "<html>", "refused HTTP 403"),
  ])
  func onlyWhatIsSaidInJSONIsAnAnswer(_ status: Int, _ body: String, _ expected: String) throws {
    let profile = try JSONProfile.read(Self.file(), .schedule)
    let told =
      switch profile.submitAnswer(status: status, body: Array(body.utf8)) {
      case .taken(let receipt): "taken \(receipt?.name ?? "")"
      case .rejected(let reason): "rejected \(reason)"
      case .failed(.throttled): "throttled"
      case .failed(.refused(let reason)): "refused \(reason)"
      case .failed(.unreadable): "unreadable"
      }
    #expect(told == expected)
  }

  private static func finding(_ body: String, status: Int = 200, hours: Bool = false) throws -> String {
    let profile = try JSONProfile.read(file(hours: hours), .schedule)
    switch profile.finding(status: status, body: Array(body.utf8), about: try intent()) {
    case .judged(.valid): return "valid"
    case .judged(.invalid(let rules)): return "invalid \(rules.joined(separator: "; "))"
    case .held: return "held"
    case .absent: return "absent"
    case .failed(.unreadable): return "unreadable"
    case .failed(.refused): return "refused"
    case .failed(.throttled): return "throttled"
    }
  }

  @Test(arguments: [
    (#"{"bids":[]}"#, "absent"), (#"{"bids":[{"id":"R1-20261127-1","status":"valid"}]}"#, "absent"),
    (#"{"bids":[{"id":"R1-20261127-2","status":"valid"}]}"#, "valid"),
    (#"{"bids":[{"id":"R1-20261127-2","status":"pending"}]}"#, "held"),
    (#"{"bids":[{"id":"R1-20261127-2","status":"invalid","rules":["30001 above","x"]}]}"#, "invalid 30001 above; x"),
    (#"{"bids":[{"id":"R1-20261127-2","status":"invalid"}]}"#, "invalid no rule was named, status invalid"),
    (#"{"bids":[{"id":"R1-20261127-2"}]}"#, "unreadable"), (#"{"bids":[{"status":"valid"}]}"#, "unreadable"),
    (#"{"bids":[{"id":"R1-20261127-2"},{"id":"R1-20261127-2"}]}"#, "unreadable"), ("{}", "unreadable"),
    ("<html>nothing found</html>", "unreadable"), ("", "unreadable"),
  ])
  func doubtIsNoAbsence(_ body: String, _ expected: String) throws {
    #expect(try Self.finding(body) == expected)
  }

  @Test func aPageThatSaysNotFoundIsNoAbsence() throws {
    #expect(try Self.finding(#"{"bids":[]}"#, status: 404) == "unreadable")
    #expect(try Self.finding("", status: 429) == "throttled")
  }

  @Test func otherHoursUnderOurNameAreSeen() throws {
    let hours = try Self.intent().hours.map { #"{"end":"\#($0.ending.instant.text)","mw":0.5}"# }
    let item = #"{"bids":[{"id":"R1-20261127-2","status":"valid","hours":["#
    #expect(try Self.finding(item + hours.joined(separator: ",") + "]}]}", hours: true) == "valid")
    #expect(try Self.finding(item + hours.dropLast().joined(separator: ",") + "]}]}", hours: true) == "unreadable")
    let other = hours.joined(separator: ",").replacing("0.5", with: "0.6")
    #expect(try Self.finding(item + other + "]}]}", hours: true) == "unreadable")
  }
}
