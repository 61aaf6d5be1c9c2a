import Testing

import TelemetryCore

@Suite struct PipelineTests {
  private let first = House.noon + .seconds(300)

  @Test func anIntervalGoesFromReadingsToReceipt() {
    var house = House()
    house.run(seconds: 330)
    let obligation = house.obligation(first)
    #expect(obligation.state == .accepted)
    #expect(obligation.quality == .measured)
    #expect(obligation.energy == Energy(millijoules: 2 * 3_000 * 3_600_000))
    #expect(obligation.value == 6_000)
    #expect(obligation.held == .revision(1))
    #expect(house.station.rows.map(\.value) == [6_000])
    #expect(house.audit.isLawful)
  }

  @Test func nothingIsSealedBeforeItsGraceHasPassed() {
    var house = House()
    house.run(seconds: 5 + 300 + 4)
    #expect(house.obligation(first).state == .due)
    house.run(seconds: 1)
    #expect(house.obligation(first).state != .due)
  }

  @Test func nothingIsOwedBeforeTheFirstIntervalThatCanBeBracketed() {
    var house = House(at: House.noon - Milliseconds(500))
    house.run(seconds: 330)
    #expect(house.audit.series.map(\.first.instant) == [House.noon + .seconds(600)])
  }

  @Test func aSiteThatDoesNotAnswerMakesTheIntervalMissingAndNeverAPartialSum() {
    var house = House()
    house.run(seconds: 100)
    house.meter = { site, instant in site == 1 ? nil : House.steadyMeter(site, instant) }
    house.run(seconds: 300)
    #expect(house.obligation(first).state == .missing)
    #expect(house.station.rows.isEmpty)
    #expect(house.announcements.contains { $0.priority == .warning && $0.message.contains("site-1") })
  }

  @Test func aReturningRegisterSealsTheGapAndTheEnergiesAddUpToIt() {
    var house = House()
    house.run(seconds: 100)
    house.meter = { site, instant in site == 1 ? nil : House.steadyMeter(site, instant) }
    house.run(seconds: 900)
    house.meter = House.steadyMeter
    house.run(seconds: 300)
    let endings = (1...4).map { House.noon + .seconds(300 * $0) }
    #expect(endings.map { house.obligation($0).state } == Array(repeating: .accepted, count: 4))
    #expect(endings.map { house.obligation($0).quality } == [.estimated, .estimated, .estimated, .estimated])
    #expect(house.station.rows.map(\.value).reduce(0, +) == 4 * 6_000)
    #expect(house.audit.isLawful)
  }

  @Test func aCrashBetweenTheSealsOfOneGapLosesNoInterval() {
    var house = House()
    house.run(seconds: 5 + 330)
    house.sleep(seconds: 570)
    house.run(seconds: 1)
    let endings = (1...5).map { House.noon + .seconds(300 * $0) }
    #expect(house.obligation(endings[1]).state != .due, "the first interval of the gap is judged at once")
    #expect(house.obligation(endings[2]).state == .due, "the second one is within its grace")
    house.crash()
    house.run(seconds: 620)
    #expect(endings.map { house.obligation($0).state } == Array(repeating: .accepted, count: 5))
    #expect(house.station.rows.map(\.value) == Array(repeating: 6_000, count: 5))
    #expect(house.audit.isLawful)
  }

  @Test func readingsTwiceOrOutOfOrderChangeNothing() {
    var calm = House()
    var nervous = House()
    calm.run(seconds: 900)
    for _ in 0..<900 {
      nervous.run(seconds: 1)
      for age: Int64 in [0, 3, 400] {
        let old = House.steadyMeter(0, nervous.now.utc - .seconds(age))
        old.map { nervous.send(.siteRead($0)) }
      }
    }
    #expect(calm.station.rows == nervous.station.rows)
    #expect(calm.station.rows.count == 2)
  }

  @Test func aRegisterThatGoesBackIsNoEnergyAndIsNamed() {
    var house = House()
    house.run(seconds: 100)
    house.meter = { site, instant in
      guard site == 0, instant.seconds % 60 == 0 else { return House.steadyMeter(site, instant) }
      return SiteReading(
        site: SiteIndex(0), instant: instant, power: nil, export: EnergyRegister(raw: 1, scale: -2), import: nil)
    }
    house.run(seconds: 600)
    #expect(house.station.rows.map(\.value) == [6_000, 6_000])
    #expect(house.announcements.contains { $0.site == SiteID("site-0") && $0.message.contains("went back") })
  }

  @Test func aJumpBeyondTheNameplateIsNoEnergy() {
    var house = House()
    house.run(seconds: 100)
    house.meter = { site, instant in
      guard site == 0, instant.seconds % 60 == 0 else { return House.steadyMeter(site, instant) }
      return SiteReading(
        site: SiteIndex(0), instant: instant, power: nil,
        export: EnergyRegister(raw: UInt64(UInt32.max), scale: 3), import: nil)
    }
    house.run(seconds: 600)
    #expect(house.station.rows.map(\.value) == [6_000, 6_000])
  }

  @Test func aChannelOnHoldQueuesAndSendsNothing() {
    var house = House(.fixture(mode: .hold))
    house.run(seconds: 1_000)
    #expect(house.station.sent.isEmpty)
    #expect(house.audit.series[0].count(.queued) == 3)
    #expect(house.audit.isLawful)
  }

  @Test func aReceiverWithoutBatchStatusAcceptsByItsAnswer() {
    var house = House(.fixture(status: false))
    house.run(seconds: 330)
    #expect(house.obligation(first).state == .accepted)
  }

  @Test func actionsWaitUntilWhatTheyStandOnIsDurable() {
    let settings = Settings.fixture()
    var pipeline = Pipeline(settings: settings, ledger: LedgerState(), nextSequence: LogSequence(1))
    let now = Moment(utc: House.noon, uptime: UptimeInstant(milliseconds: 0))
    let actions = pipeline.handle(.started(version: "test", damages: []), at: now)
    #expect(actions.count == 1)
    guard case .commit(_, let through) = actions[0] else { return #expect(Bool(false), "a commit comes first") }
    #expect(pipeline.handle(.committed(through: LogSequence(through.number - 1)), at: now).isEmpty)
    #expect(!pipeline.handle(.committed(through: through), at: now).isEmpty)
  }

  @Test func aChangedSiteListIsANewEpochFromTheNextInterval() {
    var house = House()
    house.run(seconds: 400)
    let log = house.log
    var other = House(.fixture(sites: 3), at: house.now.utc, log: log)
    other.run(seconds: 700)
    #expect(other.pipeline.ledger.epochs.count == 2)
    #expect(other.station.rows.map(\.value) == [6_000, 9_000])
    #expect(other.audit.isLawful)
  }

  @Test func removingAResourceEndsWhatIsOwedAndErasesNothing() {
    var house = House(.fixture(resources: ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"]))
    house.run(seconds: 400)
    var smaller = House(.fixture(sites: 1), at: house.now.utc, log: house.log)
    smaller.run(seconds: 900)
    let audit = smaller.audit
    #expect(audit.isLawful)
    #expect(audit.series.map(\.key.resource.name) == ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"])
    #expect(audit.series[1].owed == 2)
    #expect(audit.series[1].count(.accepted) == 1)
    #expect(audit.series[1].count(.missing) == 1)
  }
}
