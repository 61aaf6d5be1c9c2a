import Testing

import TelemetryCore

/// Sites that are away are estimated, and what their registers say when they return is a revision.
@Suite struct RevisionTests {
  private let first = House.noon + .seconds(300)

  /// Four sites that export `rates` hundredths of a watt-hour in a millisecond.
  private func house(
    _ rates: [UInt64] = [1, 1, 1, 2], submitAt: Int64 = 7_000, estimate: EstimateMethod = .fleetShare,
    estimateAfter: Int64 = 86_400, reviseAfter: Int64 = 900
  ) -> House {
    var settings = Settings.fixture(sites: rates.count)
    for index in settings.sites.indices { settings.sites[index].nameplate = Power(milliwatts: 200_000_000) }
    settings.completeness = CompletenessSettings(
      submitAt: submitAt, estimate: estimate, estimateAfter: .seconds(estimateAfter),
      reviseAfter: .seconds(reviseAfter))
    return House(settings, meter: Self.meter(rates))
  }

  static func meter(_ rates: [UInt64], without away: Int? = nil) -> (Int, UTCInstant) -> SiteReading? {
    { site, instant in
      guard site != away else { return nil }
      let milliseconds = UInt64(instant.milliseconds - 1_767_225_600_000)
      return SiteReading(
        site: SiteIndex(site), instant: instant, power: nil,
        export: EnergyRegister(raw: milliseconds * rates[site], scale: -2), import: nil)
    }
  }

  private func values(_ house: House, _ ending: UTCInstant) -> [Int64] {
    house.station.rows.filter { $0.intervalEnding.instant == ending }.map(\.value)
  }

  private func kinds(_ house: House) -> [RecordKind] { house.log.compactMap { RecordKind(rawValue: $0.kind) } }

  @Test func aSiteThatIsAwayIsEstimatedByTheFleetAndNamed() {
    var house = house()
    house.run(seconds: 100)
    house.meter = Self.meter([1, 1, 1, 2], without: 3)
    house.run(seconds: 230)
    let obligation = house.obligation(first)
    #expect(obligation.state == .accepted)
    #expect(obligation.quality == .estimated)
    #expect(obligation.estimates.map(\.site) == [3])
    #expect(obligation.siteCount == 3)
    #expect(values(house, first) == [12_000])
    #expect(house.announcements.contains { $0.message.contains("estimated (fleet-share) for site-3") })
    #expect(house.audit.isLawful)
  }

  @Test func whenItReturnsItsRegistersAreARevisionThatIsCollectedBeforeItIsSent() {
    var house = house()
    house.run(seconds: 100)
    house.meter = Self.meter([1, 1, 1, 2], without: 3)
    house.run(seconds: 600)
    house.meter = Self.meter([1, 1, 1, 2])
    house.run(seconds: 20)
    #expect(house.obligation(first).revision == 2)
    #expect(house.obligation(first).state == .queued)
    #expect(house.obligation(first).held == .revision(1))
    #expect(house.obligation(first).estimates.isEmpty)
    house.run(seconds: 870)
    #expect(values(house, first) == [12_000], "the revision is still being collected")
    house.run(seconds: 60)
    #expect(values(house, first) == [12_000, 15_000])
    #expect(house.obligation(first).state == .accepted)
    #expect(house.obligation(first).held == .revision(2))
    #expect(house.audit.isLawful)
  }

  @Test func whatWasWaivedWhileItsSiteWasAwayGoesOutByTheRegistersThatHaveReturnedMeanwhile() {
    var house = house()
    house.run(seconds: 100)
    #expect(house.ask(.hold(ChannelName("production"))).problem == nil)
    house.meter = Self.meter([1, 1, 1, 2], without: 3)
    house.run(seconds: 230)
    #expect(house.obligation(first).estimates.map(\.site) == [3])
    let one = IntervalSelection(
      resource: ResourceID("EXAMPL_7_DERA1"), measurement: nil, first: first, last: first)
    #expect(house.ask(.intervals(.waived, one)).refusedCount == 0)
    house.meter = Self.meter([1, 1, 1, 2])
    house.run(seconds: 20)
    #expect(house.obligation(first).state == .waived && house.obligation(first).revision == 1)
    #expect(house.ask(.intervals(.resubmitted, one)).refusedCount == 0)
    #expect(house.ask(.release(ChannelName("production"))).problem == nil)
    house.run(seconds: 300)
    #expect(values(house, first) == [15_000])
    #expect(house.obligation(first).state == .accepted)
    #expect(house.obligation(first).estimates.isEmpty)
    #expect(house.audit.isLawful)
  }

  @Test func anEstimateThatWasRightIsAdjustedAndNotSentAgain() {
    var house = house([1, 1, 1, 1])
    house.run(seconds: 100)
    house.meter = Self.meter([1, 1, 1, 1], without: 3)
    house.run(seconds: 600)
    house.meter = Self.meter([1, 1, 1, 1])
    house.run(seconds: 1_500)
    #expect(kinds(house).contains(.adjusted))
    #expect(house.obligation(first).revision == 1)
    #expect(house.obligation(first).estimates.isEmpty)
    #expect(house.obligation(first).siteCount == 4)
    #expect(values(house, first) == [12_000])
    #expect(house.audit.isLawful)
  }

  @Test func aRevisionReplacesOneThatWasNeverSent() {
    var house = house()
    house.station.script = Array(repeating: .beUnreachable, count: 8)
    house.run(seconds: 100)
    house.meter = Self.meter([1, 1, 1, 2], without: 3)
    house.run(seconds: 250)
    #expect(house.station.sent.count > 1, "it was tried")
    house.meter = Self.meter([1, 1, 1, 2])
    house.run(seconds: 600)
    #expect(values(house, first) == [15_000])
    #expect(house.obligation(first).held == .revision(2))
    #expect(house.audit.isLawful)
  }

  @Test(arguments: [true, false])
  func aRevisionWaitsForTheOutcomeOfTheOneThatIsOnItsWay(crashes: Bool) {
    var house = house(reviseAfter: 0)
    house.run(seconds: 100)
    house.station.answersQuestions = false
    house.meter = Self.meter([1, 1, 1, 2], without: 3)
    house.run(seconds: 230)
    house.meter = Self.meter([1, 1, 1, 2])
    house.run(seconds: 30)
    #expect(house.obligation(first).revision == 2)
    #expect(house.obligation(first).state == .validating)
    #expect(house.obligation(first).held == .either(0, 1))
    if crashes { house.crash() }
    #expect(values(house, first) == [12_000])
    house.station.answersQuestions = true
    house.run(seconds: 400)
    #expect(values(house, first) == [12_000, 15_000])
    #expect(house.obligation(first).state == .accepted)
    #expect(house.audit.isLawful)
  }

  @Test func aRevisionWhoseAnswerWasLostIsRecognisedByItsOwnValue() {
    var house = house(reviseAfter: 0)
    house.run(seconds: 100)
    house.meter = Self.meter([1, 1, 1, 2], without: 3)
    house.station.script = [.takeAndLoseTheAnswer]
    house.station.answersQuestions = false
    house.run(seconds: 230)
    house.meter = Self.meter([1, 1, 1, 2])
    house.run(seconds: 30)
    #expect(house.obligation(first).state == .unknown)
    house.station.answersQuestions = true
    house.run(seconds: 700)
    #expect(values(house, first) == [12_000, 15_000], "the first is held, so only the second goes out")
    #expect(house.obligation(first).state == .accepted)
    #expect(house.audit.isLawful)
  }

  @Test func whatNeverArrivedIsReplacedByTheNewerRevision() {
    var house = house(reviseAfter: 0)
    house.run(seconds: 100)
    house.meter = Self.meter([1, 1, 1, 2], without: 3)
    house.station.script = [.loseEverything]
    house.run(seconds: 230)
    house.meter = Self.meter([1, 1, 1, 2])
    house.run(seconds: 300)
    #expect(values(house, first) == [15_000])
    #expect(house.obligation(first).held == .revision(2))
    #expect(house.audit.isLawful)
  }

  @Test func belowTheShareItIsMissingUntilTheWaitIsOver() {
    var house = house(submitAt: 9_500, estimateAfter: 600)
    house.run(seconds: 100)
    house.meter = Self.meter([1, 1, 1, 2], without: 3)
    house.run(seconds: 700)
    #expect(house.obligation(first).state == .missing)
    house.run(seconds: 130)
    #expect(house.obligation(first).state == .accepted)
    #expect(house.obligation(first).quality == .estimated)
    #expect(values(house, first) == [12_000])
    house.meter = Self.meter([1, 1, 1, 2])
    house.run(seconds: 1_800)
    #expect(values(house, first) == [12_000, 15_000])
    #expect(house.audit.isLawful)
  }

  @Test func aSiteIsEstimatedByWhatItLastGaveOrByNothing() {
    for (method, value): (EstimateMethod, Int64) in [(.lastPower, 15_000), (.zero, 9_000)] {
      var house = house(estimate: method)
      house.run(seconds: 400)
      house.meter = Self.meter([1, 1, 1, 2], without: 3)
      house.run(seconds: 230)
      #expect(values(house, first + .seconds(300)) == [value], "\(method.name)")
    }
  }

  @Test func withNobodyToEstimateFromItIsZeroAndSaysSo() {
    var house = house(submitAt: 9_500, estimateAfter: 600)
    house.run(seconds: 100)
    house.meter = { _, _ in nil }
    house.run(seconds: 900)
    let obligation = house.obligation(first)
    #expect(obligation.quality == .estimated)
    #expect(obligation.estimates.map(\.method) == Array(repeating: .zero, count: 4))
    #expect(obligation.value == 0)
  }

  @Test func completenessGoesByNameplateAndNotByTheNumberOfSites() {
    var large = house()
    var settings = large.settings
    settings.sites[3].nameplate = Power(milliwatts: 2_000_000_000)
    large = House(settings, meter: Self.meter([1, 1, 1, 2]))
    large.run(seconds: 100)
    large.meter = Self.meter([1, 1, 1, 2], without: 3)
    large.run(seconds: 230)
    #expect(large.obligation(first).state == .missing)
  }

  @Test func aReplayGivesTheSameAccountsAtEveryStep() {
    var house = house(reviseAfter: 30)
    house.station.script = [.take, .takeAndLoseTheAnswer, .beUnreachable, .loseEverything, .reject, .throttle]
    for step in 0..<30 {
      house.meter = Self.meter([1, 1, 1, 2], without: step % 4 == 1 ? 3 : nil)
      house.run(seconds: 90)
      var replay = LedgerReplay()
      for (index, record) in house.log.enumerated() { replay.take(LogSequence(UInt64(index + 1)), record) }
      #expect(replay.state.series == house.pipeline.ledger.series, "step \(step)")
      #expect(replay.state.faults.isEmpty, "step \(step)")
      #expect(house.audit.isLawful, "step \(step)")
    }
  }
}
