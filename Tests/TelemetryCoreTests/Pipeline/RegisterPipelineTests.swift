import TelemetrySimulation
import Testing

@testable import TelemetryCore

/// What becomes of values when registers begin anew.
@Suite struct RegisterPipelineTests {
  private static let first = House.noon + .seconds(300)

  /// The first site's meter counts 10 Wh a second, in hundredths of one, from another number after each of some instants.
  private static func meter(_ turns: [(second: Int64, count: UInt64)]) -> (Int, UTCInstant) -> SiteReading? {
    { site, instant in
      guard site == 0 else { return House.steadyMeter(site, instant) }
      let second = instant.seconds - House.noon.seconds
      let since = turns.last { $0.second <= second } ?? (0, 100_000_000)
      let count = Int64(since.count) + (second - since.second) * 1_000
      return SiteReading(
        site: SiteIndex(0), instant: instant, power: nil, export: EnergyRegister(raw: UInt64(count), scale: -2),
        import: nil)
    }
  }

  private static func energies(_ house: House, _ count: Int = 6) -> [Int64] {
    (1...count).map { house.obligation(House.noon + .seconds(300 * Int64($0))).energy.millijoules }
  }

  /// Of both sites, in millijoules.
  private static let whole: Int64 = 6_000 * 3_600_000
  private static let second: Int64 = 10 * 3_600_000

  private static func count(_ kind: RecordKind, in house: House) -> Int { house.log.count { $0.kind == kind.rawValue } }

  @Test func aResetCostsWhatIsNotKnownAndNothingElse() {
    var house = House(meter: Self.meter([(400, 7)]))
    house.run(seconds: 1_300)
    // The meter counted for a second between the last reading before and the first one after.
    #expect(Self.energies(house, 4) == [Self.whole, Self.whole - Self.second, Self.whole, Self.whole])
    #expect(
      (1...4).map { house.obligation(House.noon + .seconds(300 * $0)).quality } == [
        .measured, .estimated, .measured, .measured,
      ])
    #expect(house.announcements.count { $0.kind == .registerReset } == 1)
    #expect(house.announcements.count { $0.kind == .registerPlausible } == 0)
    #expect(Self.count(.turned, in: house) == 1)
    #expect(house.audit.isLawful)
  }

  @Test func anExplanationTellsOfTheResetThatAnIntervalHad() {
    var house = House(meter: Self.meter([(400, 7)]))
    house.run(seconds: 1_000)
    let key = SeriesKey(resource: ResourceID("EXAMPL_7_DERA1"), measurement: MeasurementType("GEN"))
    let told = [Int64(1), 2, 3].map { index -> [String] in
      var explanation = Explanation(
        of: key, ending: IntervalEnding(containing: House.noon + .seconds(300 * index), length: .fiveMinutes))
      for (place, record) in house.log.enumerated() { explanation.take(LogSequence(UInt64(place + 1)), record) }
      return explanation.steps.filter { $0.kind == .turned }.map(\.sentence)
    }
    #expect(told.map(\.count) == [0, 1, 0])
    #expect(told[1].first?.hasPrefix("site-0: the export register showed ") == true)
  }

  @Test func aJumpUpSaysThatNameplateOrMapMayBeWrong() {
    var house = House(meter: Self.meter([(400, 900_000_000_000)]))
    house.run(seconds: 700)
    #expect(house.announcements.contains { $0.kind == .registerReset && $0.message.contains("may be wrong") })
    #expect(Self.energies(house, 2) == [Self.whole, Self.whole - Self.second])
  }

  @Test func aMapByHandTellsWhereARegisterRollsOver() {
    var map = MeterMap()
    map.export = RegisterPoint(address: 0, form: .uint32)
    var settings = Settings.fixture()
    settings.sites[0].source = .byHand(map)
    let period: UInt64 = 1 << 32
    let meter = Self.meter([(-10, period - 400_000), (390, 0)])
    var house = House(settings, meter: meter)
    house.run(seconds: 1_300)
    #expect(Self.energies(house, 4) == Array(repeating: Self.whole, count: 4))
    #expect((1...4).allSatisfy { house.obligation(House.noon + .seconds(300 * $0)).quality == .measured })
    #expect(house.announcements.count { $0.kind == .registerRolledOver } == 1)
  }

  /// Stops at any second of a life with turns give the values of one without.
  @Test(arguments: UInt64(0)..<60)
  func stopsChangeNoValue(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let turns = (1...3).map {
      (Int64($0) * 450 + Int64.random(in: 0...120, using: &random), UInt64(9 - $0) * 1_000_000)
    }
    let swaps = Bool.random(using: &random) ? turns.map(\.0) : []
    func run(stops: Bool) -> House {
      var house = House(leastUntilCheckpoint: stops ? 2_000 : .max, meter: Self.meter(turns))
      house.identify(0, serialNumber: "SN")
      for second in 0..<2_200 {
        if swaps.contains(house.now.utc.seconds + 1 - House.noon.seconds) {
          house.identify(0, serialNumber: "SN \(second)")
        }
        house.run(seconds: 1)
        if stops, Int.random(in: 0..<40, using: &random) == 0 { house.stop() }
      }
      return house
    }
    let (calm, stopped) = (run(stops: false), run(stops: true))
    #expect(Self.energies(stopped) == Self.energies(calm), "seed \(seed)")
    #expect(Self.energies(calm).reduce(0, +) == 6 * Self.whole - 3 * Self.second, "seed \(seed)")
    #expect(stopped.audit.faults.isEmpty, "seed \(seed): \(stopped.audit.faults.prefix(2))")
    #expect(Self.count(.turned, in: stopped) == 3, "seed \(seed)")
  }

  /// An inverter that shows zero while it sleeps, and its count again when it wakes.
  @Test(arguments: UInt64(0)..<4)
  func aNightOfZerosIsSealedWithoutEnergyAndTheMorningGoesOn(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let (dusk, dawn): (Int64, Int64) = (400, 3_000)
    let meter = { (site: Int, instant: UTCInstant) -> SiteReading? in
      let second = instant.seconds - House.noon.seconds
      let awake = second < dusk ? instant : second < dawn ? nil : instant - .seconds(dawn - dusk)
      guard site == 0 else { return House.steadyMeter(site, instant) }
      return SiteReading(
        site: SiteIndex(0), instant: instant, power: nil,
        export: awake.flatMap { House.steadyMeter(0, $0)?.export } ?? EnergyRegister(raw: 0, scale: -2), import: nil)
    }
    func run(stops: Bool) -> House {
      var house = House(meter: meter)
      for _ in 0..<4_200 {
        house.run(seconds: 1)
        if stops, Int.random(in: 0..<120, using: &random) == 0 { house.stop() }
      }
      return house
    }
    let (calm, stopped) = (run(stops: false), run(stops: true))
    #expect(Self.energies(stopped, 13) == Self.energies(calm, 13), "seed \(seed)")
    #expect(Self.energies(calm, 13).reduce(0, +) == 13 * Self.whole - (dawn - dusk) * Self.second, "seed \(seed)")
    let turns = calm.announcements.filter { $0.site == SiteID("site-0") }.map(\.kind)
    #expect(turns.filter { [.registerReset, .registerReturned].contains($0) } == [.registerReset, .registerReturned])
    #expect((3...9).allSatisfy { calm.obligation(House.noon + .seconds(300 * $0)).state == .accepted })
    #expect(stopped.audit.isLawful, "seed \(seed)")
  }

  /// What is decided is a fact of the ledger, also where the readings log is lost.
  @Test(arguments: [310, 601])
  func aTurnIsKeptWithoutTheReadingsLog(second: Int64) {
    var house = House(meter: Self.meter([(second, 7)]))
    // Until it was decided and before the next boundary is judged.
    house.run(seconds: Int(second) + 8)
    house.loseReadings()
    house.crash()
    house.run(seconds: 1_000)
    #expect(Self.count(.turned, in: house) == 1)
    var energies = Array(repeating: Self.whole, count: 4)
    energies[Int(second / 300)] -= Self.second
    #expect(Self.energies(house, 4) == energies)
  }

  @Test func aMeterThatWasChangedDuringAStopIsNoticedAndBeginsAnew() {
    var house = House()
    house.identify(0, serialNumber: "SN-1")
    house.run(seconds: 400)
    house.stop()
    house.sleep(seconds: 60)
    // It stands a little higher than the old one would: only its number tells.
    house.meter = { site, instant in
      guard site == 0, let steady = House.steadyMeter(site, instant), let export = steady.export else {
        return House.steadyMeter(site, instant)
      }
      var reading = steady
      reading.export = EnergyRegister(raw: export.raw + 5_000, scale: export.scale)
      return reading
    }
    house.identify(0, serialNumber: "SN-2")
    house.run(seconds: 600)
    #expect(house.announcements.count { $0.kind == .meterReplaced && $0.message.contains("SN-1") } == 1)
    #expect(Self.count(.replaced, in: house) == 1 && Self.count(.turned, in: house) == 2, "one for each flow")
    #expect(Self.energies(house, 2) == [Self.whole, Self.whole - 61 * Self.second])
    house.crash()
    house.identify(0, serialNumber: "SN-2")
    house.identify(0, serialNumber: "SN-2", version: "2")
    #expect(Self.count(.replaced, in: house) == 1)
    #expect(Self.count(.identified, in: house) == 2, "a new version of its program is told, and is the same meter")
    #expect(house.audit.isLawful)
  }

  @Test func readingsThatComeLateAroundAResetReviseTheIntervalsAroundItAlone() {
    let meter = Self.meter([(590, 7)])
    var house = House()
    house.meter = { site, instant in
      // What was read around the reset comes late.
      site == 0 && (570..<620).contains(instant.seconds - House.noon.seconds) ? nil : meter(site, instant)
    }
    house.run(seconds: 1_000)
    let before = Self.energies(house, 3)
    #expect(before.reduce(0, +) == 3 * Self.whole - 51 * Self.second)
    var late: [Int64] = Array(570..<620)
    var random = SeededRandom(seed: 7)
    late.shuffle(using: &random)
    for second in late { meter(0, House.noon + .seconds(second)).map { house.send(.siteRead($0)) } }
    house.run(seconds: 600)
    let after = Self.energies(house, 4)
    #expect(after == [Self.whole, Self.whole - Self.second, Self.whole, Self.whole])
    #expect(house.audit.isLawful)
    house.crash()
    #expect(Self.energies(house, 4) == after)
  }
}
