import MarketCore
import TelemetryCore
import Testing

@Suite struct ScheduleLedgerTests {
  private static let start = UTCInstant(seconds: 1_795_600_000)
  private static let digest = Digest()

  private typealias Fixtures = RegistrationFixtures

  private static func schedule(_ megawatts: Int = 1) throws -> DaySchedule {
    var reading = ScheduleReading(zone: OASISRequestTests.pacific)
    reading.read(
      Fixtures.map([
        ("transaction", Fixtures.text("SC_SCHEDULE")), ("resource", Fixtures.text("EXAMPL_7_DERA1")),
        ("trading_date", Fixtures.text("2026-11-27")),
        ("hours", Fixtures.map((1...24).map { ("\($0)", Fixtures.text("\(megawatts)")) })),
      ]))
    return try #require(reading.schedules.first)
  }

  private static func intent(_ schedule: DaySchedule, revision: Int = 1) -> BidIntent {
    BidIntent(
      id: BidID(resource: schedule.resource, tradeDate: schedule.tradeDate, revision: revision),
      coordinator: SchedulingCoordinatorID("EXSC"), created: start,
      hours: schedule.hours.map { .init(ending: $0.ending, power: $0.power) }, payload: digest)
  }

  private static func ledger(_ records: [ScheduleRecord]) -> ScheduleLedger {
    var ledger = ScheduleLedger()
    for record in records { ledger.apply(record) }
    return ledger
  }

  private static func unknown(_ intent: BidIntent) -> [ScheduleRecord] {
    [
      .intended(intent), .attempt(intent.id, number: 1, envelope: digest, at: start),
      .unknown(intent.id, reason: "no answer", answer: nil, at: start),
    ]
  }

  // MARK: Decisions

  @Test func theSameScheduleIsNotSubmittedTwiceAndAChangedOneIsARevision() throws {
    let (one, two) = (try Self.schedule(1), try Self.schedule(2))
    let intent = Self.intent(one)
    #expect(ScheduleLedger().decide(one, again: false) == .submit(intent.id))
    let valid = Self.ledger(
      Self.unknown(intent) + [.verdict(intent.id, .valid, answer: Self.digest, at: Self.start)])
    #expect(valid.faults == [] && valid.decide(one, again: true) == .same(intent.id))
    #expect(valid.decide(two, again: false) == .submit(Self.intent(two, revision: 2).id))
  }

  @Test func aRevisionWaitsForTheOneThatIsOnItsWay() throws {
    let intent = Self.intent(try Self.schedule(1))
    let ledger = Self.ledger(Self.unknown(intent))
    #expect(ledger.decide(try Self.schedule(2), again: false) == .after(intent.id))
    #expect(ledger.decide(try Self.schedule(1), again: false) == .same(intent.id))
  }

  @Test func whatWasRefusedIsSentAgainOnlyWhenAPersonSaysSo() throws {
    let schedule = try Self.schedule()
    let intent = Self.intent(schedule)
    let ledger = Self.ledger(
      Self.unknown(intent) + [.verdict(intent.id, .invalid(["R1"]), answer: Self.digest, at: Self.start)])
    #expect(ledger.decide(schedule, again: false) == .refused(intent.id))
    #expect(ledger.decide(schedule, again: true) == .submit(Self.intent(schedule, revision: 2).id))
  }

  @Test func aRevisionThatIsRefusedLeavesTheEarlierOneInForce() throws {
    let (one, two) = (Self.intent(try Self.schedule(1)), Self.intent(try Self.schedule(2), revision: 2))
    var ledger = Self.ledger(Self.unknown(one) + [.verdict(one.id, .valid, answer: Self.digest, at: Self.start)])
    for record in Self.unknown(two) { ledger.apply(record) }
    let day = BidDay(resource: one.id.resource, tradeDate: one.id.tradeDate)
    #expect(ledger.inForce(day)?.id == two.id, "it may be held")
    ledger.apply(.verdict(two.id, .invalid([]), answer: Self.digest, at: Self.start))
    #expect(ledger.inForce(day)?.id == one.id)
    var comparison = IntervalComparison(
      resource: one.id.resource, tradeDate: one.id.tradeDate, length: .fiveMinutes, zone: OASISRequestTests.pacific)
    comparison.setScheduled(one)
    #expect(comparison.intervals.allSatisfy { $0.scheduled == Power(milliwatts: 1_000_000_000) })
  }

  // MARK: Steps

  @Test func anUnknownOutcomeIsAskedForUntilItsAbsenceHasHeld() throws {
    let intent = Self.intent(try Self.schedule())
    let terms = BidTerms(settle: .seconds(60))
    let closes = Self.start + .seconds(10_000)
    var ledger = Self.ledger(Self.unknown(intent))
    func step(after seconds: Int64) -> BidStep? {
      ledger[intent.id]?.step(terms, closes: closes, now: Self.start + .seconds(seconds))
    }
    #expect(step(after: 600) == .ask, "never asked")
    for _ in 1...3 { ledger.apply(.absent(intent.id, answer: Self.digest, at: Self.start)) }
    #expect(step(after: 59) == .ask, "absent for too short a time")
    #expect(step(after: 60) == .send)
    #expect(step(after: 10_000) == .ask, "nothing leaves after the market has closed")
  }

  @Test func whatWasCutOffOnItsWayIsUnknownAndNotSentAgain() throws {
    let intent = Self.intent(try Self.schedule())
    var ledger = Self.ledger([.intended(intent), .attempt(intent.id, number: 1, envelope: Self.digest, at: Self.start)])
    for record in ledger.interrupted(at: Self.start) { ledger.apply(record) }
    #expect(ledger[intent.id]?.state == .unknown && ledger.interrupted(at: Self.start) == [])
    #expect(ledger[intent.id]?.step(BidTerms(settle: .seconds(1)), closes: Self.start, now: Self.start) == .ask)
  }

  @Test func aLaterAttemptThatDidNotLeaveDoesNotSettleAnEarlierOne() throws {
    let intent = Self.intent(try Self.schedule())
    let ledger = Self.ledger(
      Self.unknown(intent) + [
        .attempt(intent.id, number: 2, envelope: Self.digest, at: Self.start),
        .notSent(intent.id, reason: "no connection", answer: nil, at: Self.start),
      ])
    #expect(ledger.faults == [] && ledger[intent.id]?.state == .unknown)
  }

  @Test func recordsThatMakeNoSenseAreFaults() throws {
    let intent = Self.intent(try Self.schedule())
    let verdict = ScheduleRecord.verdict(intent.id, .valid, answer: Self.digest, at: Self.start)
    #expect(Self.ledger([verdict]).faults.count == 1)
    #expect(Self.ledger([.intended(intent), .intended(intent), verdict]).faults.count == 2)
  }

  // MARK: Bytes

  private static func everyRecord() throws -> [ScheduleRecord] {
    let intent = intent(try schedule())
    var routed = intent
    routed.route = .gateway
    return unknown(intent) + [
      .intended(routed),
      .notSent(intent.id, reason: "busy", answer: digest, at: start),
      .absent(intent.id, answer: digest, at: start),
      .answered(intent.id, .taken(receipt: "B-1"), answer: digest, at: start),
      .answered(intent.id, .rejected(reason: "no role"), answer: digest, at: start),
      .verdict(intent.id, .valid, answer: digest, at: start),
      .verdict(intent.id, .invalid(["30001 above the maximum", "x"]), answer: digest, at: start),
    ]
  }

  @Test func everyRecordComesBackFromItsBytesAndNoPartOfThemDoes() throws {
    var kinds: Set<UInt8> = []
    for record in try Self.everyRecord() {
      let stored = ScheduleCodec.encode(record)
      kinds.insert(stored.kind)
      #expect(try ScheduleCodec.decode(stored) == record)
      for count in stored.payload.indices {
        let cut = LogRecord(kind: stored.kind, payload: Array(stored.payload[..<count]))
        #expect(throws: DecodingProblem.self) { try ScheduleCodec.decode(cut) }
      }
    }
    #expect(kinds == Set(ScheduleRecordKind.allCases.map(\.rawValue)))
    #expect(try ScheduleCodec.decode(LogRecord(kind: 1, payload: [])) == nil)
  }

  @Test func flippedBitsAreAnotherRecordOrNone() throws {
    for record in try Self.everyRecord() {
      let stored = ScheduleCodec.encode(record)
      for bit in 0..<(stored.payload.count * 8) {
        var other = stored
        other.payload[bit / 8] ^= 1 << (bit % 8)
        // Whatever it is, it ends nothing.
        let decoded = try? ScheduleCodec.decode(other)
        #expect(decoded != .some(record))
      }
    }
  }

  @Test func noKindIsOneOfTheLedgers() {
    #expect(ScheduleRecordKind.allCases.allSatisfy { RecordKind(rawValue: $0.rawValue) == nil })
  }
}
