import Testing

import TelemetryCore
import TelemetrySimulation

/// A host that was off for three hours: its meters counted on, so all that was owed meanwhile is stated when it returns.
@Suite struct HostOffTests {
  private static let stop = House.noon + .seconds(390)
  private static let away: Int64 = 3 * 3_600

  /// From 12:10 to 15:05.
  private let endings = (2...37).map { House.noon + .seconds(300 * $0) }

  /// 10 counts of 3,600 mJ a second before the stop and 700 after it, with what happened meanwhile in one rise.
  private static func register(_ site: Int, at instant: UTCInstant) -> UInt64 {
    let seconds = UInt64(instant.seconds - (House.noon.seconds - 3_600))
    let back = UInt64(stop.seconds + away - (House.noon.seconds - 3_600))
    return seconds < back ? seconds * 10 : 4_321_987 + UInt64(site) + (seconds - back) * 700
  }

  private static func meter(without silent: Int? = nil) -> (Int, UTCInstant) -> SiteReading? {
    { site, instant in
      guard site != silent else { return nil }
      return SiteReading(
        site: SiteIndex(site), instant: instant, power: nil,
        export: EnergyRegister(raw: register(site, at: instant), scale: -3), import: nil)
    }
  }

  private static func settings(resources: [String] = ["EXAMPL_7_DERA1"], sites: Int = 2) -> Settings {
    var settings = Settings.fixture(sites: sites, resources: resources)
    settings.completeness.submitAt = 10_000
    return settings
  }

  /// Runs until the stop, and is off.
  private func stopped(_ settings: Settings = Self.settings()) -> House {
    var house = House(settings, meter: Self.meter())
    house.run(seconds: 395)
    #expect(house.now.utc == Self.stop)
    house.sleep(seconds: Self.away)
    return house
  }

  /// The last reading of each site that was stored before the stop: what was read in the last second may be lost.
  private func lastReadings(_ house: House) throws -> [UTCInstant] {
    try ["site-0", "site-1"].map { site in
      let history = house.pipeline.ledger.histories[SiteFlow(site: SiteID(site), flow: .export)]
      let last = try #require(history?.baseline).instant
      #expect((Self.stop - .seconds(1)...Self.stop).contains(last))
      return last
    }
  }

  /// What a register stood at on a boundary between the last reading before the stop and the first one after it.
  private func cumulative(_ site: Int, at boundary: UTCInstant, _ last: [UTCInstant]) -> Int128 {
    let (before, after) = (last[site], Self.stop + .seconds(Self.away + 1))
    let (low, high) = (
      Int128(Self.register(site, at: before)) * 3_600, Int128(Self.register(site, at: after)) * 3_600
    )
    if boundary <= before { return Int128(Self.register(site, at: boundary)) * 3_600 }
    return low + (high - low) * Int128((boundary - before).count) / Int128((after - before).count)
  }

  private func energy(_ sites: [Int], _ ending: UTCInstant, _ last: [UTCInstant]) -> Int64 {
    Int64(
      sites.reduce(0) {
        $0 + cumulative($1, at: ending, last) - cumulative($1, at: ending - .seconds(300), last)
      })
  }

  @Test func thirtySixIntervalsAreOwedAndSealedByTheRegisterDifferenceWhenItReturns() throws {
    var house = stopped()
    house.crash()
    let last = try lastReadings(house)
    #expect(house.audit.series.map(\.owed) == [38])
    #expect(house.audit.series[0].count(.due) == 37, "36 of the time that it was off, and the one in progress")
    #expect(house.audit.isLawful)
    house.run(seconds: 60)
    for ending in endings {
      let obligation = house.obligation(ending)
      #expect(obligation.state == .accepted, "\(ending.text)")
      #expect(obligation.quality == .estimated, "\(ending.text)")
      #expect(obligation.revision == 1, "\(ending.text)")
      #expect(obligation.energy.millijoules == energy([0, 1], ending, last), "\(ending.text)")
    }
    #expect(house.station.rows.count == 37 && house.station.distinctCount == 37, "nothing goes twice")
    let unit: Int128 = 3_600_000
    let sent = house.station.rows.reduce(Int128(0)) { $0 + Int128($1.value) * unit }
    let exact = (0...1).reduce(Int128(0)) {
      $0 + cumulative($1, at: endings[35], last) - cumulative($1, at: House.noon, last)
    }
    #expect(sent + Int128(house.audit.series[0].residual.millijoules) == exact)
    #expect(house.audit.series[0].count(.accepted) == 37)
    #expect(house.audit.isLawful)
  }

  @Test func aReturnThatIsCutOffAgainAndAgainStatesEachIntervalOnce() {
    var house = stopped()
    for _ in 0..<12 {
      house.crash()
      house.run(seconds: 3)
    }
    house.run(seconds: 120)
    #expect(endings.allSatisfy { house.obligation($0).state == .accepted && house.obligation($0).revision == 1 })
    #expect(house.station.distinctCount == house.station.rows.count)
    #expect(house.audit.isLawful)
  }

  @Test func whatWaitsForASiteThatDidNotReturnIsMissingUntilItDoes() {
    var house = stopped()
    house.meter = Self.meter(without: 1)
    house.crash()
    house.run(seconds: 60)
    #expect(endings.allSatisfy { house.obligation($0).state == .missing })
    #expect(house.audit.series[0].count(.missing) == 36)
    #expect(house.audit.isLawful)
    house.crash()
    house.meter = Self.meter()
    house.run(seconds: 60)
    #expect(endings.allSatisfy { house.obligation($0).state == .accepted })
    #expect(house.station.distinctCount == house.station.rows.count)
    #expect(house.audit.isLawful)
  }

  /// It was owed for as long as the configuration had it: until the start that took it out.
  @Test func aResourceThatWasTakenOutWhileTheHostWasOffOwesTheTimeBefore() throws {
    let resources = ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"]
    let both = Self.settings(resources: resources)
    var house = stopped(both)
    let one = Self.settings(sites: 1)
    house.restart(one, meter: Self.meter())
    let last = try lastReadings(house)
    house.run(seconds: 300)
    #expect(endings.allSatisfy { house.obligation($0).state == .accepted })
    #expect(endings.allSatisfy { house.obligation($0).energy.millijoules == energy([0], $0, last) })
    #expect(house.audit.series[1].owed == 38, "until 15:10")
    #expect(house.audit.series[1].count(.missing) == 37)
    #expect(house.audit.isLawful)
    house.restart(both, meter: Self.meter())
    house.run(seconds: 600)
    for ending in endings {
      let obligation = house.obligation(ending, resource: resources[1])
      #expect(obligation.state == .accepted, "\(ending.text)")
      #expect(obligation.quality == .estimated)
    }
    #expect(house.audit.series[1].count(.missing) == 0)
    #expect(house.station.distinctCount == house.station.rows.count)
    #expect(house.audit.isLawful)
  }

  /// It contributes to its last boundary, 12:05, and no register of it is waited for.
  @Test func aSiteThatWasTakenOutWhileTheHostWasOffHoldsNothingBack() throws {
    var house = stopped()
    house.restart(Self.settings(sites: 1), meter: Self.meter())
    let last = try lastReadings(house)
    #expect(
      house.announcements.contains { $0.priority == .warning && $0.message.contains("until 2026-03-18T12:05:00Z") })
    house.run(seconds: 60)
    #expect(endings.allSatisfy { house.obligation($0).state == .accepted })
    #expect(endings.allSatisfy { house.obligation($0).energy.millijoules == energy([0], $0, last) })
    #expect(house.obligation(House.noon + .seconds(300)).siteCount == 2)
    #expect(house.audit.isLawful)
  }

  // MARK: What the audit finds in such a ledger

  /// Everything sealed and nothing sent, as records.
  private func records() throws -> [LedgerRecord] {
    var settings = Self.settings()
    settings.channels[0].mode = .hold
    var house = stopped(settings)
    house.crash()
    house.run(seconds: 60)
    #expect(house.audit.series[0].count(.queued) == 37)
    return try house.log.map { try LedgerRecord($0) }
  }

  private func audit(_ records: [LedgerRecord]) -> Audit {
    var state = LedgerState()
    for (index, record) in records.enumerated() { state.apply(record, at: LogSequence(UInt64(index + 1))) }
    return Audit(of: state, recordCount: records.count, now: Self.stop + .seconds(Self.away + 60))
  }

  private func sealed(_ record: LedgerRecord) -> UTCInstant? {
    if case .sealed(let seal) = record { seal.reference.intervalEnding.instant } else { nil }
  }

  @Test(arguments: UInt64(0)..<30)
  func holesAndDoublesAreFoundAtTheirIntervals(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let records = try records()
    #expect(audit(records).isLawful)
    let shuffled = endings.shuffled(using: &random)
    let holes = Set(shuffled.prefix(Int.random(in: 1...6, using: &random)))
    let doubles = Set(shuffled.suffix(Int.random(in: 1...6, using: &random)))
    let planted = records.flatMap { record -> [LedgerRecord] in
      guard let ending = sealed(record) else { return [record] }
      return holes.contains(ending) ? [] : doubles.contains(ending) ? [record, record] : [record]
    }
    let faults = audit(planted).faults
    let found = faults.filter { $0.kind == .double }.compactMap { $0.intervalEnding?.instant }
    #expect(Set(found) == doubles, "seed \(seed)")
    #expect(found.count == doubles.count, "seed \(seed)")
    // Holes side by side are one fault, named by its first interval.
    let firsts = holes.filter { !holes.contains($0 - .seconds(300)) }
    let reported = faults.filter { $0.kind == .hole }
    #expect(Set(reported.compactMap { $0.intervalEnding?.instant }) == firsts, "seed \(seed)")
    for first in firsts {
      var last = first
      while holes.contains(last + .seconds(300)) { last = last + .seconds(300) }
      let fault = reported.first { $0.intervalEnding?.instant == first }
      let isNamed = last == first || fault?.explanation.contains(last.text) == true
      #expect(isNamed, "seed \(seed): \(first.text) to \(last.text)")
    }
  }
}
