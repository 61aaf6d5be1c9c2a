import TelemetryCore

/// A recorded course of power, one value a minute, each holding for its minute.
struct RecordedPower: Sendable {
  /// Positive when it leaves the site.
  let milliwatts: [Int64]
  /// The first minute that is midnight where it was recorded, so that a whole day follows.
  let firstMidnight: Int

  static let millisecondsPerMinute: Int64 = 60_000

  var peakMilliwatts: Int64 { milliwatts.reduce(0) { max($0, $1) } }

  /// Reads lines of `2022-03-19 10:00:00-07:00,4021.5` below a header, one for each minute without a gap.
  init(csv text: String) throws(RecordedPowerError) {
    var values: [Int64] = []
    var midnight: Int?
    var previous: UTCInstant?
    let lines = text.split(separator: "\n").dropFirst()
    for (number, line) in zip(2..., lines) {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == 2, let power = Self.milliwatts(fields[1]),
        let instant = UTCInstant(timestamp: String(fields[0].map { $0 == " " ? "T" : $0 }))
      else { throw .unreadable(line: number) }
      if let previous, instant - previous != Milliseconds(Self.millisecondsPerMinute) {
        throw .gap(line: number)
      }
      if midnight == nil, fields[0].dropFirst(11).hasPrefix("00:00:00") { midnight = values.count }
      previous = instant
      values.append(power)
    }
    guard let midnight else { throw .noMidnight }
    milliwatts = values
    firstMidnight = midnight
  }

  /// A decimal number of watts in milliwatts, further digits rounded half to even.
  static func milliwatts(_ text: Substring) -> Int64? {
    let isNegative = text.hasPrefix("-")
    let parts = text.dropFirst(isNegative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
    let digits = parts.count == 2 ? String(parts[1]) : ""
    guard (1...2).contains(parts.count), !parts[0].isEmpty, digits.count <= 6 else { return nil }
    let padded = parts[0] + digits + String(repeating: "0", count: 6 - digits.count)
    guard padded.allSatisfy({ ("0"..."9").contains($0) }), let microwatts = Int64(padded) else { return nil }
    return (isNegative ? -microwatts : microwatts).roundedQuotient(1_000)
  }
}

enum RecordedPowerError: Error, Equatable, CustomStringConvertible {
  case unreadable(line: Int)
  /// Not one minute after the line before.
  case gap(line: Int)
  case noMidnight

  var description: String {
    switch self {
    case .unreadable(let line): "line \(line) is not a time with its zone, a comma and a number of watts"
    case .gap(let line): "line \(line) is not one minute after the line before"
    case .noMidnight: "no line for midnight, so no whole day"
    }
  }
}
