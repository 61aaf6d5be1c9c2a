/// When an interval counts as complete, and what is done about one that does not (rule 6 of the accounts).
package struct CompletenessSettings: Hashable, Sendable {
  /// The share of the nameplate that must be measured for the rest to be estimated at once, in ten-thousandths.
  package var submitAt: Int64
  package var estimate: EstimateMethod
  /// How long an interval below that share waits for its registers before it is estimated all the same.
  package var estimateAfter: Milliseconds
  /// How long revisions of what the operator may hold are collected before they are sent.
  package var reviseAfter: Milliseconds

  package static let standard = CompletenessSettings(
    submitAt: 9_500, estimate: .fleetShare, estimateAfter: .seconds(24 * 3_600), reviseAfter: .seconds(3_600))

  package init(submitAt: Int64, estimate: EstimateMethod, estimateAfter: Milliseconds, reviseAfter: Milliseconds) {
    self.submitAt = submitAt
    self.estimate = estimate
    self.estimateAfter = estimateAfter
    self.reviseAfter = reviseAfter
  }
}

extension Judgement.Gap {
  /// Whether enough of it is measured for the rest to be estimated.
  ///
  /// By nameplate, not by number of sites: a large site is not made up for by small ones.
  func isComplete(_ epoch: ConfigurationEpoch) -> Bool {
    guard !shares.isEmpty else { return false }
    let measured = nameplate(of: shares.map(\.siteRegister.site), epoch)
    let whole = measured + nameplate(of: sites, epoch)
    return measured * Int128(LossFactors.one) >= whole * Int128(epoch.estimation.submitAt)
  }

  /// An estimate for each site that is open, by the epoch's method; where there is nothing to estimate from, zero.
  func estimates(_ epoch: ConfigurationEpoch, lastMeasured: (Int) -> Energy?) -> [SiteEstimate] {
    let shared = shares.reduce(Int128(0)) { $0 + Int128($1.energy.millijoules) }
    let measured = nameplate(of: shares.map(\.siteRegister.site), epoch)
    return sites.map { site in
      switch epoch.estimation.method {
      case .fleetShare where measured > 0:
        let energy = (shared * Int128(epoch.sites[site].nameplate.milliwatts)).roundedQuotient(measured)
        return SiteEstimate(site: site, method: .fleetShare, energy: Energy(millijoules: Int64(clamping: energy)))
      case .lastPower:
        if let energy = lastMeasured(site) { return SiteEstimate(site: site, method: .lastPower, energy: energy) }
      case .fleetShare, .zero: break
      }
      return SiteEstimate(site: site, method: .zero, energy: .zero)
    }
  }

  private func nameplate(of places: [Int], _ epoch: ConfigurationEpoch) -> Int128 {
    places.reduce(Int128(0)) { $0 + Int128(epoch.sites[$1].nameplate.milliwatts) }
  }
}
