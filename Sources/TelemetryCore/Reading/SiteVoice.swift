/// Decides when a site's silence is worth a word: once when it goes quiet, once when it is back.
struct SiteVoice: Hashable, Sendable {
  private enum State: Hashable, Sendable {
    case neverHeard
    case heard(UptimeInstant)
    case quiet
  }

  private var state = State.neverHeard

  /// True when this reading is the end of a silence that was announced.
  mutating func heard(at uptime: UptimeInstant) -> Bool {
    defer { state = .heard(uptime) }
    return state == .quiet
  }

  /// True when the silence is to be announced now.
  ///
  /// A single failure is not worth it as long as the readings around it are close enough to measure a boundary by. A site
  /// that never answered is announced at once, since someone may be waiting for it to come up.
  mutating func missed(at uptime: UptimeInstant, patience: Milliseconds) -> Bool {
    switch state {
    case .quiet: return false
    case .heard(let last) where uptime - last < patience: return false
    case .neverHeard, .heard:
      state = .quiet
      return true
    }
  }
}
