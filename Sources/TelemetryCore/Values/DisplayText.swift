/// How instants and values are written for people.
extension UTCInstant {
  /// Such as `2026-11-23T05:05:00Z`.
  package var text: String { timestamp() }

  /// The time of day, such as `05:05Z`, with the seconds where there are any.
  package var clockText: String {
    let time = timestamp().dropFirst(11).prefix(8)
    return time.hasSuffix(":00") ? "\(time.dropLast(3))Z" : "\(time)Z"
  }

  /// Such as `20261123T050500Z`, for names of files.
  package var compactText: String { timestamp().filter { $0 != "-" && $0 != ":" } }
}

extension WireUnit {
  /// A value in wire units as an exact decimal with all its digits, such as `0.142500`.
  package func text(_ value: Int64) -> String {
    let figures = String(value.magnitude)
    let padded = String(repeating: "0", count: max(0, digits + 1 - figures.count)) + figures
    let sign = value < 0 ? "-" : ""
    guard digits > 0 else { return sign + padded }
    return "\(sign)\(padded.dropLast(digits)).\(padded.suffix(digits))"
  }
}
