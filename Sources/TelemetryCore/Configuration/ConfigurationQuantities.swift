/// A unit that a person writes behind a number, and how many of our own units it is.
struct ConfigurationUnit: Sendable {
  var symbol: String
  var size: Int64

  /// Largest first, so that formatting takes the largest that divides.
  static let times = [
    Self(symbol: "y", size: 365 * 86_400_000), Self(symbol: "d", size: 86_400_000), Self(symbol: "h", size: 3_600_000),
    Self(symbol: "m", size: 60_000),
    Self(symbol: "s", size: 1_000), Self(symbol: "ms", size: 1),
  ]
  static let powers = [
    Self(symbol: "GW", size: 1_000_000_000_000), Self(symbol: "MW", size: 1_000_000_000),
    Self(symbol: "kW", size: 1_000_000), Self(symbol: "W", size: 1_000),
  ]

  static let sizes = [
    Self(symbol: "TB", size: 1_000_000_000_000), Self(symbol: "GB", size: 1_000_000_000),
    Self(symbol: "MB", size: 1_000_000), Self(symbol: "kB", size: 1_000), Self(symbol: "B", size: 1),
  ]

  /// A number and a unit with at most one space between them; nil where the value is not whole in our own unit.
  static func parse(_ text: String, _ units: [Self]) -> Int64? {
    let end = text.utf8.firstIndex { !$0.isDigit && $0 != 0x2E } ?? text.endIndex
    var symbol = text[end...]
    if symbol.first == " " { symbol = symbol.dropFirst() }
    guard let unit = units.first(where: { $0.symbol == symbol }) else { return nil }
    guard let billionths = ExactDecimal.parse(String(text[..<end]), digits: 9) else { return nil }
    let (quotient, remainder) = (Int128(billionths) * Int128(unit.size)).quotientAndRemainder(dividingBy: 1_000_000_000)
    return remainder == 0 ? Int64(exactly: quotient) : nil
  }

  static func format(_ value: Int64, _ units: [Self], separator: String) -> String {
    guard let finest = units.last else { return String(value) }
    let unit = value == 0 ? finest : units.first { value.isMultiple(of: $0.size) } ?? finest
    return "\(value / unit.size)\(separator)\(unit.symbol)"
  }
}

extension Milliseconds {
  /// As a person writes it in a configuration file: `5m`, `500ms`.
  package var configurationText: String { ConfigurationUnit.format(count, ConfigurationUnit.times, separator: "") }
}

extension Power {
  /// As a person writes it in a configuration file: `250 kW`.
  ///
  /// A fraction of a watt is left out.
  package var configurationText: String {
    ConfigurationUnit.format(milliwatts / 1_000 * 1_000, ConfigurationUnit.powers, separator: " ")
  }
}

extension ConfigurationForm<Milliseconds> {
  /// A length of time with its unit: `ms`, `s`, `m`, `h`, `d` or `y` of 365 days.
  package static func duration(_ range: ClosedRange<Milliseconds>, such example: String) -> Self {
    let bounds = "\(range.lowerBound.configurationText) to \(range.upperBound.configurationText)"
    return Self("a length of time from \(bounds), such as `\(example)`") { text in
      let duration = ConfigurationUnit.parse(text, ConfigurationUnit.times).map { Milliseconds($0) }
      return duration.flatMap { range.contains($0) ? $0 : nil }
    }
  }
}

extension ConfigurationForm<Power> {
  /// A power with its unit: `W`, `kW`, `MW` or `GW`.
  package static func power(_ range: ClosedRange<Power>, such example: String) -> Self {
    let bounds = "\(range.lowerBound.configurationText) to \(range.upperBound.configurationText)"
    return Self("a power from \(bounds), such as `\(example)`") { text in
      let power = ConfigurationUnit.parse(text, ConfigurationUnit.powers).map { Power(milliwatts: $0) }
      return power.flatMap { range.contains($0) ? $0 : nil }
    }
  }
}

extension ConfigurationForm<Int> {
  /// An amount of data in bytes, with its unit: `kB`, `MB`, `GB` or `TB`, by thousands.
  package static func byteCount(_ range: ClosedRange<Int>, such example: String) -> Self {
    let bounds = "\(range.lowerBound.byteCountText) to \(range.upperBound.byteCountText)"
    return Self("an amount of data from \(bounds), such as `\(example)`") { text in
      let count = ConfigurationUnit.parse(text, ConfigurationUnit.sizes).flatMap { Int(exactly: $0) }
      return count.flatMap { range.contains($0) ? $0 : nil }
    }
  }
}

extension Int {
  /// An amount of data as a person writes it in a configuration file: `64MB`.
  package var byteCountText: String {
    ConfigurationUnit.format(Int64(self), ConfigurationUnit.sizes, separator: "")
  }
}
