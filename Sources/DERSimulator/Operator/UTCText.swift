import Foundation
import TelemetryCore

/// Points in universal time as XML writes them: `2026-11-22T11:05:00Z`, with or without milliseconds.
enum UTCText {
  static func seconds(_ seconds: Int64) -> String {
    Date(timeIntervalSince1970: Double(seconds)).formatted(Date.ISO8601FormatStyle())
  }

  static func milliseconds(_ instant: UTCInstant) -> String {
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    return Date(timeIntervalSince1970: Double(instant.milliseconds) / 1_000).formatted(style)
  }

  /// Nil where the text is not exactly in that form, with a `Z`, and of a year with four digits.
  static func parse(_ text: String) -> UTCInstant? {
    guard text.utf8.count <= 24, text.hasSuffix("Z") else { return nil }
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
    guard let date = try? Date(text, strategy: style) else { return nil }
    let milliseconds = (date.timeIntervalSince1970 * 1_000).rounded()
    guard let count = Int64(exactly: milliseconds) else { return nil }
    let instant = UTCInstant(milliseconds: count)
    let again = text.contains(".") ? Self.milliseconds(instant) : seconds(instant.seconds)
    return again == text ? instant : nil
  }
}
