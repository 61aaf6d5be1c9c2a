/// How the energy of a site without registers is estimated (rule 6 of the accounts).
package enum EstimateMethod: UInt8, Hashable, Sendable, CaseIterable {
  /// What the measured sites of the resource gave, by nameplate.
  case fleetShare = 1
  /// What the site itself gave in the last interval in which it was measured.
  case lastPower = 2
  case zero = 3

  /// The name in `dertelemetryd.yaml` and in the journal.
  package var name: String {
    switch self {
    case .fleetShare: "fleet-share"
    case .lastPower: "last-power"
    case .zero: "zero"
    }
  }
}

/// What is put in the place of a site's registers in an interval that is sealed without them.
package struct SiteEstimate: Hashable, Sendable {
  /// The site's place in the epoch's list.
  package var site: Int
  package var method: EstimateMethod
  /// After losses.
  package var energy: Energy

  package init(site: Int, method: EstimateMethod, energy: Energy) {
    self.site = site
    self.method = method
    self.energy = energy
  }
}
