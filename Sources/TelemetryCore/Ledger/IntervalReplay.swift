/// What the records of intervals change in the accounts.
extension LedgerState {
  mutating func apply(_ missing: MissingInterval, at sequence: LogSequence) {
    restore(missing.registers, missing.epoch, missing.flow, at: sequence)
    update(missing.series, missing.intervalEnding, at: sequence) { obligation in
      guard obligation.state == .due else { return "it is \(obligation.state.name) already" }
      obligation.state = .missing
      return nil
    }
  }

  mutating func apply(_ seal: Seal, at sequence: LogSequence) {
    guard let account = take(seal, at: sequence) else { return }
    let reference = seal.reference
    let replaced = account[reference.intervalEnding].submission
    update(reference.series, reference.intervalEnding, at: sequence) { obligation in
      guard obligation.revision + 1 == reference.revision, obligation.state != .waived else {
        return "revision \(reference.revision) after revision \(obligation.revision), \(obligation.state.name)"
      }
      obligation.take(seal)
      return nil
    }
    if let replaced, submissions[replaced]?.state == .waiting { disband(replaced) }
  }

  mutating func applyAdjustment(_ seal: Seal, at sequence: LogSequence) {
    guard take(seal, at: sequence) != nil else { return }
    let reference = seal.reference
    update(reference.series, reference.intervalEnding, at: sequence) { obligation in
      guard obligation.revision == reference.revision, obligation.revision > 0, obligation.value == seal.value else {
        return "an adjustment of revision \(reference.revision) while it has \(obligation.revision)"
      }
      obligation.stand(on: seal)
      return nil
    }
  }

  /// Takes what a seal says of registers and sums, and returns the account as it was before.
  private mutating func take(_ seal: Seal, at sequence: LogSequence) -> SeriesAccount? {
    restore(seal.shares.map(\.siteRegister), seal.epoch, seal.flow, at: sequence)
    let reference = seal.reference
    guard let account = series[reference.series] else {
      report(.dangling, sequence, because: "no series \(reference.series.position)")
      return nil
    }
    guard !account.isFolded(reference.intervalEnding) else {
      report(
        .double, sequence, series: account.key, ending: reference.intervalEnding,
        because: "it was settled for good before")
      return nil
    }
    checkConservation(of: seal, account, account[reference.intervalEnding], at: sequence)
    series[reference.series]?.residual = Residual(replayed: seal.residual)
    if seal.reason == .due { noteMeasured(seal) }
    return account
  }

  /// P3: replay verifies seals and never repeats them.
  private mutating func checkConservation(
    of seal: Seal, _ account: SeriesAccount, _ before: Obligation, at sequence: LogSequence
  ) {
    let reference = seal.reference
    guard let unit = epochs[seal.epoch]?.resource(account.key.resource)?.unit else {
      return report(
        .dangling, sequence, series: account.key, ending: reference.intervalEnding,
        because: "no epoch \(seal.epoch)")
    }
    var residual = account.residual
    let steps = residual.account(for: seal.energy - before.energy, unit: unit)
    guard seal.value == before.value &+ steps, seal.residual == residual.energy,
      seal.change(from: before) == Int128(seal.energy.millijoules) - Int128(before.energy.millijoules)
    else {
      return report(
        .conservation, sequence, series: account.key, ending: reference.intervalEnding,
        because: "value, residual and exact energy do not add up")
    }
  }

  private mutating func noteMeasured(_ seal: Seal) {
    guard let sites = epochs[seal.epoch]?.sites else { return }
    for share in seal.shares where share.quality == .measured && share.siteRegister.site < sites.count {
      let key = SiteFlow(site: sites[share.siteRegister.site].id, flow: seal.flow)
      lastMeasured[key] = (seal.reference.intervalEnding, share.energy)
    }
  }
}

extension Seal {
  /// What shares and estimates change in the exact energy: a share stands in the place of the site's estimate.
  fileprivate func change(from before: Obligation) -> Int128 {
    shares.reduce(Int128(0)) { $0 + Int128($1.energy.millijoules) } + Self.sum(estimates) - Self.sum(before.estimates)
  }

  private static func sum(_ estimates: [SiteEstimate]) -> Int128 {
    estimates.reduce(0) { $0 + Int128($1.energy.millijoules) }
  }
}

extension Obligation {
  /// Becomes another revision: sent when the one that is on its way has its outcome.
  fileprivate mutating func take(_ seal: Seal) {
    switch state {
    case .due, .missing: state = .queued
    case .queued: break
    case .accepted, .rejected:
      state = .queued
      submission = nil
      stated = nil
      if held != .none { collectingSince = seal.at }
    case .sending, .validating, .unknown: collectingSince = collectingSince ?? seal.at
    case .waived: return
    }
    if revision == 0 { siteCount = seal.shares.count }
    revision = seal.reference.revision
    value = seal.value
    stand(on: seal)
  }

  /// Takes energy and class, and which sites they are estimated for.
  fileprivate mutating func stand(on seal: Seal) {
    let returned = Set(seal.shares.map(\.siteRegister.site))
    siteCount += estimates.count { returned.contains($0.site) }
    spreadSites.removeAll { returned.contains($0) }
    spreadSites += seal.shares.filter { $0.quality != .measured }.map(\.siteRegister.site)
    estimates = seal.estimates
    energy = seal.energy
    quality = seal.quality
  }
}
