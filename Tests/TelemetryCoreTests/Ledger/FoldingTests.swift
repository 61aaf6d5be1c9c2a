import TelemetrySimulation
import Testing

@testable import TelemetryCore

/// What is settled for good leaves the memory, and the law goes over it all the same.
@Suite struct FoldingTests {
  /// Thirty hours of intervals of a minute; one site is away for an hour in the second one, and late readings come.
  private static let run: (log: [LogRecord], now: UTCInstant, ledger: LedgerState) = {
    var house = House(settings)
    house.pass(minutes: 70)
    house.meter = { site, instant in site == 1 ? nil : House.steadyMeter(site, instant) }
    house.pass(minutes: 60)
    house.meter = House.steadyMeter
    house.pass(minutes: 30 * 60 - 130)
    return (house.log, house.now.utc, house.pipeline.ledger)
  }()

  private static let settings: Settings = {
    var settings = Settings.fixture(interval: 60, sites: 3, digits: 5)
    settings.scan = .seconds(10)
    settings.completeness.submitAt = 5_000
    for index in settings.sites.indices {
      settings.sites[index].lossFactors.export = 9_873
      settings.sites[index].nameplate = Power(milliwatts: 200_000_000)
    }
    return settings
  }()

  /// Goes on after a start.
  private static var house: House { House(settings, at: run.now, log: run.log) }

  private static let everywhere = House.noon - .seconds(9_999)...House.noon + .seconds(1 << 20)

  private func audit(_ state: LedgerState) -> Audit {
    Audit(of: state, recordCount: 0, now: Self.run.now)
  }

  private func facts(_ audit: Audit) -> [String] {
    audit.series.map { "\($0)" } + audit.faults.map { "\($0)" }
  }

  @Test func foldedAccountsGiveTheAuditOfWholeOnes() throws {
    let folded = LedgerReplay(ofAll: Self.run.log).state
    let whole = LedgerReplay(ofAll: Self.run.log, keeping: Self.everywhere).state
    #expect(folded.checkpoint == Self.run.ledger.checkpoint, "folding follows from the records alone")
    let runs = try #require(folded.series[SeriesIndex(0)]?.folded.runs)
    #expect(runs.map(\.state) == [.accepted], "side by side they are one run")
    #expect(try #require(runs.first).last >= 255)
    #expect(whole.series[SeriesIndex(0)]?.folded.runs == [])
    #expect(audit(folded).isLawful)
    #expect(facts(audit(folded)) == facts(audit(whole)))
  }

  @Test func theStatusCountsWhatIsFoldedToo() {
    let folded = LedgerReplay(ofAll: Self.run.log).state
    let whole = LedgerReplay(ofAll: Self.run.log, keeping: Self.everywhere).state
    let counts = [folded, whole].map { StatusReport($0, Self.settings, isRunning: true, now: Self.run.now).intervals }
    #expect(counts[0] == counts[1])
    #expect(counts[0]["accepted", default: 0] > 1_700)
  }

  @Test func whatIsFoldedIsReadWholeByWhoeverAsksForIt() {
    let hour = House.noon + .seconds(3_600)...House.noon + .seconds(7_200)
    let whole = LedgerReplay(ofAll: Self.run.log, keeping: Self.everywhere).state
    let kept = LedgerReplay(ofAll: Self.run.log, keeping: hour).state
    #expect(kept.hasFolded(in: Self.everywhere))
    #expect(!kept.hasFolded(in: hour))
    #expect(kept.isKeptSettled)
    #expect(kept.rows(in: hour, now: Self.run.now) == whole.rows(in: hour, now: Self.run.now))
    #expect(facts(audit(kept)) == facts(audit(whole)))
  }

  @Test func readingMayEndWhereNothingCanChangeAnyMore() throws {
    let hour = House.noon + .seconds(3_600)...House.noon + .seconds(7_200)
    let whole = LedgerReplay(ofAll: Self.run.log, keeping: Self.everywhere).state
    var replay = LedgerReplay(keeping: hour)
    var readCount = 0
    for (index, record) in Self.run.log.enumerated() where !replay.state.isKeptSettled {
      replay.take(LogSequence(UInt64(index + 1)), record)
      readCount = index + 1
    }
    #expect(readCount < Self.run.log.count)
    #expect(replay.state.rows(in: hour, now: Self.run.now) == whole.rows(in: hour, now: Self.run.now))
  }

  @Test(arguments: UInt64(0)..<5)
  func noReadingChangesWhatIsFolded(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var house = Self.house
    let before = try #require(house.pipeline.ledger.series[SeriesIndex(0)]?.folded)
    let end = try #require(before.runs.last?.last)
    let records = house.log.count
    for _ in 0..<60 {
      // Each register as another meter would tell it, so that a boundary that can be moved is.
      let second = Int64.random(in: -60...30 * 3_600, using: &random)
      let site = Int.random(in: 0..<3, using: &random)
      guard var reading = House.steadyMeter(site, House.noon + .seconds(second)) else { continue }
      reading.export = reading.export.flatMap { EnergyRegister(raw: $0.raw + 1, scale: $0.scale) }
      house.send(.siteRead(reading))
      if Bool.random(using: &random) { house.pass(minutes: 1) }
    }
    house.pass(minutes: 120)
    let about = try house.log[records...].compactMap { record -> IntervalEnding? in
      switch try LedgerRecord(record) {
      case .sealed(let seal), .adjusted(let seal): seal.reference.intervalEnding
      default: nil
      }
    }
    let first = try #require(house.pipeline.ledger.series[SeriesIndex(0)]?.origin)
    #expect(!about.isEmpty)
    #expect(about.allSatisfy { $0.seconds > first.seconds + Int64(end) * 60 }, "seed \(seed)")
    #expect(house.audit.isLawful, "seed \(seed): \(house.audit.faults.prefix(2))")
  }

  @Test func aRecordAboutWhatIsFoldedIsAFault() throws {
    var state = Self.run.ledger
    let seal = try #require(
      Self.run.log.first { RecordKind(rawValue: $0.kind) == .sealed })
    let before = state.series
    state.apply(try LedgerRecord(seal), at: LogSequence(99_999))
    #expect(state.faults.map(\.kind) == [.double])
    #expect(state.series == before)
  }

  @Test func aPersonIsToldThatNothingIsDecidedAboutItAnyMore() {
    var house = Self.house
    let verdict = house.ask(
      .intervals(
        .waived,
        IntervalSelection(
          resource: ResourceID("EXAMPL_7_DERA1"), measurement: nil, first: House.noon + .seconds(300),
          last: House.noon + .seconds(300))))
    #expect(verdict.records.isEmpty)
    #expect(verdict.lines.first?.refusal?.contains("by other means") == true)
  }

  @Test func whatIsRefusedOrMissingIsNeverFolded() throws {
    var settings = Settings.fixture(interval: 60, sites: 1)
    settings.scan = .seconds(10)
    settings.completeness.estimateAfter = .seconds(1 << 20)
    var house = House(settings)
    house.station.script = [.reject]
    house.pass(minutes: 70)
    house.meter = { _, _ in nil }
    house.pass(minutes: 2 * 64)
    // No three readings go on from each other, so nothing is decided of them: what lies between stays missing.
    var isLow = false
    house.meter = { site, instant in
      isLow.toggle()
      return SiteReading(
        site: SiteIndex(site), instant: instant, power: nil,
        export: EnergyRegister(raw: isLow ? 1 : 1_000_000_000_000, scale: 0), import: nil)
    }
    house.pass(minutes: 28 * 60)
    let account = try #require(house.pipeline.ledger.series[SeriesIndex(0)])
    #expect(house.audit.series[0].count(.rejected) == 1)
    #expect(house.audit.series[0].count(.missing) > 1_000)
    #expect(account.folded.runs.isEmpty)
    #expect(house.audit.isLawful)
  }
}

/// What holds folding back, and how far.
@Suite struct FoldingLimitsTests {
  /// A site is away for five minutes and is then taken out of the configuration: what it left open stays.
  private static func islandHouse(submitAt: Int64) -> House {
    var settings = Settings.fixture(interval: 60, sites: 3)
    settings.scan = .seconds(10)
    settings.completeness.submitAt = submitAt
    settings.completeness.estimateAfter = .seconds(1 << 20)
    var house = House(settings)
    house.pass(minutes: 70)
    house.meter = { site, instant in site == 2 ? nil : House.steadyMeter(site, instant) }
    house.pass(minutes: 5)
    settings.sites.removeLast()
    house = House(settings, at: house.now.utc, log: house.log)
    house.pass(minutes: 28 * 60)
    return house
  }

  @Test(arguments: [Int64(10_000), 5_000])
  func anIntervalThatStaysOpenHoldsBackItsOwnPageOnly(submitAt: Int64) throws {
    let house = Self.islandHouse(submitAt: submitAt)
    let account = try #require(house.pipeline.ledger.series[SeriesIndex(0)])
    let open = submitAt == 10_000 ? account.missing : account.estimated
    #expect(!open.isEmpty)
    #expect(try #require(account.folded.runs.last).last > 192, "pages after it are folded")
    #expect(open.allSatisfy { !account.isFolded($0) })
    for (key, history) in house.pipeline.ledger.histories {
      #expect(history.brackets.count < 40, "\(key): what no open interval needs is forgotten")
    }
    #expect(house.audit.isLawful)
  }

  @Test func estimatesForASiteThatWasTakenOutAMonthAgoStay() throws {
    let house = Self.islandHouse(submitAt: 5_000)
    var state = house.pipeline.ledger
    let island = try #require(state.series[SeriesIndex(0)]?.estimated.first)
    let judged = try #require(state.judgedThrough)
    let length = house.pipeline.settings.intervalLength
    func pass(days: Int64) {
      for minute in 0..<12 {
        let ending = judged.advanced(by: days * 1_440 + Int64(minute), length)
        state.apply(.judged(through: ending), at: LogSequence(99_999))
      }
    }
    pass(days: 29)
    #expect(state.series[SeriesIndex(0)]?.isFolded(island) == false, "it may come back")
    pass(days: 31)
    #expect(state.series[SeriesIndex(0)]?.isFolded(island) == true)
    #expect(state.series[SeriesIndex(0)]?.estimated == [])
  }

  @Test func aBoundaryThatTheLastRegisterIsPastGetsNoneAnyMore() throws {
    let length = try #require(IntervalLength(seconds: 60))
    let boundary = IntervalEnding(containing: House.noon + .seconds(60), length: length)
    func reading(_ second: Int64) throws -> RegisterAtInstant {
      RegisterAtInstant(
        instant: House.noon + .seconds(second), register: try #require(EnergyRegister(raw: UInt64(second), scale: 0)))
    }
    var history = RegisterHistory()
    history.begin(with: try reading(55), length: length)
    #expect(!history.isPast(boundary), "the next reading gives it")
    _ = history.accept(
      try reading(65), RegisterTerms(nameplate: Power(milliwatts: 1 << 40), length: length, bridge: .seconds(30)))
    #expect(!history.isPast(boundary), "it has one")
    #expect(history.isPast(boundary.advanced(by: -1, length)))
    #expect(!history.isPast(boundary.advanced(by: 1, length)))
  }
}
