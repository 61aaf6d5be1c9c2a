/// What becomes of sealed intervals when more is known of their registers.
extension Pipeline {
  /// Puts registers in the place of estimates; returns false when there is more to do than one commit takes.
  mutating func reviseWhatReturned(_ index: SeriesIndex, at now: Moment) -> Bool {
    var revised: [IntervalEnding] = []
    var isDone = true
    for ending in ledger.series[index]?.estimated ?? [] {
      guard unwrittenRegisters < Self.registersPerCommit else {
        isDone = false
        break
      }
      guard let terms = terms(of: index, ending), let finding = returned(index, ending, terms) else { continue }
      seal(index, ending, terms, finding, at: now)
      revised.append(ending)
    }
    announceRevised(index, revised, "registers have returned")
    return isDone
  }

  /// What the registers say where sites were estimated; nil while none of them has returned.
  private func returned(_ index: SeriesIndex, _ ending: IntervalEnding, _ terms: Terms) -> Finding? {
    guard let obligation = ledger.series[index]?[ending] else { return nil }
    var shares: [SiteShare] = []
    var left: [SiteEstimate] = []
    for estimate in obligation.estimates {
      if let share = share(of: estimate.site, ending, terms) { shares.append(share) } else { left.append(estimate) }
    }
    let given = obligation.estimates.map { Energy.zero - $0.energy } + left.map(\.energy) + shares.map(\.energy)
    guard !shares.isEmpty, let energy = Energy(sumOf: [obligation.energy] + given) else { return nil }
    let isMeasured = left.isEmpty && obligation.spreadSites.isEmpty && shares.allSatisfy { $0.quality == .measured }
    return Finding(.registersReturned, energy, isMeasured ? .measured : .estimated, shares, left)
  }

  private func share(of site: Int, _ ending: IntervalEnding, _ terms: Terms) -> SiteShare? {
    guard site < terms.epoch.sites.count else { return nil }
    let settings = terms.epoch.sites[site]
    let history = ledger.histories[SiteFlow(site: settings.id, flow: terms.flow)]
    guard
      let begin = history?.register(
        at: ending.advanced(by: -1, terms.epoch.intervalLength), bridge: settings.bridge),
      let end = history?.register(at: ending, bridge: settings.bridge)
    else { return nil }
    return SiteShare(
      from: begin, to: SiteRegister(site: site, register: end), lossFactor: settings.lossFactors.factor(terms.flow))
  }

  // MARK: Late readings

  /// A boundary register before and after readings that came late.
  private struct Move {
    var before: BoundaryRegister
    var after: BoundaryRegister

    /// By how much the register moved, after losses; nil where that is beyond an interval.
    func gain(_ lossFactor: Int64) -> Energy? {
      after.cumulative(lossFactor: lossFactor).energy(since: before.cumulative(lossFactor: lossFactor))
    }
  }

  /// A register that moves gives to one interval what it takes from its neighbour, in one commit (P3).
  mutating func reviseWhatMoved(at now: Moment) {
    for key in sites.moved.keys.sorted(by: { ($0.site, $0.flow.rawValue) < ($1.site, $1.flow.rawValue) }) {
      let before = sites.moved.removeValue(forKey: key) ?? [:]
      let moves = before.compactMapValues { register in
        ledger.histories[key]?.register(at: register.boundary).map { Move(before: register, after: $0) }
      }
      openWhatMoved(moves, key)
      for resource in ledger.resources(everWith: key.site) {
        for index in ledger.seriesInOrder where ledger.series[index]?.key.resource == resource {
          revise(index, moves, of: key, at: now)
        }
      }
    }
  }

  /// One boundary between two readings tells the others between them.
  private mutating func openWhatMoved(_ moves: [IntervalEnding: Move], _ key: SiteFlow) {
    var last: BoundaryRegister?
    for boundary in moves.keys.sorted() {
      guard let register = moves[boundary]?.after else { continue }
      if last?.earlier != register.earlier || last?.later != register.later { open(key, boundary) }
      last = register
    }
  }

  private mutating func revise(
    _ index: SeriesIndex, _ moves: [IntervalEnding: Move], of key: SiteFlow, at now: Moment
  ) {
    guard let length = ledger.series[index]?.length else { return }
    var revised: [IntervalEnding] = []
    for ending in Set(moves.keys.flatMap { [$0, $0.advanced(by: 1, length)] }).sorted() {
      let start = moves[ending.advanced(by: -1, length)]
      guard let terms = terms(of: index, ending), terms.flow == key.flow,
        let finding = moved(start, moves[ending], of: key, index, ending, terms)
      else { continue }
      seal(index, ending, terms, finding, at: now)
      revised.append(ending)
    }
    announceRevised(index, revised, "readings of \(key.site) came late")
  }

  /// What registers that moved at an interval's start and end change in it; nil where it does not stand on them.
  private func moved(
    _ start: Move?, _ end: Move?, of key: SiteFlow, _ index: SeriesIndex, _ ending: IntervalEnding, _ terms: Terms
  ) -> Finding? {
    guard let obligation = ledger.series[index]?[ending], obligation.revision > 0, obligation.state != .waived,
      let site = terms.epoch.sites.firstIndex(where: { $0.id == key.site && $0.resource == terms.key.resource }),
      !obligation.estimates.contains(where: { $0.site == site }), let register = (end ?? start)?.after,
      let history = ledger.histories[key], let begun = history.firstBoundary,
      begun <= ending.advanced(by: -1, terms.epoch.intervalLength)
    else { return nil }
    let factor = terms.epoch.sites[site].lossFactors.factor(terms.flow)
    guard let gained = end.map({ $0.gain(factor) }) ?? .zero, let lost = start.map({ $0.gain(factor) }) ?? .zero,
      let energy = Energy(sumOf: [obligation.energy, gained, .zero - lost])
    else { return nil }
    let quality = history.quality(of: ending, terms.epoch.intervalLength, bridge: terms.epoch.sites[site].bridge)
    let isSpread = obligation.spreadSites.contains(site)
    guard energy != obligation.energy || isSpread != (quality == .estimated) else { return nil }
    let others = obligation.spreadSites.contains { $0 != site } || !obligation.estimates.isEmpty
    let share = SiteShare(
      siteRegister: SiteRegister(site: site, register: register), energy: gained - lost, quality: quality)
    return Finding(.lateReading, energy, others ? .estimated : quality, [share], obligation.estimates)
  }

  private mutating func announceRevised(_ index: SeriesIndex, _ endings: [IntervalEnding], _ why: String) {
    guard let first = endings.first, let last = endings.last, let key = ledger.series[index]?.key else { return }
    let which =
      endings.count == 1
      ? "\(first.instant.clockText) revised"
      : "\(endings.count) intervals revised, \(first.instant.clockText) to \(last.instant.clockText)"
    announce(
      .intervalRevised, "\(key.resource) \(key.measurement) \(which): \(why)", resource: key.resource,
      intervalEnding: last)
  }
}
