import Foundation
import TelemetryCore

extension HeldReport {
  private struct JSONRow: Encodable {
    var resource: String
    var measurement: String
    var intervalEnding: String
    var value: String?
    var received: Int
    var different: Int
    var duplicates: Int
    var arrivals: [Arrival]
  }

  /// A table for people, or an object for each line for programs; the sum comes last.
  func text(asJSON: Bool) throws -> String {
    let texts = asJSON ? lines.compactMap(Self.json) + [JSONLine.text(summary) ?? ""] : table()
    return texts.map { $0 + "\n" }.joined()
  }

  private static func json(_ line: Line) -> String? {
    JSONLine.text(
      JSONRow(
        resource: line.resource, measurement: line.measurement,
        intervalEnding: UTCInstant(seconds: line.intervalEnding).timestamp(),
        value: line.value, received: line.received, different: line.different, duplicates: line.duplicates,
        arrivals: line.arrivals))
  }

  /// What came when, where that is more than one value.
  private static func story(_ line: Line) -> String {
    guard line.arrivals.count > 1 else { return "" }
    return line.arrivals.map { "\($0.value) \($0.meaning.rawValue) in \($0.batch)" }.joined(separator: ", ")
  }

  private func table() -> [String] {
    let rows = lines.map { line in
      [
        line.resource, line.measurement, UTCInstant(seconds: line.intervalEnding).timestamp(), line.value ?? "–",
        "received \(line.received)", "different \(line.different)", Self.story(line),
        line.duplicates > 0 ? "DUPLICATES \(line.duplicates)" : "",
      ].filter { !$0.isEmpty }.joined(separator: " ")
    }
    let sum =
      "rows \(summary.rows), distinct \(summary.distinct), revisions \(summary.revisions), "
      + "duplicates \(summary.duplicates), refused \(summary.refused), batches \(summary.batches)"
    return rows + [sum]
  }
}
