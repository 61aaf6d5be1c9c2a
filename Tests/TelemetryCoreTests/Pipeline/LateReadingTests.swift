import Testing

import TelemetryCore
import TelemetrySimulation

/// Readings with their own time stamps may come late, twice and in any order.
@Suite struct LateReadingTests {
  private static let sites = 2

  private static func settings() -> Settings {
    var settings = Settings.fixture(sites: sites)
    for index in settings.sites.indices {
      settings.sites[index].nameplate = Power(milliwatts: 200_000_000)
      settings.sites[index].lossFactors.export = 9_873
    }
    settings.completeness.reviseAfter = .seconds(60)
    return settings
  }

  /// The readings of an hour: registers that rise unevenly, with gaps.
  private static func readings(_ random: inout SeededRandom) -> [SiteReading] {
    var readings: [SiteReading] = []
    for site in 0..<sites {
      var raw: UInt64 = 0
      var second: Int64 = -3
      while second < 3_600 {
        second += Int64.random(in: 16...(Int.random(in: 0..<8, using: &random) == 0 ? 700 : 40), using: &random)
        raw += UInt64.random(in: 0...30, using: &random)
        readings.append(reading(site, House.noon + .seconds(second), raw))
      }
    }
    return readings
  }

  private static func reading(_ site: Int, _ instant: UTCInstant, _ raw: UInt64) -> SiteReading {
    SiteReading(
      site: SiteIndex(site), instant: instant, power: nil, export: EnergyRegister(raw: raw, scale: 0), import: nil)
  }

  private static func energies(_ house: House) -> [Energy] {
    (1...12).map { house.obligation(House.noon + .seconds(300 * $0)).energy }
  }

  @Test(arguments: UInt64(0)..<40)
  func theSameReadingsInAnyOrderEndInTheSameEnergies(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let readings = Self.readings(&random)
    let begun = (0..<Self.sites).map { Self.reading($0, House.noon - .seconds(4), 0) }
    var calm = House(Self.settings(), meter: { _, _ in nil })
    var late = House(Self.settings(), meter: { _, _ in nil })
    for reading in begun + readings.sorted(by: { $0.instant < $1.instant }) { calm.send(.siteRead(reading)) }
    for reading in begun { late.send(.siteRead(reading)) }
    calm.run(seconds: 4_000)
    late.run(seconds: Int.random(in: 0...4_000, using: &random))
    for reading in readings.shuffled(using: &random) {
      late.send(.siteRead(reading))
      if Int.random(in: 0..<4, using: &random) == 0 { late.send(.siteRead(reading)) }
      if Int.random(in: 0..<10, using: &random) == 0 { late.run(seconds: 7) }
    }
    late.run(seconds: 4_200)
    #expect(Self.energies(late) == Self.energies(calm), "seed \(seed)")
    #expect(late.audit.faults.isEmpty, "seed \(seed): \(late.audit.faults.prefix(2))")
    #expect(calm.audit.isLawful, "seed \(seed)")
  }

  @Test func aReadingThatMovesABoundaryGivesToOneNeighbourWhatItTakesFromTheOther() {
    var house = House(Self.settings(), meter: { _, _ in nil })
    for (second, raw): (Int64, UInt64) in [(-4, 0), (50, 100), (650, 640), (950, 900)] {
      for site in 0..<2 { house.send(.siteRead(Self.reading(site, House.noon + .seconds(second), raw))) }
    }
    house.run(seconds: 1_000)
    let before = Self.energies(house)
    let records = house.log.count
    house.send(.siteRead(Self.reading(0, House.noon + .seconds(590), 400)))
    house.run(seconds: 1)
    let after = Self.energies(house)
    #expect(after[0] != before[0] && after[1] != before[1] && after[2] != before[2])
    #expect(after.reduce(.zero) { $0 + $1 } == before.reduce(.zero) { $0 + $1 })
    let written = house.log[records...].compactMap { RecordKind(rawValue: $0.kind) }
    #expect(written == [.opened, .opened, .sealed, .sealed, .sealed])
    #expect(house.audit.isLawful)
    house.crash()
    house.send(.siteRead(Self.reading(0, House.noon + .seconds(590), 400)))
    house.run(seconds: 1)
    #expect(Self.energies(house) == after, "the same reading again changes nothing, also after a restart")
  }

  @Test func aLateReadingThatContradictsItsNeighboursIsNotUsed() {
    var house = House(Self.settings(), meter: { _, _ in nil })
    for (second, raw): (Int64, UInt64) in [(-4, 0), (50, 100), (950, 900)] {
      for site in 0..<2 { house.send(.siteRead(Self.reading(site, House.noon + .seconds(second), raw))) }
    }
    house.run(seconds: 1_000)
    let before = Self.energies(house)
    house.send(.siteRead(Self.reading(0, House.noon + .seconds(590), 50)))
    house.send(.siteRead(Self.reading(0, House.noon + .seconds(600), 1_000)))
    house.run(seconds: 1)
    #expect(Self.energies(house) == before)
  }
}
