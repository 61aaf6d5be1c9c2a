/// Says which sites are to be scanned now.
///
/// Sites are spread evenly over the period: site i of n has its slot at i/n of it, and keeps it. A slot that was missed
/// by more than half a period is skipped, so that sites that were all late do not come all at once.
package struct ScanSchedule: Sendable {
  private struct Slot {
    let period: Milliseconds
    var next: UptimeInstant

    /// Moves on to the first slot after now, and says whether the latest one passed is still worth a scan.
    ///
    /// Counts how late it is.
    mutating func take(at uptime: UptimeInstant, _ slips: inout SlipCount) -> Bool {
      let late = uptime - next
      let sinceLatest = late.count.flooredRemainder(period.count)
      slips.note(late)
      next = next + Milliseconds(late.count - sinceLatest) + period
      return sinceLatest * 2 <= period.count
    }
  }

  private var slots: [Slot]
  /// How late scans were that have begun.
  package private(set) var slips = SlipCount()

  /// - Parameters:
  ///   - periods: the scan rate of each site, in the order of their indices, each longer than 0.
  ///   - start: where the first period begins.
  package init(periods: [Milliseconds], start: UptimeInstant) {
    slots = periods.enumerated().map { index, period in
      precondition(period > Milliseconds(0), "a scan rate is longer than 0")
      let offset = Milliseconds(period.count * Int64(index) / Int64(periods.count))
      return Slot(period: period, next: start + offset)
    }
  }

  /// The sites whose slot has come since the last call, each at most once.
  package mutating func due(at uptime: UptimeInstant) -> [SiteIndex] {
    var due: [SiteIndex] = []
    for index in slots.indices where slots[index].next <= uptime {
      if slots[index].take(at: uptime, &slips) { due.append(SiteIndex(index)) }
    }
    return due
  }
}
