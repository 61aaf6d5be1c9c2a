import Testing

import TelemetryCore

/// The promises under any order of events: late syncs, crashes, reloads, lost and repeated answers, sites that come and go.
@Suite struct RandomDayTests {
  /// The same sites, distributed over two resources in one way and in another.
  private static func settings(seed: UInt64) -> [Settings] {
    var settings = Settings.fixture(
      interval: 120, sites: 4, digits: seed.isMultiple(of: 2) ? 6 : 3, resources: ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"],
      settle: 300)
    settings.scan = .seconds(RandomDay.step)
    if seed.isMultiple(of: 3) { settings.resources[1].schedulingCoordinator = SchedulingCoordinatorID("OTHR") }
    if seed.isMultiple(of: 5) { settings = settings.withTwoChannels }
    for index in settings.sites.indices { settings.sites[index].lossFactors.export = 9_873 }
    var other = settings
    other.sites[1].resource = ResourceID("EXAMPL_7_DERA1")
    return [settings, other]
  }

  @Test(arguments: UInt64(0)..<60)
  func everyPromiseHoldsWhateverHappens(seed: UInt64) {
    // Every other day has a checkpoint about every half hour, so that most of its starts begin with one.
    let least = seed.isMultiple(of: 2) ? 4_000 : LedgerSize.leastUntilCheckpoint
    var day = RandomDay(seed: seed, settings: Self.settings(seed: seed), leastUntilCheckpoint: least)
    for _ in 0..<4 {
      day.run(minutes: 40)
      let faults = day.audit.faults
      #expect(faults.isEmpty, "seed \(seed): \(faults.first.map { "\($0)" } ?? "")")
    }
    day.drain(minutes: 40)
    #expect(day.violations.isEmpty, "seed \(seed): \(day.violations.prefix(3))")
    #expect(day.operator.violations.isEmpty, "seed \(seed): \(day.operator.violations.prefix(3))")
    #expect(day.audit.isLawful, "seed \(seed): \(day.audit.faults.prefix(3))")
    #expect((day.checkpointCount > 3) == seed.isMultiple(of: 2), "seed \(seed): \(day.checkpointCount) checkpoints")
    expectEverythingIsDone(day, seed)
    expectEnergyIsWhatTheRegistersSay(day, seed)
  }

  private func expectEverythingIsDone(_ day: RandomDay, _ seed: UInt64) {
    let ledger = day.pipeline.ledger
    var undone: [String] = []
    for account in ledger.seriesInOrder.compactMap({ ledger.series[$0] }) {
      account.forEach { ending, obligation in
        guard let judged = ledger.judgedThrough, ending.seconds < judged.seconds - 900 else { return }
        let what = "\(account.key.resource) \(ending.instant.text)"
        switch obligation.state {
        case .accepted:
          let held = day.operator.value(account.key.resource, account.key.measurement, ending)
          if held != obligation.value { undone.append("\(what): the operator holds \(held ?? -1)") }
        case .rejected: break
        case .missing where ending == account.origin: break
        default: undone.append("\(what) is \(obligation)")
        }
      }
    }
    #expect(undone.isEmpty, "seed \(seed): \(undone.count), such as \(undone.first ?? "")")
  }

  /// Whatever the sites did, the exact energies are the differences of their registers.
  private func expectEnergyIsWhatTheRegistersSay(_ day: RandomDay, _ seed: UInt64) {
    let ledger = day.pipeline.ledger
    var exact: Int128 = 0
    var accounted: Int128 = 0
    for index in ledger.seriesInOrder {
      guard let account = ledger.series[index] else { continue }
      accounted += Int128(account.residual.energy.millijoules)
      account.forEach { ending, obligation in
        exact += Int128(obligation.energy.millijoules)
        let unit = ledger.epoch(forIntervalEnding: ending)?.epoch.resource(account.key.resource)?.unit
        accounted += Int128(obligation.value) * Int128(unit?.millijoules ?? 0)
      }
    }
    let end = ledger.judgedThrough?.instant ?? House.noon
    let registers = day.settings[0].sites.enumerated().reduce(Int128(0)) { sum, site in
      let first = ledger.histories[SiteFlow(site: site.element.id, flow: .export)]?.firstBoundary?.instant ?? House.noon
      guard let from = day.trueCumulative(of: site.offset, at: first),
        let through = day.trueCumulative(of: site.offset, at: end)
      else { return sum }
      let factor = Int128(site.element.lossFactors.export)
      return sum + through.millijoules * factor / 10_000 - from.millijoules * factor / 10_000
    }
    #expect(exact == registers, "seed \(seed): \(exact) mJ accounted, the registers rose by \(registers) mJ")
    #expect(accounted == exact, "seed \(seed)")
  }
}

extension Settings {
  /// The second resource goes out through a channel of its own.
  fileprivate var withTwoChannels: Settings {
    var settings = self
    let first = channels[0]
    settings.channels.append(
      ChannelSettings(
        name: ChannelName("second"), mode: .live, profile: first.profile, submit: first.submit, status: first.status,
        retrieve: first.retrieve, certificate: first.certificate, key: first.key, trust: first.trust, userName: nil,
        spacing: first.spacing, settle: first.settle, timeout: first.timeout))
    settings.resources[1].channel = ChannelName("second")
    return settings
  }
}
