import Testing

@testable import TelemetryCore

@Suite struct SubmissionCadenceTests {
  private func instant(_ text: String) throws -> UTCInstant { try #require(UTCInstant(timestamp: text)) }

  private func house(_ cadence: SubmissionCadence, at text: String = "2026-03-18T11:59:55Z", grace: Int64 = 5) throws
    -> House
  {
    var settings = Settings.fixture(grace: grace)
    settings.channels[0].cadence = cadence
    return House(settings, at: try instant(text))
  }

  /// The interval endings of each submission that was made, in order, as the time of day.
  private func submissions(_ house: House) -> [[String]] {
    house.station.sent.map { id in
      (house.station.contents[id]?.rows ?? []).map { $0.intervalEnding.instant.clockText }
    }
  }

  // MARK: Turns

  @Test func withoutACadenceNothingWaits() {
    #expect(SubmissionCadence.eachInterval.lastTurn(at: House.noon, grace: .seconds(60)) == nil)
  }

  @Test func anHourIsOverWhenItsLastIntervalCanBeSealed() throws {
    let grace = Milliseconds.seconds(60)
    let before = try instant("2026-03-18T13:00:59Z")
    #expect(SubmissionCadence.hourly.lastTurn(at: before, grace: grace)?.text == "2026-03-18T12:01:00Z")
    #expect(
      SubmissionCadence.hourly.lastTurn(at: before + .seconds(1), grace: grace)?.text == "2026-03-18T13:01:00Z")
  }

  @Test(arguments: [
    // 06:00 in Pacific standard time is 14:00Z, in daylight time 13:00Z; the first day of it has 23 hours.
    ("2026-03-07T14:00:00Z", "2026-03-07T14:00:00Z"), ("2026-03-08T12:59:59Z", "2026-03-07T14:00:00Z"),
    ("2026-03-08T13:00:00Z", "2026-03-08T13:00:00Z"), ("2026-11-01T13:59:59Z", "2026-10-31T13:00:00Z"),
    ("2026-11-01T14:00:00Z", "2026-11-01T14:00:00Z"),
  ])
  func sixOClockIsSixOClockWhereClocksChange(now: String, turn: String) throws {
    let cadence = SubmissionCadence.daily(minute: 360, pacific2026)
    #expect(cadence.lastTurn(at: try instant(now), grace: .seconds(60))?.text == turn)
  }

  @Test(arguments: [Int64(0), 60, 90, 120, 150, 360, 1_410])
  func aYearHasOneTurnADay(minute: Int64) throws {
    let cadence = SubmissionCadence.daily(minute: minute, pacific2026)
    var turns: Set<UTCInstant> = []
    var now = try instant("2026-01-01T08:00:00Z")
    let end = try instant("2027-01-01T08:00:00Z")
    while now < end {
      let turn = try #require(cadence.lastTurn(at: now, grace: .seconds(60)))
      #expect(turn <= now)
      #expect((now - turn).count <= 25 * 3_600_000, "minute \(minute) at \(now.text)")
      turns.insert(turn)
      now = now + .seconds(1_800)
    }
    // The turn before the year is the last of the year before, unless it is that of its first midnight.
    #expect(turns.count == (minute == 0 ? 365 : 366), "minute \(minute)")
  }

  // MARK: The pipeline

  @Test func theIntervalsOfAnHourGoTogether() throws {
    var house = try house(.hourly)
    house.run(seconds: 3_600 + 5)
    #expect(house.station.sent.isEmpty)
    #expect(house.obligation(House.noon + .seconds(300)).state == .queued)
    house.run(seconds: 10)
    let first = try #require(submissions(house).first)
    #expect(first.count == 12)
    #expect(first.first == "12:05Z" && first.last == "13:00Z")
    house.run(seconds: 3_600)
    #expect(submissions(house).count == 2)
    #expect(submissions(house).allSatisfy { $0.count == 12 })
    #expect(house.audit.isLawful)
  }

  @Test func whatIsSealedByTheTimeOfDayGoesThenAndTheRestADayLater() throws {
    // 08:59 in Pacific daylight time.
    var house = try house(.daily(minute: 10 * 60, pacific2026), at: "2026-03-18T15:59:55Z", grace: 30)
    house.run(seconds: 3_600)
    #expect(house.station.sent.isEmpty)
    house.run(seconds: 60)
    let first = try #require(submissions(house).first)
    #expect(first.first == "16:05Z" && first.last == "16:55Z", "17:00Z is sealed half a minute after the turn")
    house.run(seconds: 600)
    #expect(submissions(house).count == 1)
    house.sleep(seconds: 24 * 3_600)
    house.run(seconds: 60)
    #expect(submissions(house).dropFirst().first?.first == "17:00Z")
  }

  @Test func aStartAfterTheTurnDoesNotWaitForTheNext() throws {
    var house = try house(.hourly)
    house.run(seconds: 3_590)
    house.sleep(seconds: 120)
    house.crash()
    house.run(seconds: 10)
    #expect(submissions(house).first?.last == "12:55Z")
  }

  @Test func whatWasNotTakenInGoesAgainWithoutWaiting() throws {
    var house = try house(.hourly)
    house.station.script = [.beUnreachable, .throttle, .loseEverything]
    house.run(seconds: 3_600 + 5 + 300)
    #expect(house.station.sent.count == 4)
    #expect(Set(house.station.sent).count == 1)
    #expect(house.obligation(House.noon + .seconds(300)).state == .accepted)
  }

  @Test func aRevisionWaitsForTheTurnAfterItWasCollected() throws {
    var settings = Settings.fixture(sites: 2)
    settings.channels[0].cadence = .hourly
    settings.completeness.submitAt = 5_000
    settings.completeness.reviseAfter = .seconds(60)
    var house = House(settings, at: House.noon - .seconds(5))
    house.run(seconds: 600)
    let whole = house.meter
    house.meter = { site, instant in site == 1 ? nil : whole(site, instant) }
    house.run(seconds: 3_600 + 900 - 600)
    let estimated = house.obligation(House.noon + .seconds(1_800))
    #expect(estimated.state == .accepted && !estimated.estimates.isEmpty)
    // It gave more than the other, but no more than it can.
    house.meter = { site, instant in
      SiteReading(
        site: SiteIndex(site), instant: instant, power: nil,
        export: whole(site, site == 1 ? instant + .seconds(300) : instant)?.export, import: nil)
    }
    house.run(seconds: 600)
    let revised = house.obligation(House.noon + .seconds(1_800))
    #expect(revised.revision == 2 && revised.held == .revision(1), "it waits for the hour")
    house.run(seconds: 7_200 - 3_600 - 900 - 600 + 30)
    #expect(house.obligation(House.noon + .seconds(1_800)).held == .revision(2))
    #expect(submissions(house).count == 2)
    #expect(house.audit.isLawful)
  }

  // MARK: Configuration

  @Test(arguments: ["each-interval", "hourly", "daily 00:00", "daily 06:00", "daily 23:59"])
  func aCadenceIsReadAsItIsWritten(text: String) throws {
    #expect(try #require(ConfigurationForm.cadence(in: pacific2026).parse(text)).configurationText == text)
  }

  @Test(arguments: ["", "daily", "daily 24:00", "daily 6:00", "daily 06:60", "daily  06:00", "daily 06:00 ", "Hourly"])
  func nothingElseIsACadence(text: String) {
    #expect(ConfigurationForm.cadence(in: pacific2026).parse(text) == nil)
  }

  @Test func withoutATimeZoneThereIsNoTimeOfDay() {
    let form = ConfigurationForm.cadence(in: nil)
    #expect(form.parse("daily 06:00") == nil)
    #expect(form.parse("hourly") == .hourly)
    #expect(form.expectation.contains("time zone database"))
  }
}
