/// When intervals that are sealed go out through a channel for the first time.
///
/// What was sent before, questions about a batch and questions about what is held do not wait for it.
package enum SubmissionCadence: Hashable, Sendable {
  /// Each as soon as it is sealed.
  case eachInterval
  /// Those of an hour together, as soon as the last of them can be sealed.
  case hourly
  /// Everything that is sealed, once a day at this many minutes after local midnight.
  ///
  /// A time that clocks skip is the instant of the skip; of one that they show twice it is the first.
  case daily(minute: Int64, TimeZoneTransitions)

  /// The latest instant, up to now, at which what waits was let go; nil where nothing ever waits.
  ///
  /// What was ready by then goes. So a start, a failure or a person's hold never costs a turn, and whatever comes too
  /// late for its own does not wait for the next. Grace is how long after its end an interval is sealed.
  package func lastTurn(at now: UTCInstant, grace: Milliseconds) -> UTCInstant? {
    switch self {
    case .eachInterval: return nil
    case .hourly:
      let ended = (now - grace).seconds.flooredQuotient(Self.hour) * Self.hour
      return UTCInstant(seconds: ended) + grace
    case .daily(let minute, let zone):
      let today = zone.localSeconds(at: now).flooredQuotient(Self.day)
      let turn = { (day: Int64) in zone.instant(localSeconds: day * Self.day + minute * 60) }
      return turn(today) <= now ? turn(today) : turn(today - 1)
    }
  }

  private static let hour: Int64 = 3_600
  private static let day: Int64 = 86_400
}

extension ConfigurationForm<SubmissionCadence> {
  /// In the market's time zone; nil on a machine that does not know it, where no time of day can be meant.
  static func cadence(in zone: TimeZoneTransitions?) -> Self {
    let daily =
      zone == nil
      ? "`daily HH:MM` (which needs the time zone database that this machine does not have)"
      : "`daily HH:MM` in Pacific time, such as `daily 06:00`"
    return Self("`each-interval`, `hourly` or \(daily)") { text in
      switch text {
      case "each-interval": return .eachInterval
      case "hourly": return .hourly
      default:
        guard let zone, text.hasPrefix("daily ") else { return nil }
        return minute(text.dropFirst(6)).map { .daily(minute: $0, zone) }
      }
    }
  }

  /// Minutes after midnight; nil unless it is `HH:MM`, from `00:00` to `23:59`.
  static func minute(_ text: Substring) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count == 5, bytes[2] == UInt8(ascii: ":") else { return nil }
    let digits = [bytes[0], bytes[1], bytes[3], bytes[4]]
    guard digits.allSatisfy(\.isDigit) else { return nil }
    let values = digits.map { Int64($0 - UInt8(ascii: "0")) }
    let (hour, minute) = (values[0] * 10 + values[1], values[2] * 10 + values[3])
    return hour < 24 && minute < 60 ? hour * 60 + minute : nil
  }
}

extension SubmissionCadence {
  /// As a person writes it in a configuration file.
  package var configurationText: String {
    switch self {
    case .eachInterval: "each-interval"
    case .hourly: "hourly"
    case .daily(let minute, _): "daily \(Self.clockText(minute: minute))"
    }
  }

  /// `06:05`, of minutes after midnight.
  package static func clockText(minute: Int64) -> String {
    [minute / 60, minute % 60].map { ($0 < 10 ? "0" : "") + "\($0)" }.joined(separator: ":")
  }
}
