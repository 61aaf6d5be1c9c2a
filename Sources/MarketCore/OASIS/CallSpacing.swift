package import TelemetryCore

/// When the next call to a host may leave, for all processes of this machine together.
///
/// A process takes the next free turn under a lock, writes down when the turn after it begins, lets the lock go and waits
/// until its own. A process that dies while it waits costs one turn.
package struct CallSpacing: Sendable, Hashable {
  /// The boot that the time belongs to: after another one it says nothing.
  package var boot: String
  /// The first instant that nobody has taken yet.
  package var free: UptimeInstant

  /// No turn is further away: who would have to wait longer is told so.
  package static let waitLimit = Milliseconds.seconds(600)

  package init(boot: String, free: UptimeInstant) {
    self.boot = boot
    self.free = free
  }

  /// Nil where the text says nothing, and for anything else that no process of ours wrote.
  package init?(_ text: String) {
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 2, let time = Int64(words[1]), time >= 0 else { return nil }
    self.init(boot: String(words[0]), free: UptimeInstant(milliseconds: time))
  }

  package var text: String { "\(boot) \(free.milliseconds)\n" }

  /// The turn of a call that asks now, and what is to be written down; nil where it would be too far away.
  package static func take(
    _ stored: Self?, boot: String, now: UptimeInstant, spacing: Milliseconds
  ) -> (turn: UptimeInstant, next: Self)? {
    let free = stored.flatMap { $0.boot == boot ? $0.free : nil } ?? now
    let turn = max(free, now)
    // A text that somebody else wrote may name any time.
    guard (turn - now) <= waitLimit else { return nil }
    return (turn, Self(boot: boot, free: turn + spacing))
  }
}
