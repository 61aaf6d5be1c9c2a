/// Says which sites are to be scanned now.
///
/// The sites of one connection are spread evenly over the period, and those of all connections over what lies between:
/// site j of m on connection c of n has its slot at (j·n + c) / (m·n) of its period, and keeps it. A slot that was missed
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
  ///   - connections: the number of each site's connection, from 0 on; nil for one connection each.
  ///   - start: where the first period begins.
  package init(periods: [Milliseconds], connections: [Int]? = nil, start: UptimeInstant) {
    let connections = connections ?? Array(periods.indices)
    precondition(connections.count == periods.count, "each site has a connection")
    let connectionCount = (connections.max() ?? 0) + 1
    var siteCounts = [Int64](repeating: 0, count: connectionCount)
    for connection in connections { siteCounts[connection] += 1 }
    var placed = [Int64](repeating: 0, count: connectionCount)
    slots = zip(periods, connections).map { period, connection in
      precondition(period > Milliseconds(0), "a scan rate is longer than 0")
      let place = placed[connection] * Int64(connectionCount) + Int64(connection)
      placed[connection] += 1
      return Slot(
        period: period,
        next: start + Milliseconds(period.count * place / (siteCounts[connection] * Int64(connectionCount))))
    }
  }

  /// Goes on with other sites: those that are read on keep their slots, and the first of the others' is within a period.
  ///
  /// `kept` names by site the place that it had; the rest as for a new schedule.
  package mutating func rearrange(
    periods: [Milliseconds], connections: [Int], kept: [SiteIndex?], start: UptimeInstant
  ) {
    precondition(kept.count == periods.count, "each site has been somewhere or nowhere")
    var new = ScanSchedule(periods: periods, connections: connections, start: start)
    for (index, place) in kept.enumerated() {
      guard let place, slots.indices.contains(place.position) else { continue }
      new.slots[index] = slots[place.position]
    }
    slots = new.slots
  }

  /// Adds the sites whose slot has come since the last call, each at most once.
  package mutating func takeDue(at uptime: UptimeInstant, into due: inout [SiteIndex]) {
    for index in slots.indices where slots[index].next <= uptime {
      if slots[index].take(at: uptime, &slips) { due.append(SiteIndex(index)) }
    }
  }
}
