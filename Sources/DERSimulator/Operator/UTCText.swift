import Foundation
import TelemetryCore

/// Points in universal time as XML writes them: `2026-11-22T11:05:00Z`, with or without milliseconds.
enum UTCText {
  static func seconds(_ seconds: Int64) -> String {
    Date(timeIntervalSince1970: Double(seconds)).formatted(Date.ISO8601FormatStyle())
  }

  static func milliseconds(_ instant: UTCInstant) -> String {
    let fraction = String(1_000 + instant.milliseconds.flooredRemainder(1_000)).dropFirst()
    return seconds(instant.seconds).dropLast() + ".\(fraction)Z"
  }

  /// Nil where the text is not exactly in that form, with a `Z`, and of a year with four digits.
  static func parse(_ text: String) -> UTCInstant? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return wholeSeconds(text) }
    guard let whole = wholeSeconds(parts[0] + "Z"), parts[1].utf8.count == 4,
      let fraction = Int64(parts[1].dropLast()), case let instant = whole + Milliseconds(fraction),
      milliseconds(instant) == text
    else { return nil }
    return instant
  }

  private static func wholeSeconds(_ text: String) -> UTCInstant? {
    guard text.utf8.count == 20 else { return nil }
    let date: Date
    do {
      date = try Date(text, strategy: Date.ISO8601FormatStyle())
    } catch {
      return nil
    }
    guard let count = Int64(exactly: date.timeIntervalSince1970), seconds(count) == text else { return nil }
    return UTCInstant(seconds: count)
  }
}
