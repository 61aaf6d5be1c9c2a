/// Decides whether someone else takes our connection away.
///
/// Many devices serve a single client, and end the connection of one when another comes. Both clients then connect again
/// and again and take turns in losing. A device that ends a connection which lies idle, or once because it restarts, does
/// not count: only ends amid our talk with it, three in ten minutes, are a contest.
struct ConnectionContest: Hashable, Sendable {
  static let limit = 3
  static let window = Milliseconds.seconds(600)
  /// So long after the last word passed, the end of a connection is no interruption.
  static let idle = Milliseconds.seconds(3)

  /// At most ``limit``, the newest last.
  private var ends: [UptimeInstant] = []
  private var isContested = false
  private var hasAnswered = false

  /// True when an answer ends a contest that was announced: none of the ends is recent any more.
  mutating func answered(at uptime: UptimeInstant) -> Bool {
    hasAnswered = true
    guard isContested, let last = ends.last, uptime - last >= Self.window else { return false }
    isContested = false
    ends.removeAll(keepingCapacity: true)
    return true
  }

  /// The device ended the connection, over which something last passed then: true when that is to be announced, once
  /// until it is over.
  mutating func ended(at uptime: UptimeInstant, lastWord: UptimeInstant) -> Bool {
    // A device that never answered has nothing that could be taken from us.
    guard hasAnswered, uptime - lastWord < Self.idle else { return false }
    if ends.count == Self.limit { ends.removeFirst() }
    ends.append(uptime)
    guard !isContested, ends.count == Self.limit, let first = ends.first, uptime - first <= Self.window else {
      return false
    }
    isContested = true
    return true
  }
}
