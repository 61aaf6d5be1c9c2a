package import TelemetryCore

/// Instants as OASIS takes them: `20261123T08:00-0000`, in universal time, without seconds, colon in the zone or `Z`.
package enum OASISInstant {
  package static let expectation =
    "`YYYYMMDDThh:mm-0000` in universal time, such as `20261123T08:00-0000`, or a trade date, such as `2026-11-23`"

  /// The minute that an instant lies in.
  package static func text(_ instant: UTCInstant) -> String {
    let text = instant.timestamp()
    let date = text.prefix(10).filter { $0 != "-" }
    return "\(date)T\(text.dropFirst(11).prefix(5))-0000"
  }

  /// Reads OASIS's own form; nil for anything else.
  package static func parse(_ text: String) -> UTCInstant? {
    let bytes = Array(text.utf8)
    guard bytes.count == 19, text.hasSuffix("-0000"), bytes[8] == 0x54, bytes[11] == 0x3A else { return nil }
    let date = [bytes[0..<4], bytes[4..<6], bytes[6..<8]].map { String(decoding: $0, as: UTF8.self) }
    let time = String(decoding: bytes[9..<14], as: UTF8.self)
    return UTCInstant(timestamp: "\(date.joined(separator: "-"))T\(time):00Z")
  }

  /// The instant that a person means: OASIS's form, XML's with a zone, or the first or last instant of a trade date.
  static func read(_ text: String, in zone: TimeZoneTransitions, isEnd: Bool) -> UTCInstant? {
    if let instant = parse(text) ?? UTCInstant(timestamp: text) { return instant }
    return TradeDate(text).map { ($0.advanced(by: isEnd ? 1 : 0)).start(in: zone) }
  }
}
