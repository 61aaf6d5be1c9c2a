/// What is settled for good leaves the memory.
///
/// A function of the records, at `judged` records: a start from a checkpoint and a replay of everything come to the same
/// accounts.
extension LedgerState {
  /// Late readings come into gaps that ended a day ago at most, so that nothing that lies before both can change.
  mutating func foldWhatIsSettled() {
    guard let judgedThrough else { return }
    let dayBefore = judgedThrough.instant - Self.gapsKeptFor
    let open = openGaps()
    for index in seriesInOrder {
      guard let key = series[index]?.key else { continue }
      let gaps = flows(of: index).compactMap { open[ResourceFlow(resource: key.resource, flow: $0)] }
      // Not in place: the unit of an interval is asked of the epochs meanwhile.
      guard var account = series.removeValue(forKey: index) else { continue }
      account.fold(before: min(dayBefore, gaps.min() ?? dayBefore), keeping: kept) { ending in
        epoch(forIntervalEnding: ending)?.epoch.resource(key.resource)?.unit
      }
      series[index] = account
    }
  }

  private struct ResourceFlow: Hashable {
    var resource: ResourceID
    var flow: Flow
  }

  /// Since when a register of a resource can still be moved by readings that come late.
  private func openGaps() -> [ResourceFlow: UTCInstant] {
    var gaps: [ResourceFlow: UTCInstant] = [:]
    for (key, history) in recorded {
      guard let since = history.openSince else { continue }
      for resource in resourcesOfSite[key.site] ?? [] {
        let place = ResourceFlow(resource: resource, flow: key.flow)
        gaps[place] = min(gaps[place] ?? since, since)
      }
    }
    return gaps
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
