import TelemetryCore

/// The promises as checks on a scenario, beside those that are made at every event.
extension Scenario {
  /// P1 and P3 at any moment: the audit finds nothing, and a replay of what is durable gives the same accounts.
  package func checkAccounts() {
    for fault in audit.faults.prefix(2) { violate("P1: \(fault)") }
  }

  /// After the faults have ended and everything was drained.
  package func checkEverythingIsDone() {
    let ledger = unfolded
    for account in ledger.seriesInOrder.compactMap({ ledger.series[$0] }) {
      account.forEach { ending, obligation in
        guard let judged = ledger.judgedThrough, ending.seconds < judged.seconds - 3_600 else { return }
        check(obligation, account, ending)
      }
    }
    checkSums(ledger)
    if plan.keepsEverySite, waivedCount == 0 { checkEnergyIsWhatTheRegistersSay(ledger) }
    if !person.asked.isEmpty || !person.reloads.isEmpty { violate("a person was never answered") }
    if let wrong = room.wrongInTheEnd { violate(wrong) }
    for violation in `operator`.violations.prefix(3) { violate("P5: \(violation)") }
  }

  private func check(_ obligation: Obligation, _ account: SeriesAccount, _ ending: IntervalEnding) {
    let what = "\(account.key.resource) \(ending.instant.text)"
    switch obligation.state {
    case .accepted:
      let held = `operator`.value(account.key.resource, account.key.measurement, ending)
      if held != obligation.value {
        violate("P5: \(what): \(obligation.value) accepted, the operator holds \(held ?? -1)")
      }
      if !obligation.estimates.isEmpty, plan.keepsEverySite { violate("P4: \(what) is still estimated") }
    case .rejected: break
    case .waived where waivedCount > 0: break
    // Before a site's first register, or after a resource came back, there is nothing to measure from.
    case .missing where ending == account.origin || !plan.keepsEverySite: break
    default: violate("P1: \(what) is \(obligation.state.name) in the end, revision \(obligation.revision)")
    }
  }

  /// P3: the values and the residual are the exact energies.
  private func checkSums(_ ledger: LedgerState) {
    for index in ledger.seriesInOrder {
      guard let account = ledger.series[index] else { continue }
      var exact: Int128 = 0
      var accounted = Int128(account.residual.energy.millijoules)
      account.forEach { ending, obligation in
        exact += Int128(obligation.energy.millijoules)
        let unit = ledger.epoch(forIntervalEnding: ending)?.epoch.resource(account.key.resource)?.unit
        accounted += Int128(obligation.value) * Int128(unit?.millijoules ?? 0)
      }
      if exact != accounted { violate("P3: \(account.key.resource): \(exact) mJ exact, \(accounted) mJ accounted for") }
    }
  }

  /// Whatever the sites did, the exact energies are the differences of their registers.
  private func checkEnergyIsWhatTheRegistersSay(_ ledger: LedgerState) {
    var exact: Int128 = 0
    for index in ledger.seriesInOrder {
      ledger.series[index]?.forEach { _, obligation in exact += Int128(obligation.energy.millijoules) }
    }
    let end = ledger.judgedThrough?.instant ?? Self.noon
    let registers = plan.settings[0].sites.enumerated().reduce(Int128(0)) { sum, site in
      let history = ledger.histories[SiteFlow(site: site.element.id, flow: .export)]
      guard let first = history?.firstBoundary, let from = sites[site.offset].cumulative(at: first.seconds),
        let through = sites[site.offset].cumulative(at: end.seconds)
      else { return sum }
      let factor = Int128(site.element.lossFactors.export)
      return sum + through.millijoules * factor / 10_000 - from.millijoules * factor / 10_000
    }
    if exact != registers { violate("P3: \(exact) mJ accounted for, the registers rose by \(registers) mJ") }
  }
}
