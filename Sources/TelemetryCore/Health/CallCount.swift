/// Calls of the last hour, counted by the minute.
package struct CallCount: Hashable, Sendable {
  private static let minutes = 60
  private var counts: [Int64: Int] = [:]

  package init() {}

  package mutating func note(at uptime: UptimeInstant) {
    counts[Self.minute(uptime), default: 0] += 1
    if counts.count > Self.minutes { forget(at: uptime) }
  }

  package mutating func lastHour(at uptime: UptimeInstant) -> Int {
    forget(at: uptime)
    return counts.values.reduce(0, +)
  }

  private mutating func forget(at uptime: UptimeInstant) {
    let oldest = Self.minute(uptime) - Int64(Self.minutes)
    counts = counts.filter { $0.key > oldest }
  }

  private static func minute(_ uptime: UptimeInstant) -> Int64 { uptime.milliseconds.flooredQuotient(60_000) }
}
