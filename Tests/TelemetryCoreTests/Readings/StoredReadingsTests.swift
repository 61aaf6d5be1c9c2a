import TelemetrySimulation
import Testing

@testable import TelemetryCore

/// The pipeline and the readings log: what is stored when, and what a start makes of it.
@Suite struct StoredReadingsTests {
  private let first = House.noon + .seconds(300)

  private func pipeline(commit: Milliseconds = .seconds(1)) -> Pipeline {
    var settings = Settings.fixture()
    settings.storage.readings.commit = commit
    return Pipeline(settings: settings, ledger: LedgerState(), nextSequence: LogSequence(1))
  }

  private func frames(_ actions: [Pipeline.Action]) -> [ReadingsFrame] {
    actions.compactMap { if case .store(let frame, _) = $0 { frame } else { nil } }
  }

  private func moment(_ milliseconds: Int64) -> Moment {
    Moment(utc: House.noon + Milliseconds(milliseconds), uptime: UptimeInstant(milliseconds: 5_000 + milliseconds))
  }

  // MARK: Group commit

  @Test func readingsOfASecondAreOneFrame() throws {
    var pipeline = pipeline()
    _ = pipeline.handle(.started(version: "test", damages: []), at: moment(0))
    var frames: [ReadingsFrame] = []
    for step in 1...40 {
      let now = moment(Int64(step) * 100)
      let reading = ReadingsFixture.reading(step % 2, Int64(step) * 100, export: UInt64(1_000 + step))
      frames += self.frames(pipeline.handle(.siteRead(reading), at: now))
      if step % 10 == 0 { frames += self.frames(pipeline.handle(.ticked, at: now)) }
    }
    // The first readings of the sites are facts of the ledger, and stored before these.
    #expect(frames.map(\.readings.count) == [1, 1, 8, 10, 10, 10])
    #expect(frames.last?.clock == HostClock(boot: .unknown, moment: moment(4_000), synchronisation: .unknown))
  }

  @Test(arguments: [100, 700, 1_000, 5_000, 60_000] as [Int64]) func noReadingWaitsForLongerThanACommit(commit: Int64) {
    var pipeline = pipeline(commit: Milliseconds(commit))
    let tick = pipeline.settings.tick.count
    _ = pipeline.handle(.started(version: "test", damages: []), at: moment(0))
    var waiting: Int64?
    for step in 1...4_000 {
      let milliseconds = Int64(step) * 50
      var actions: [Pipeline.Action] = []
      if step % 37 == 0 {
        actions += pipeline.handle(.siteRead(ReadingsFixture.reading(0, milliseconds)), at: moment(milliseconds))
        waiting = waiting ?? milliseconds
      }
      if milliseconds % tick == 0 { actions += pipeline.handle(.ticked, at: moment(milliseconds)) }
      if !frames(actions).isEmpty { waiting = nil }
      if let waiting { #expect(milliseconds - waiting < commit) }
    }
  }

  @Test func aReadingThatComesTwiceIsStoredOnce() {
    var house = House(.fixture(sites: 1))
    house.run(seconds: 5)
    for _ in 0..<3 { House.steadyMeter(0, house.now.utc).map { house.send(.siteRead($0)) } }
    house.run(seconds: 6)
    #expect(house.stored.map(\.instant).prefix(10) == (1...10).map { House.noon + .seconds(Int64($0) - 5) }[...])
  }

  // MARK: Order

  /// Rule 7 of the accounts: whatever the disk does afterwards, it does it to the readings first.
  @Test func aSealIsGivenToTheLogAfterItsReadings() throws {
    var settings = Settings.fixture()
    settings.storage.readings.commit = .seconds(60)
    var pipeline = Pipeline(settings: settings, ledger: LedgerState(), nextSequence: LogSequence(1))
    var given: Set<UTCInstant> = []
    var sealCount = 0
    var now = Moment(utc: House.noon - .seconds(5), uptime: UptimeInstant(milliseconds: 0))
    var actions = pipeline.handle(.started(version: "test", damages: []), at: now)
    for _ in 0..<700 {
      now = Moment(utc: now.utc + .seconds(1), uptime: now.uptime + .seconds(1))
      for site in 0..<2 {
        if let reading = House.steadyMeter(site, now.utc) { actions += pipeline.handle(.siteRead(reading), at: now) }
      }
      actions += pipeline.handle(.ticked, at: now)
      for action in actions {
        switch action {
        case .store(let frame, _): given.formUnion(frame.readings.map(\.instant))
        case .commit(let records, _):
          for case .sealed(let seal) in try records.map(LedgerRecord.init) {
            sealCount += 1
            #expect(given.contains(seal.readingsThrough))
          }
        default: break
        }
      }
      actions = []
    }
    #expect(sealCount == 2)
  }

  @Test func aStoreThatNeverEndsIsAStall() {
    var pipeline = pipeline()
    _ = pipeline.handle(.started(version: "test", damages: []), at: moment(0))
    _ = pipeline.handle(.committed(through: LogSequence(9)), at: moment(0))
    _ = pipeline.handle(.siteRead(ReadingsFixture.reading(0, 10, export: nil, import: nil)), at: moment(10))
    #expect(frames(pipeline.handle(.ticked, at: moment(1_000))).count == 1)
    #expect(pipeline.isAlive(at: moment(20_000)))
    #expect(!pipeline.isAlive(at: moment(22_000)))
    _ = pipeline.handle(.readingsStored(through: 1), at: moment(22_000))
    #expect(pipeline.isAlive(at: moment(22_000)))
  }

  // MARK: Starts

  /// From the last reading before the stop to the first one after it, the boundary is well bracketed.
  @Test(arguments: [0, 1, 150, 290, 295, 298, 299]) func aStopWithinAnIntervalLeavesItMeasured(second: Int) {
    var house = House()
    house.run(seconds: 5 + 300 + second)
    house.crash()
    house.sleep(seconds: 11)
    house.run(seconds: 620)
    let endings = (1...3).map { House.noon + .seconds(300 * $0) }
    #expect(endings.map { house.obligation($0).quality } == [.measured, .measured, .measured])
    #expect(house.station.rows.map(\.value).prefix(3) == [6_000, 6_000, 6_000])
    #expect(house.audit.isLawful)
  }

  @Test func withoutTheReadingsLogTheSameStopLeavesAnEstimate() {
    var house = House()
    house.run(seconds: 5 + 300 + 295)
    house.loseReadings()
    house.crash()
    house.sleep(seconds: 11)
    house.run(seconds: 500)
    #expect(house.obligation(House.noon + .seconds(600)).quality == .estimated)
    #expect(house.audit.isLawful)
  }

  /// Meters that do not run evenly, so that a wider bracket gives another value.
  private static func unevenMeter(_ site: Int, _ instant: UTCInstant) -> SiteReading? {
    let second = UInt64(instant.seconds - House.noon.seconds + 1_000)
    return SiteReading(
      site: SiteIndex(site), instant: instant, power: nil,
      export: EnergyRegister(raw: second * second / 300 + UInt64(site), scale: 0), import: nil)
  }

  private func seals(_ log: [LogRecord]) throws -> [Seal] {
    try log.compactMap { if case .sealed(let seal) = try LedgerRecord($0) { seal } else { nil } }
  }

  @Test func stopsChangeNoSealHoweverManyThereAre() throws {
    var settings = Settings.fixture(interval: 60, mode: .hold)
    settings.sites[0].nameplate = Power(milliwatts: 10_000_000_000)
    settings.sites[1].nameplate = Power(milliwatts: 10_000_000_000)
    var calm = House(settings, meter: Self.unevenMeter)
    var nervous = House(settings, meter: Self.unevenMeter)
    var random = SeededRandom(seed: 20)
    calm.run(seconds: 1_200)
    for _ in 0..<1_200 {
      nervous.run(seconds: 1)
      if Int.random(in: 0..<23, using: &random) == 0 { nervous.stop() }
    }
    let expected = try seals(calm.log).map(\.shares)
    #expect(expected.count > 15)
    #expect(try seals(nervous.log).map(\.shares).prefix(expected.count - 1) == expected.dropLast()[...])
  }

  /// The minutes between its last boundary and its last reading are in the readings log alone.
  @Test func aSiteThatWasQuietBeforeAStopKeepsItsLastReading() throws {
    var settings = Settings.fixture(mode: .hold)
    settings.completeness.submitAt = 10_000
    var house = House(settings)
    house.run(seconds: 5 + 400)
    let quietSince = house.now.utc
    house.meter = { site, instant in site == 1 ? nil : House.steadyMeter(site, instant) }
    house.run(seconds: 2_000)
    house.crash()
    house.run(seconds: 100)
    house.meter = House.steadyMeter
    house.run(seconds: 60)
    let seal = try #require(
      seals(house.log).first { $0.reference.intervalEnding.instant == House.noon + .seconds(600) })
    let bracket = try #require(seal.shares.first { $0.siteRegister.site == 1 }?.siteRegister.register)
    #expect(bracket.earlier.instant == quietSince)
    #expect(house.audit.isLawful)
  }

  @Test func aSiteThatIsQuietForLongMakesAStartReadMinutesAndNotDays() {
    var house = House(.fixture(mode: .hold))
    house.run(seconds: 5 + 400)
    let quietSince = house.now.utc
    house.meter = { site, instant in site == 1 ? nil : House.steadyMeter(site, instant) }
    house.run(seconds: 5_000)
    let needed = house.pipeline.ledger.neededReadings(.fiveMinutes)
    #expect(needed.from >= house.now.utc - .seconds(700))
    #expect(needed.earlier.count == 1)
    #expect(needed.earlier.contains { $0.contains(quietSince) })
    let bytesWanted = needed.earlier.map { ($0.upperBound - $0.lowerBound).count }.reduce(0, +)
    #expect(bytesWanted <= 300_000)
  }

  // MARK: Shedding

  private func retentions(_ house: inout House, seconds: Int) -> [ReadingsRetention] {
    let before = house.retentions.count
    house.run(seconds: seconds)
    return Array(house.retentions.dropFirst(before))
  }

  @Test func readingsMayBeShedOnlyUpToTheOldestIntervalThatIsOpen() {
    var house = House(.fixture(mode: .hold))
    #expect(retentions(&house, seconds: 300).isEmpty)
    #expect(retentions(&house, seconds: 700).last?.mayShedBefore == House.noon + .seconds(900 - 300))
    house.meter = { site, instant in site == 1 ? nil : House.steadyMeter(site, instant) }
    let missing = House.noon + .seconds(1_200)
    let open = retentions(&house, seconds: 3_000)
    #expect(open.count == 10)
    #expect(house.obligation(missing).state == .missing)
    #expect(open.last?.mayShedBefore == missing - .seconds(600), "its start, and an interval for what brackets it")
    house.meter = House.steadyMeter
    let closed = retentions(&house, seconds: 600)
    #expect(closed.last.map { $0.mayShedBefore > missing + .seconds(2_000) } == true)
  }

  @Test func readingsThatAreGoneWithoutARecordAreWrittenDownAtTheStart() throws {
    var house = House()
    house.run(seconds: 10)
    for _ in 1...2 {
      var replay = LedgerReplay()
      for (index, record) in house.log.enumerated() { replay.take(LogSequence(UInt64(index + 1)), record) }
      house.pipeline = Pipeline(
        settings: house.settings, ledger: replay.state, nextSequence: LogSequence(UInt64(house.log.count + 1)))
      house.pipeline.restoreReadings(from: LogSequence(78))
      house.send(.started(version: "test", damages: []))
    }
    let shed = try house.log.compactMap { if case .readingsShed(let shed) = try LedgerRecord($0) { shed } else { nil } }
    #expect(shed.map(\.reason) == [.found], "once")
    #expect(shed.map(\.lastRecord) == [LogSequence(77)])
  }

  @Test func whatIsShedIsWrittenDownBeforeAnybodyIsTold() throws {
    var pipeline = pipeline()
    guard case .commit(_, let started) = pipeline.handle(.started(version: "test", damages: []), at: moment(0)).first
    else { return #expect(Bool(false), "a start is a commit") }
    _ = pipeline.handle(.committed(through: started), at: moment(0))
    let shed = ReadingsShed(
      reason: .fullDisk, lastRecord: LogSequence(4), from: House.noon, through: House.noon, readingCount: 1,
      byteCount: 2)
    let actions = pipeline.handle(.storageNoted(.shed(shed)), at: moment(1))
    guard actions.count == 1, case .commit(let records, let through) = actions[0] else {
      return #expect(Bool(false), "a commit and nothing else")
    }
    #expect(try records.map(LedgerRecord.init) == [.readingsShed(shed)])
    let told = pipeline.handle(.committed(through: through), at: moment(2))
    guard told.count == 1, case .announce(let announcement) = told[0] else {
      return #expect(Bool(false), "an announcement and nothing else")
    }
    #expect(announcement.priority == .critical)
  }
}
