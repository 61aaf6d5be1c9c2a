import TelemetrySimulation
import Testing

@testable import TelemetryCore

/// An edited configuration counts as it would after a restart, and costs nobody else a reading.
@Suite struct ReloadTests {
  private static let sites = (0..<5).map { SiteID("site-\($0)") }
  private let meters = SteadyMeters(
    export: Dictionary(uniqueKeysWithValues: zip(Self.sites, [1_000, 300, 77, 4_000, 11])))

  /// The n-th five minutes after noon.
  private func end(_ number: Int64) -> UTCInstant { House.noon + .seconds(300 * number) }

  private static func settings(sites: Int = 3, _ edit: (inout Settings) -> Void = { _ in }) -> Settings {
    var settings = Settings.fixture(sites: sites)
    settings.completeness.submitAt = 10_000
    edit(&settings)
    return settings
  }

  private func house(_ settings: Settings = Self.settings()) -> House {
    House(settings, meter: meters.readings(of: settings))
  }

  private func reload(_ house: inout House, _ edit: (inout Settings) -> Void) -> ReloadPlan? {
    var settings = house.settings
    edit(&settings)
    return house.reload(settings, meter: meters.readings(of: settings))
  }

  private func energy(_ number: Int64, _ sites: [Int]) -> Energy {
    sites.map { meters.energy(Self.sites[$0], .export, from: end(number - 1), to: end(number)) }.reduce(.zero, +)
  }

  private func instants(_ house: House, _ site: Int) -> [UTCInstant] {
    house.stored.filter { $0.site == Self.sites[site] }.map(\.instant)
  }

  /// Of a site that counts something else than its neighbours every reading tells whose it is.
  private func everyReadingIsOfItsSite(_ house: House) -> Bool {
    house.stored.allSatisfy { $0.export == meters.register($0.site, .export, at: $0.instant) }
  }

  @Test func aSiteIsAddedAndTheOthersLoseNoReading() {
    var house = house()
    house.run(seconds: 400)
    let plan = reload(&house) { $0.sites.insert(Self.settings(sites: 4).sites[3], at: 0) }
    #expect(plan?.added == [Self.sites[3]])
    #expect(plan?.from == end(2))
    house.run(seconds: 900)
    #expect(everyReadingIsOfItsSite(house))
    for site in 0..<3 { #expect(instants(house, site).count >= 1_299, "site \(site): one each second") }
    #expect(house.obligation(end(2)).energy == energy(2, [0, 1, 2]), "it had begun before the edit")
    #expect(house.obligation(end(3)).energy == energy(3, [0, 1, 2, 3]), "bracketed from its start on")
    #expect(house.audit.isLawful)
  }

  @Test func aSiteIsTakenOutAsByARestart() {
    var house = house()
    house.run(seconds: 400)
    var restarted = house
    _ = reload(&house) { $0.sites.remove(at: 0) }
    var settings = restarted.settings
    settings.sites.remove(at: 0)
    restarted.restart(settings, meter: meters.readings(of: settings))
    for number: Int64 in 2...4 {
      house.run(seconds: 300)
      restarted.run(seconds: 300)
      #expect(house.obligation(end(number - 1)).energy == restarted.obligation(end(number - 1)).energy)
    }
    #expect(house.announcements.contains { $0.kind == .siteTakenOut && $0.site == Self.sites[0] })
    #expect(house.obligation(end(2)).energy == energy(2, [1, 2]))
    #expect(house.audit.isLawful)
  }

  @Test func aResourceThatIsRemovedIsOwedNoLongerAndOneThatIsAddedIsOwedFromTheNextIntervalStart() {
    var house = house(Settings.fixture(resources: ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"]))
    house.run(seconds: 400)
    let plan = reload(&house) { settings in
      settings.resources.removeLast()
      settings.sites.removeLast()
    }
    #expect(plan?.resourcesRemoved.map(\.name) == ["EXAMPL_7_DERA2"])
    house.run(seconds: 900)
    #expect(house.audit.series.map(\.owed) == [5, 2])
    _ = reload(&house) { $0 = Settings.fixture(resources: ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"]) }
    house.run(seconds: 900)
    #expect(house.audit.series.map(\.owed) == [8, 5])
    #expect(house.audit.isLawful)
  }

  @Test func aChangedFactorCountsFromTheNextIntervalStart() {
    var house = house()
    house.run(seconds: 400)
    let plan = reload(&house) { $0.sites[0].lossFactors.export = 9_000 }
    #expect(plan?.values.map(\.reasons) == [["loss factor of site-0"]])
    house.run(seconds: 600)
    #expect(house.obligation(end(2)).energy == energy(2, [0, 1, 2]))
    let first = meters.energy(Self.sites[0], .export, from: end(2), to: end(3), lossFactor: 9_000)
    #expect(house.obligation(end(3)).energy == first + energy(3, [1, 2]))
    #expect(house.audit.isLawful)
  }

  @Test func whatIsRefusedChangesNothing() {
    var house = house()
    house.run(seconds: 400)
    let (log, epochs) = (house.log.count, house.pipeline.ledger.epochs)
    let plan = reload(&house) { settings in
      settings.intervalLength = IntervalLength(seconds: 60) ?? .fiveMinutes
      settings.sites.removeFirst()
    }
    #expect(plan?.refusals.map(\.key) == ["interval"])
    #expect(house.announcements.last?.kind == .reloadRefused)
    #expect(house.log.count == log && house.pipeline.ledger.epochs == epochs)
    #expect(house.pipeline.settings.sites.count == 3)
    house.run(seconds: 300)
    #expect(house.obligation(end(2)).energy == energy(2, [0, 1, 2]))
    #expect(everyReadingIsOfItsSite(house))
  }

  @Test func whatIsPlannedIsWhatIsDoneAndPlanningDoesNothing() {
    var house = house()
    house.run(seconds: 400)
    var edited = house.settings
    edited.sites.removeFirst()
    edited.sites[0].lossFactors.export = 9_000
    let log = house.log.count
    let planned = house.pipeline.plan(edited, at: house.now)
    #expect(house.log.count == log && house.pipeline.settings.sites.count == 3)
    #expect(house.reload(edited, meter: meters.readings(of: edited)) == planned)
    #expect(house.pipeline.settings.sites.count == 2)
  }

  @Test func aQuietSiteThatIsTakenOutIsCountedNoMore() {
    var house = house()
    house.run(seconds: 30)
    house.send(.siteFellQuiet(SiteIndex(2), reason: "gone"))
    house.send(.siteFellQuiet(SiteIndex(0), reason: "gone"))
    _ = reload(&house) { $0.sites.remove(at: 0) }
    #expect(house.pipeline.statusSnapshot.report(at: house.now.utc).sites.quiet == 1)
    house.send(.siteCameBack(SiteIndex(1)))
    #expect(house.announcements.last.map { "\($0.kind) \($0.site?.name ?? "")" } == "siteBack site-2")
    #expect(house.pipeline.health.sitesAnswering == 2)
  }

  @Test(arguments: 1...20)
  func manyEditsLoseNoReadingOfWhoeverStays(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let all = Self.settings(sites: 5).sites
    var house = house(Self.settings(sites: 5))
    var expected = [SiteID: Int](uniqueKeysWithValues: Self.sites.map { ($0, 0) })
    for _ in 0..<200 {
      let seconds = Int.random(in: 0...20, using: &random)
      house.run(seconds: seconds)
      for site in house.settings.sites { expected[site.id, default: 0] += seconds }
      let kept = all.filter { _ in Int.random(in: 0..<4, using: &random) > 0 }.shuffled(using: &random)
      _ = reload(&house) { settings in
        settings.sites = kept.map { site in
          var site = site
          if Bool.random(using: &random) { site.modbus.unit = UInt8.random(in: 1...9, using: &random) }
          return site
        }
      }
      if Int.random(in: 0..<20, using: &random) == 0 { house.stop() }
    }
    house.stop()
    #expect(everyReadingIsOfItsSite(house), "seed \(seed)")
    for site in Self.sites {
      #expect(house.stored.count { $0.site == site } == expected[site], "seed \(seed), \(site)")
    }
    #expect(house.audit.isLawful, "seed \(seed)")
  }
}
