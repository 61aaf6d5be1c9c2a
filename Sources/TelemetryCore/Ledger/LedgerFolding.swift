/// What is settled for good leaves the memory.
///
/// A function of the records, at `judged` records: a start from a checkpoint and a replay of everything come to the same
/// accounts.
extension LedgerState {
  /// Late readings come into gaps that ended a day ago at most, so that nothing that lies before both can change.
  mutating func foldWhatIsSettled() {
    guard let judgedThrough else { return }
    let dayBefore = judgedThrough.instant - Self.gapsKeptFor
    let open = openGaps(before: dayBefore)
    for index in seriesInOrder {
      guard let key = series[index]?.key else { continue }
      let gaps = flows(of: index).flatMap { open[ResourceFlow(resource: key.resource, flow: $0)] ?? [] }
      // Not in place: the registers and the unit of an interval are asked for meanwhile.
      guard var account = series.removeValue(forKey: index) else { continue }
      let plain = account
      account.fold(before: dayBefore, open: gaps, keeping: kept) { ending, obligation in
        var isFinal = true
        forEachEstimate(obligation, plain, ending) { isFinal = isFinal && self.isFinal($0, ending, plain.length) }
        return isFinal
      } unit: { ending in
        epoch(forIntervalEnding: ending)?.epoch.resource(key.resource)?.unit
      }
      series[index] = account
    }
  }

  private struct ResourceFlow: Hashable {
    var resource: ResourceID
    var flow: Flow
  }

  /// Between which readings a register of a resource can still be moved by one that comes late.
  private func openGaps(before end: UTCInstant) -> [ResourceFlow: [ClosedRange<UTCInstant>]] {
    var gaps: [ResourceFlow: [ClosedRange<UTCInstant>]] = [:]
    for (key, history) in recorded {
      let open = history.open.filter { $0.lowerBound <= end }
      guard !open.isEmpty else { continue }
      for resource in resourcesOfSite[key.site] ?? [] {
        gaps[ResourceFlow(resource: resource, flow: key.flow), default: []] += open
      }
    }
    return gaps
  }

  // MARK: Estimates

  /// The registers in whose place an interval has estimates.
  func forEachEstimate(
    _ obligation: Obligation, _ account: SeriesAccount, _ ending: IntervalEnding, _ visit: (SiteFlow) -> Void
  ) {
    guard let epoch = epoch(forIntervalEnding: ending)?.epoch, let flow = epoch.flow(of: account.key) else { return }
    for estimate in obligation.estimates where estimate.site < epoch.sites.count {
      visit(SiteFlow(site: epoch.sites[estimate.site].id, flow: flow))
    }
  }

  /// Whether an estimate stays: the site has gone on without a register at a boundary of the interval, as with another
  /// meter, or it was taken out of the configuration longer ago than any gap is split.
  func isFinal(_ key: SiteFlow, _ ending: IntervalEnding, _ length: IntervalLength) -> Bool {
    if let judged = ended[key.site], let judgedThrough,
      judged.map({ $0.instant + RegisterHistory.longestSplit < judgedThrough.instant }) ?? true
    {
      return true
    }
    guard let history = recorded[key] else { return false }
    return history.isPast(ending.advanced(by: -1, length)) || history.isPast(ending)
  }

  /// Whether anything of a range of interval endings, both included, is folded.
  package func hasFolded(in range: ClosedRange<UTCInstant>) -> Bool {
    series.values.contains { account in
      var isFolded = false
      account.forEachFoldedRun { run, _ in
        isFolded = isFolded || run.lowerBound.instant <= range.upperBound && range.lowerBound <= run.upperBound.instant
      }
      return isFolded
    }
  }

  /// Whether no record can change anything in what is kept any more.
  package var isKeptSettled: Bool {
    guard let kept, let judgedThrough, judgedThrough.instant - Self.gapsKeptFor > kept.upperBound else { return false }
    return series.values.allSatisfy { $0.isSettled(kept) }
  }
}

extension [IntervalEnding] {
  /// Whether one of them, which are in order, lies between two instants.
  func hasBoundary(in span: ClosedRange<UTCInstant>) -> Bool {
    let index = partitioningIndex { $0.instant >= span.lowerBound }
    return index < count && self[index].instant <= span.upperBound
  }
}
