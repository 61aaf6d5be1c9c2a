/// A register of a site: what boundary registers are kept for.
package struct SiteFlow: Hashable, Sendable {
  package var site: SiteID
  package var flow: Flow

  package init(site: SiteID, flow: Flow) {
    self.site = site
    self.flow = flow
  }
}

/// Whether an interval can be sealed, and on what.
package enum Judgement: Hashable, Sendable {
  case whole(energy: Energy, quality: QualityClass, shares: [SiteShare])
  /// Not all of it is known. Never a partial sum (P4).
  case open(Gap)

  /// What is known of an interval, and what is not.
  package struct Gap: Hashable, Sendable {
    /// The sites that have no register at one of the boundaries, by their place in the epoch's list; empty where none of
    /// the resource's sites has begun to contribute.
    package var sites: [Int]
    /// What the registers of the resource's sites stand at at the interval's end.
    package var registers: [SiteRegister]
    /// The parts of the sites that have both registers.
    package var shares: [SiteShare]
  }

  /// Judges one interval of one resource and flow by the epoch in force at its start.
  ///
  /// A site that `hasEnded` contributes as far as its registers are known, and holds nothing back.
  package init(
    resource: ResourceID, flow: Flow, ending: IntervalEnding, epoch: ConfigurationEpoch,
    histories: [SiteFlow: RegisterHistory], hasEnded: (SiteID) -> Bool = { _ in false }
  ) {
    let start = ending.advanced(by: -1, epoch.intervalLength)
    var shares: [SiteShare] = []
    var open: [Int] = []
    var known: [SiteRegister] = []
    for (index, site) in epoch.sites.enumerated() where site.resource == resource {
      guard let history = histories[SiteFlow(site: site.id, flow: flow)],
        let first = history.firstBoundary, first <= start
      else { continue }
      let end = history.register(at: ending, bridge: site.bridge).map { SiteRegister(site: index, register: $0) }
      if let end { known.append(end) }
      if let end, let begin = history.register(at: start, bridge: site.bridge),
        let share = SiteShare(from: begin, to: end, lossFactor: site.lossFactors.factor(flow))
      {
        shares.append(share)
      } else if !hasEnded(site.id) {
        open.append(index)
      }
    }
    guard open.isEmpty, !shares.isEmpty, let energy = Energy(sumOf: shares.map(\.energy)) else {
      self = .open(Gap(sites: open, registers: known, shares: shares))
      return
    }
    self = .whole(energy: energy, quality: shares.map(\.quality).max() ?? .missing, shares: shares)
  }
}

extension Energy {
  /// Nil where the sum is more than an interval can hold: 2^62 mJ.
  init?(sumOf parts: [Energy]) {
    let sum = parts.reduce(Int128(0)) { $0 + Int128($1.millijoules) }
    guard sum.magnitude < 1 << 62 else { return nil }
    self.init(millijoules: Int64(sum))
  }
}

extension SiteShare {
  /// The energy between two boundary registers; nil where it does not fit an interval.
  init?(from begin: BoundaryRegister, to end: SiteRegister, lossFactor: Int64) {
    let before = begin.cumulative(lossFactor: lossFactor)
    guard let energy = end.register.cumulative(lossFactor: lossFactor).energy(since: before),
      energy.millijoules.magnitude < 1 << 52
    else { return nil }
    self.init(siteRegister: end, energy: energy, quality: .between(begin, end.register))
  }
}

extension QualityClass {
  /// Of the energy between two boundaries.
  static func between(_ begin: BoundaryRegister, _ end: BoundaryRegister) -> Self {
    max(begin.quality, end.quality, begin.earlier.goesOn(to: end.later) ? .measured : .estimated)
  }
}
