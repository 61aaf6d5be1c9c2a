import Testing

import TelemetryCore

/// Whatever changes a value counts from the next interval start on, and an interval keeps the terms it began with.
@Suite struct EpochTests {
  private let one = SiteID("site-0")
  private let two = SiteID("site-1")
  private let meters = SteadyMeters(
    export: [SiteID("site-0"): 1_000, SiteID("site-1"): 300], import: [SiteID("site-0"): 7, SiteID("site-1"): 11])

  /// The n-th five minutes after noon.
  private func end(_ number: Int64) -> UTCInstant { House.noon + .seconds(300 * number) }

  private static func settings(_ change: (inout Settings) -> Void = { _ in }) -> Settings {
    var settings = Settings.fixture()
    settings.completeness.submitAt = 10_000
    change(&settings)
    return settings
  }

  private func house(_ settings: Settings = Self.settings()) -> House {
    House(settings, meter: meters.readings(of: settings))
  }

  private func change(_ house: inout House, _ change: (inout Settings) -> Void) {
    var settings = house.settings
    change(&settings)
    house.restart(settings, meter: meters.readings(of: settings))
  }

  /// What both sites gave in five minutes with these loss factors.
  private func energy(_ number: Int64, _ factors: (Int64, Int64), flow: Flow = .export) -> Energy {
    meters.energy(one, flow, from: end(number - 1), to: end(number), lossFactor: factors.0)
      + meters.energy(two, flow, from: end(number - 1), to: end(number), lossFactor: factors.1)
  }

  @Test func aChangedLossFactorCountsFromTheNextIntervalStart() {
    var house = house()
    house.run(seconds: 400)
    change(&house) { $0.sites[0].lossFactors.export = 9_873 }
    house.run(seconds: 900)
    #expect(house.obligation(end(1)).energy == energy(1, (10_000, 10_000)))
    #expect(house.obligation(end(2)).energy == energy(2, (10_000, 10_000)), "it had begun before the change")
    #expect(house.obligation(end(3)).energy == energy(3, (9_873, 10_000)))
    #expect(house.obligation(end(4)).energy == energy(4, (9_873, 10_000)))
    #expect(house.audit.isLawful)
  }

  /// The correction of a nameplate does not reach back into the interval in progress either.
  @Test func aChangedNameplateCountsFromTheNextIntervalStart() {
    var house = house(Self.settings { $0.sites[0].nameplate = Power(milliwatts: 1_000_000) })
    house.run(seconds: 100)
    let before = house.pipeline.ledger.histories[SiteFlow(site: one, flow: .export)]?.baseline
    change(&house) { $0.sites[0].nameplate = Power(milliwatts: 5_000_000) }
    house.run(seconds: 205)
    #expect(house.now.utc == end(1))
    #expect(house.pipeline.ledger.histories[SiteFlow(site: one, flow: .export)]?.baseline == before)
    house.run(seconds: 310)
    #expect(house.obligation(end(1)).energy == energy(1, (10_000, 10_000)))
    #expect(house.obligation(end(1)).quality == .estimated, "the register had not been believed on both sides")
    #expect(house.obligation(end(2)).energy == energy(2, (10_000, 10_000)))
  }

  @Test func aMovedSiteGivesTheIntervalInProgressToTheResourceItBelongedTo() {
    let resources = ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"]
    var settings = Settings.fixture(resources: resources)
    settings.completeness.submitAt = 10_000
    var house = house(settings)
    house.run(seconds: 400)
    change(&house) { $0.sites[1].resource = ResourceID(resources[0]) }
    house.run(seconds: 900)
    for (number, first, second) in [(Int64(2), [one], [two]), (3, [one, two], [])] {
      let sums = [first, second].map { sites in
        sites.map { meters.energy($0, .export, from: end(number - 1), to: end(number)) }.reduce(.zero, +)
      }
      #expect(house.obligation(end(number), resource: resources[0]).energy == sums[0])
      #expect(house.obligation(end(number), resource: resources[1]).energy == sums[1])
    }
    #expect(house.obligation(end(2), resource: resources[1]).state == .accepted)
    #expect(house.obligation(end(3), resource: resources[1]).state == .missing, "nobody measures it any more")
    #expect(house.audit.isLawful)
  }

  @Test func aMeasurementThatMeasuresAnotherFlowDoesSoFromTheNextIntervalStart() {
    var house = house()
    house.run(seconds: 400)
    change(&house) { settings in
      settings.resources[0].measurements = [
        MeasurementSettings(type: MeasurementType("GEN"), flow: .import),
        MeasurementSettings(type: MeasurementType("LOAD"), flow: .export),
      ]
    }
    house.run(seconds: 600)
    #expect(house.obligation(end(2)).energy == energy(2, (10_000, 10_000)))
    #expect(house.obligation(end(3)).energy == energy(3, (10_000, 10_000), flow: .import))
    #expect(house.obligation(end(2), "LOAD").state == .due, "it is not owed before")
    #expect(house.obligation(end(3), "LOAD").energy == energy(3, (10_000, 10_000)))
    change(&house) { $0.resources[0].measurements.removeLast() }
    house.run(seconds: 600)
    #expect(house.audit.series.map(\.owed) == [6, 2])
    #expect(house.audit.isLawful)
  }

  // MARK: Sites that go

  @Test func aSiteThatIsTakenOutContributesToItsLastBoundaryAndHoldsNothingBack() {
    var house = house()
    house.run(seconds: 400)
    change(&house) { $0.sites.removeLast() }
    #expect(
      house.announcements.contains { $0.site == two && $0.message.contains("contributes until \(end(1).text)") })
    house.run(seconds: 600)
    #expect(house.obligation(end(1)).energy == energy(1, (10_000, 10_000)))
    for number: Int64 in 2...3 {
      #expect(house.obligation(end(number)).state == .accepted)
      #expect(
        house.obligation(end(number)).energy == meters.energy(one, .export, from: end(number - 1), to: end(number)))
    }
    #expect(house.audit.isLawful)
  }

  @Test func aSiteThatComesBackBeforeItsIntervalIsJudgedIsInItAgain() {
    var house = house()
    house.run(seconds: 400)
    change(&house) { $0.sites.removeLast() }
    house.run(seconds: 100)
    let all = Self.settings()
    house.restart(all, meter: meters.readings(of: all))
    house.run(seconds: 500)
    for number: Int64 in 1...3 { #expect(house.obligation(end(number)).energy == energy(number, (10_000, 10_000))) }
    #expect(house.audit.isLawful)
  }

  @Test func whatASiteCountedWhileItWasOutBelongsToNobody() {
    var house = house()
    house.run(seconds: 400)
    change(&house) { $0.sites.removeLast() }
    house.run(seconds: 900)
    let all = Self.settings()
    house.restart(all, meter: meters.readings(of: all))
    house.run(seconds: 900)
    for number: Int64 in 2...5 {
      #expect(
        house.obligation(end(number)).energy == meters.energy(one, .export, from: end(number - 1), to: end(number)),
        "\(number)")
    }
    for number: Int64 in 6...7 {
      #expect(house.obligation(end(number)).energy == energy(number, (10_000, 10_000)), "\(number)")
    }
    #expect(house.audit.isLawful)
  }

  /// Taking out a site that does not answer is no way to make whole what it holds back (P4).
  @Test func whatIsMissingForWantOfASiteStaysSoWhenItIsTakenOut() {
    var silent = meters
    var house = house()
    house.run(seconds: 100)
    silent.quiet = [two]
    house.meter = silent.readings(of: house.settings)
    house.run(seconds: 500)
    #expect(house.obligation(end(1)).state == .missing)
    change(&house) { $0.sites.removeLast() }
    house.run(seconds: 600)
    #expect(house.obligation(end(1)).state == .missing)
    #expect(house.obligation(end(2)).state == .accepted)
    let all = Self.settings()
    house.restart(all, meter: meters.readings(of: all))
    house.run(seconds: 300)
    #expect(house.obligation(end(1)).energy == energy(1, (10_000, 10_000)), "its register has returned")
    #expect(house.audit.isLawful)
  }

  @Test func aResourceThatIsBroughtBackIsOwedAgainFromTheNextIntervalStart() {
    let resources = ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"]
    let both = Settings.fixture(resources: resources)
    var house = house(both)
    house.run(seconds: 400)
    change(&house) { settings in
      settings.resources.removeLast()
      settings.sites.removeLast()
    }
    house.run(seconds: 900)
    #expect(house.audit.series[1].owed == 2)
    house.restart(both, meter: meters.readings(of: both))
    house.run(seconds: 900)
    #expect(house.audit.series[1].owed == 5, "two before, and three since")
    for number: Int64 in [1, 2, 6, 7] {
      #expect(
        house.obligation(end(number), resource: resources[1]).energy
          == meters.energy(two, .export, from: end(number - 1), to: end(number)), "\(number)")
    }
    #expect(house.obligation(end(2), resource: resources[1]).quality == .estimated, "its site returned to it")
    #expect(house.obligation(end(4), resource: resources[1]).state == .due)
    #expect(house.audit.isLawful)
  }

  // MARK: Changes of changes

  @Test func aChangeThatIsUndoneBeforeItBeginsChangesNothing() {
    var house = house()
    var calm = house
    house.run(seconds: 350)
    for _ in 0..<3 {
      change(&house) { settings in
        settings.sites[0].lossFactors.export = 9_000
        settings.sites.removeLast()
        settings.resources.append(
          ResourceSettings(
            id: ResourceID("NEW"), schedulingCoordinator: SchedulingCoordinatorID("EXSC"),
            channel: ChannelName("production"),
            measurements: [MeasurementSettings(type: MeasurementType("GEN"), flow: .export)]))
      }
      house.run(seconds: 20)
      let settings = Self.settings()
      house.restart(settings, meter: meters.readings(of: settings))
      house.run(seconds: 20)
    }
    house.run(seconds: 730)
    calm.run(seconds: 1_200)
    for number: Int64 in 1...3 {
      #expect(house.obligation(end(number)).energy == calm.obligation(end(number)).energy)
    }
    #expect(house.audit.series.map(\.owed) == [4, 0], "the other resource never was owed")
    #expect(house.audit.isLawful)
  }

  @Test func severalChangesAtOnceBeginTogether() {
    var house = house()
    house.run(seconds: 400)
    change(&house) { settings in
      settings.sites[0].lossFactors.export = 9_500
      settings.sites[1].lossFactors.export = 10_200
      settings.sites[1].nameplate = Power(milliwatts: 60_000_000)
      settings.scan = .seconds(20)
      settings.channels[0].profile.unit = WireUnit(symbol: "kWh", digits: 1) ?? settings.channels[0].profile.unit
    }
    house.run(seconds: 600)
    #expect(house.pipeline.ledger.epochs.count == 2)
    #expect(house.pipeline.ledger.epochs[1]?.start == end(2))
    #expect(house.obligation(end(2)).value == energy(2, (10_000, 10_000)).millijoules / 3_600_000)
    #expect(house.obligation(end(3)).energy == energy(3, (9_500, 10_200)))
    #expect(house.audit.isLawful)
  }

  /// A start that is cut off between its records is finished by the next one.
  @Test func aStartThatWroteTheEpochAloneLeavesNoHole() throws {
    var house = house(.fixture(resources: ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"]))
    house.run(seconds: 400)
    let smaller = Settings.fixture(sites: 1)
    let whole = House(smaller, at: house.now.utc, log: house.log, meter: meters.readings(of: smaller))
    let epoch = try #require(whole.log.lastIndex { $0.kind == RecordKind.epoch.rawValue })
    #expect(whole.log[(epoch + 1)...].contains { $0.kind == RecordKind.owedUntil.rawValue })
    var cut = House(
      smaller, at: house.now.utc + .seconds(900), log: Array(whole.log[...epoch]), meter: meters.readings(of: smaller))
    cut.run(seconds: 900)
    #expect(cut.audit.series[1].owed == 2)
    #expect(cut.audit.isLawful)
  }

  // MARK: What is measured, and by what estimated

  /// A scan of 60 s puts readings 30 s from a boundary, which three scans of a second do not bridge.
  @Test func anIntervalIsMeasuredByTheScanOfItsOwnEpoch() {
    var house = house()
    house.run(seconds: 150)
    let slow = Self.settings { $0.scan = .seconds(60) }
    let every = meters.readings(of: slow)
    house.restart(slow) { site, instant in instant.seconds % 60 == 30 ? every(site, instant) : nil }
    house.run(seconds: 900)
    #expect(house.obligation(end(1)).quality == .estimated, "its epoch reads every second")
    #expect(house.obligation(end(2)).quality == .measured, "also at the boundary that both epochs share")
    #expect(house.obligation(end(2)).energy == energy(2, (10_000, 10_000)))
    let qualities = (1...2).map { house.obligation(end($0)).quality }
    house.crash()
    #expect((1...2).map { house.obligation(end($0)).quality } == qualities)
  }

  @Test func anIntervalIsEstimatedByTheMethodOfItsOwnEpoch() {
    var house = house(Self.settings { $0.completeness.submitAt = 5_000 })
    house.run(seconds: 310)
    var silent = meters
    silent.quiet = [two]
    house.meter = silent.readings(of: house.settings)
    house.run(seconds: 90)
    let other = Self.settings { settings in
      settings.completeness.submitAt = 5_000
      settings.completeness.estimate = .zero
    }
    house.restart(other, meter: silent.readings(of: other))
    house.run(seconds: 600)
    #expect(house.obligation(end(2)).estimates.map(\.method) == [.fleetShare])
    #expect(house.obligation(end(3)).estimates.map(\.method) == [.zero])
  }
}
