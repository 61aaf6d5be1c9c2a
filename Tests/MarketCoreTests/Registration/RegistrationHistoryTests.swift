import MarketCore
import TelemetryCore
import Testing

@Suite struct RegistrationHistoryTests {
  private typealias Fixtures = RegistrationFixtures

  /// The first day of 1970 where the text is no date, which no test expects.
  private static func day(_ text: String) -> TradeDate { TradeDate(text) ?? TradeDate(days: 0) }

  private static func registration() throws -> Registration {
    try Registration.read(
      Fixtures.file(
        [Fixtures.aggregation([Fixtures.der("b", "1 MW"), Fixtures.der("a", "0.5 MW")])],
        more: [("holidays", Fixtures.list([Fixtures.text("2026-11-26")]))]))
  }

  private static func status(
    _ step: RegistrationStep, _ events: [RegistrationEvent], ders: String = "d1", on date: TradeDate = Fixtures.date
  ) throws -> StepStatus {
    let registration = try registration()
    let review = RegistrationReview(
      of: registration, resources: Fixtures.resources("R1"), sites: [Fixtures.site("a"), Fixtures.site("b")], on: date)
    let steps = RegistrationHistory(events).steps(
      of: registration.aggregations[0], ders: ders, registration: registration, review: review)
    return try #require(steps.first { $0.step == step })
  }

  private static func event(
    _ step: RegistrationStep, _ outcome: RegistrationEvent.Outcome, _ date: String, ders: String? = nil
  ) throws -> RegistrationEvent {
    RegistrationEvent(
      resource: ResourceID("R1"), step: step, outcome: outcome, date: day(date), reference: "ref", ders: ders)
  }

  @Test func nothingRecordedIsOpenAndSaysWhatToDo() throws {
    let status = try Self.status(.concurrence, [])
    #expect(status.state == .open && status.advice == "register submit --to udc")
    #expect(try Self.status(.implementation, []).advice == "needs concurrence first")
    #expect(try Self.status(.telemetry, []).state == .notNeeded)
  }

  @Test func theUtilitysReviewEndsAfterThirtyBusinessDays() throws {
    let submitted = try Self.event(.concurrence, .submitted, "2026-11-24", ders: "d1")
    let status = try Self.status(.concurrence, [submitted])
    // 30 business days after Tuesday 2026-11-24 without the holiday of the 26th: six weeks and a day.
    #expect(status.due == Self.day("2027-01-06") && status.advice == "the utility has 30 business days")
    let late = try Self.status(.concurrence, [submitted], on: Self.day("2027-01-07"))
    #expect(late.advice == "overdue: ask, then record the answer")
  }

  @Test func beforeItsLaterRuleTheReviewIsInCalendarDays() throws {
    let submitted = try Self.event(.concurrence, .submitted, "2024-10-01", ders: "d1")
    #expect(try Self.status(.concurrence, [submitted]).due == Self.day("2024-10-31"))
  }

  @Test func anApprovalHoldsForTheListThatWasFiledAlone() throws {
    let events = [
      try Self.event(.concurrence, .submitted, "2026-11-01", ders: "d1"),
      try Self.event(.concurrence, .approved, "2026-11-20"),
    ]
    #expect(try Self.status(.concurrence, events).state == .approved)
    let changed = try Self.status(.concurrence, events, ders: "d2")
    #expect(changed.state == .changed && changed.advice.contains("submit it again"))
    #expect(try Self.status(.implementation, events).advice == "register record implementation when there is news")
  }

  @Test func aNoteDecidesNothing() throws {
    let events = [
      try Self.event(.agreement, .submitted, "2026-11-01", ders: "d1"),
      try Self.event(.agreement, .noted, "2026-11-10"),
    ]
    let status = try Self.status(.agreement, events)
    #expect(status.state == .submitted && status.date == Self.day("2026-11-10"))
  }

  @Test func thePacketIsTheSameForTheSameListInAnyOrder() throws {
    let registration = try Self.registration()
    var other = registration.aggregations[0]
    other.ders.reverse()
    for recipient in RegistrationRecipient.allCases {
      let packet = RegistrationPacket(of: registration.aggregations[0], to: recipient)
      #expect(packet == RegistrationPacket(of: other, to: recipient))
      #expect(packet.files.map(\.name) == ["cover.txt", "ders.csv", "form.txt"])
      #expect(packet.files[2].text.contains("CAIDReservation ID: CAID-1\n"))
    }
    let list = RegistrationPacket.list(of: registration.aggregations[0])
    #expect(
      list == """
        resource_id,der_site_id,capacity_kw,technology,pnode,sub_lap,interconnection_reference,programmes,permission
        R1,a,500,solar,FRESNO_7_N001,PGFG,IA-a,,
        R1,b,1000,solar,FRESNO_7_N001,PGFG,IA-b,,

        """)
  }

  @Test func convergenceBiddingIsAnotherSection() {
    #expect(TariffSection.answer("4.14") == "4.14 is convergence bidding; DER aggregations are 4.17")
    #expect(TariffSection.answer("9.9") == nil)
  }

  @Test func everyRuleIsInForceOrSaysWhyNot() throws {
    let book = RuleBook()
    for rule in RegistrationRule.allCases { #expect(book.inForce(rule, on: Fixtures.date) != nil) }
    #expect(book.inForce(.minimumCapacity, on: Self.day("2016-06-02")) == nil)
    let undated = book.entries.filter { $0.from == nil }
    #expect(undated.map(\.rule) == [.minimumCapacity])
  }

  @Test func businessDaysLeaveOutWeekendsAndHolidays() throws {
    let friday = Self.day("2026-11-27")
    let period = try #require(ReviewPeriod("1 business days"))
    #expect(period.end(after: friday, holidays: []) == Self.day("2026-11-30"))
    #expect(period.end(after: friday, holidays: [Self.day("2026-11-30")]) == Self.day("2026-12-01"))
    #expect(ReviewPeriod("thirty days") == nil && ReviewPeriod("0 business days") == nil)
  }
}
