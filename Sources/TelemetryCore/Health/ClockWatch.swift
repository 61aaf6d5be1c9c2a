/// What a person hears of the host's clock.
package struct ClockWatch: Sendable {
  /// A step that a service which keeps the clock would slew.
  private static let tolerance = Milliseconds.seconds(1)

  private var synchronisation = ClockSynchronisation.unknown
  private var last: Moment?

  package init() {}

  /// Looks at both clocks, about once a second, and gives what is to be said.
  package mutating func look(at now: Moment, _ found: ClockSynchronisation) -> [Announcement] {
    defer { (last, synchronisation) = (now, found) }
    return [step(to: now), change(to: found)].compactMap(\.self)
  }

  private func step(to now: Moment) -> Announcement? {
    guard let last else { return nil }
    let step = (now.utc - last.utc).count - (now.uptime - last.uptime).count
    guard abs(step) > Self.tolerance.count else { return nil }
    let way = step > 0 ? "forward" : "back"
    return Announcement(
      .clockStepped,
      "the clock of the host went \(way) by \(abs(step) / 1_000) s, to \(now.utc.text): intervals around it come out wrong"
    )
  }

  private func change(to found: ClockSynchronisation) -> Announcement? {
    guard found != synchronisation else { return nil }
    switch found {
    case .unknown: return nil
    case .synchronised: return Announcement(.clockSynchronised, "the clock of the host is synchronised")
    case .unsynchronised:
      return Announcement(
        .clockUnsynchronised, "the clock of the host is not synchronised: look at timedatectl timesync-status")
    }
  }
}
