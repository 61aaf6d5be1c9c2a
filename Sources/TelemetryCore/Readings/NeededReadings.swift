/// Which stored readings a start needs: what the ledger does not tell of the intervals that are still to be judged.
///
/// The ledger tells each site's register on the last boundary that was judged, and the reading after it. What came later
/// is in the readings log alone: of sites that answer, some minutes; of one that fell quiet long ago, the minutes between
/// its last boundary and its last reading, which end before the next boundary.
package struct NeededReadings: Equatable, Sendable {
  /// Everything from here on.
  package var from: UTCInstant
  /// And what lies in these, in order, none reaching beyond `from`.
  package var earlier: [ClosedRange<UTCInstant>]

  /// A commit waits for at most this long, so a reading may be so much older than its record.
  static let commitSlack = Milliseconds.seconds(120)

  package init(from: UTCInstant, earlier: [ClosedRange<UTCInstant>]) {
    self.from = from
    self.earlier = earlier
  }

  /// Whether a record that was given to the log at an instant may have readings that are needed.
  package func includes(storedAt instant: UTCInstant) -> Bool {
    if instant >= from { return true }
    let index = earlier.partitioningIndex { instant <= $0.upperBound + Self.commitSlack }
    return index < earlier.count && earlier[index].lowerBound <= instant
  }
}

extension LedgerState {
  /// Which stored readings a start needs.
  package func neededReadings(_ length: IntervalLength) -> NeededReadings {
    guard let judgedThrough else {
      return NeededReadings(from: histories.values.compactMap(\.baseline?.instant).min() ?? Self.never, earlier: [])
    }
    // An interval back, since boundaries are judged a grace after they have passed.
    let from = judgedThrough.instant - length.milliseconds
    let stale = histories.filter { isOwed($0.key) }.values.compactMap(\.baseline?.instant).filter { $0 < from }
    var earlier: [ClosedRange<UTCInstant>] = []
    for instant in stale.sorted() {
      let range = instant...min(instant + length.milliseconds, from)
      if let last = earlier.last, range.lowerBound <= last.upperBound {
        earlier[earlier.count - 1] = last.lowerBound...range.upperBound
      } else {
        earlier.append(range)
      }
    }
    return NeededReadings(from: from, earlier: earlier)
  }

  /// Nothing was ever read, so nothing that was stored is needed.
  private static var never: UTCInstant { UTCInstant(milliseconds: .max / 2) }

  /// Whether any resource that the site has belonged to owes a series of this flow.
  private func isOwed(_ key: SiteFlow) -> Bool {
    resources(everWith: key.site).contains { resource in
      latest(resource)?.measurements.contains { $0.flow == key.flow } ?? false
    }
  }
}
