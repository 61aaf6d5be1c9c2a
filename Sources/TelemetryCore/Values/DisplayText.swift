/// How instants and values are written for people.
extension UTCInstant {
  /// Such as `2026-11-23T05:05:00Z`.
  package var text: String { timestamp() }

  /// The time of day, such as `05:05Z`, with the seconds where there are any.
  package var clockText: String {
    let time = timestamp().dropFirst(11).prefix(8)
    return time.hasSuffix(":00") ? "\(time.dropLast(3))Z" : "\(time)Z"
  }

  /// What local clocks show, with how far they are ahead of UTC, such as `2026-11-23T00:05:00-08:00`.
  package func localText(in zone: TimeZoneTransitions) -> String {
    let offset = zone.offsetSeconds(at: self)
    let minutes = Int(offset.magnitude / 60)
    let clock = [minutes / 60, minutes % 60].map { ($0 < 10 ? "0" : "") + "\($0)" }.joined(separator: ":")
    let local = UTCInstant(seconds: zone.localSeconds(at: self)).timestamp().dropLast()
    return "\(local)\(offset < 0 ? "-" : "+")\(clock)"
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

extension String {
  /// The text on one line, with nothing in it that steers a terminal or begins a line of its own: such characters stand
  /// as `\u{1B}`.
  ///
  /// For journals and screens. What devices and operators say is theirs to choose, and a line that they could forge
  /// would be no evidence.
  package var controlsEscaped: String {
    guard unicodeScalars.contains(where: \.isControl) else { return self }
    var text = ""
    for scalar in unicodeScalars {
      if scalar.isControl { text += scalar.escaped } else { text.unicodeScalars.append(scalar) }
    }
    return text
  }
}

extension Unicode.Scalar {
  /// C0, C1, the ends of lines and paragraphs, and the marks that turn the direction of writing: none belongs in a name
  /// or on a terminal.
  var isControl: Bool {
    switch value {
    case 0x00...0x1F, 0x7F...0x9F, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF: true
    default: false
    }
  }

  var escaped: String { "\\u{\(String(value, radix: 16, uppercase: true))}" }
}
