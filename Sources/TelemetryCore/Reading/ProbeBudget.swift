/// Keeps what silent units cost their neighbours to a tenth of the connection's time.
///
/// A probe that held the connection for a time t is followed by 9 t without one, so from the start of one probe to the
/// start of the next at most a tenth was spent on the first. What counts is how long the line was held: a gateway that
/// answers late for a unit behind it held it until then.
struct ProbeBudget: Hashable, Sendable {
  /// One part in so many is for probes.
  static let share: Int64 = 10
  /// A shorter wait would miss units that are well.
  private static let shortestLimit = Milliseconds(100)

  private var notBefore: UptimeInstant?

  /// How long a probe waits for its answer: a tenth of the period in which the connection's sites are scanned.
  static func limit(period: Milliseconds, replyTimeout: Milliseconds) -> Milliseconds {
    min(max(Milliseconds(period.count / share), shortestLimit), replyTimeout)
  }

  func allows(at uptime: UptimeInstant) -> Bool { notBefore.map { $0 <= uptime } ?? true }

  mutating func spent(from start: UptimeInstant, to end: UptimeInstant) {
    let next = end + (end - start) * (Self.share - 1)
    notBefore = max(notBefore ?? next, next)
  }
}
