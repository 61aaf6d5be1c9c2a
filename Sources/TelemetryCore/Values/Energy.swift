/// Power in milliwatts.
package struct Power: Hashable, Comparable, Sendable {
  package var milliwatts: Int64

  package init(milliwatts: Int64) { self.milliwatts = milliwatts }

  package static func < (left: Self, right: Self) -> Bool { left.milliwatts < right.milliwatts }
}

/// The energy of one interval, or a difference of two, in millijoules: 1 Wh = 3,600,000 mJ.
///
/// Int64 holds 2,562 GWh, far more than a resource moves in an interval.
package struct Energy: Hashable, Comparable, Sendable {
  package var millijoules: Int64

  package init(millijoules: Int64) { self.millijoules = millijoules }

  package static let zero = Energy(millijoules: 0)
  package static let millijoulesPerWattHour: Int64 = 3_600_000

  package static func < (left: Self, right: Self) -> Bool { left.millijoules < right.millijoules }

  package static func + (left: Self, right: Self) -> Self {
    Self(millijoules: left.millijoules + right.millijoules)
  }

  package static func - (left: Self, right: Self) -> Self {
    Self(millijoules: left.millijoules - right.millijoules)
  }
}

/// What a meter has counted since it was made, in millijoules.
///
/// A 64-bit register of watt-hours times 3,600,000 needs 86 bits, so cumulatives are 128 bits wide.
package struct CumulativeEnergy: Hashable, Comparable, Sendable {
  package var millijoules: Int128

  package init(millijoules: Int128) { self.millijoules = millijoules }

  package static func < (left: Self, right: Self) -> Bool { left.millijoules < right.millijoules }

  /// The energy between two cumulatives, nil where it does not fit an interval's 64 bits.
  package func energy(since earlier: Self) -> Energy? {
    Int64(exactly: millijoules - earlier.millijoules).map { Energy(millijoules: $0) }
  }
}

/// The direction that energy takes, seen from the site.
package enum Flow: UInt8, Hashable, Sendable, CaseIterable {
  /// Out of the site into the grid. SunSpec says export or injected.
  case export = 1
  /// Out of the grid into the site. SunSpec says import or absorbed.
  case `import` = 2

  package init?(name: String) {
    switch name {
    case "export": self = .export
    case "import": self = .import
    default: return nil
    }
  }

  package var name: String { self == .export ? "export" : "import" }
}

/// The unit of the values on the wire: an integer number of millijoules for one step of the last digit.
///
/// MWh with 6 digits is a step of one watt-hour, 3,600,000 mJ.
package struct WireUnit: Hashable, Sendable {
  package let millijoules: Int64
  package let symbol: String
  package let digits: Int

  /// Nil unless the last digit is a whole number of millijoules.
  package init?(symbol: String, digits: Int) {
    let exponents = ["Wh": 0, "kWh": 3, "MWh": 6]
    guard let exponent = exponents[symbol], (0...12).contains(digits) else { return nil }
    guard let step = Self.step(powerOfTen: exponent - digits) else { return nil }
    self.symbol = symbol
    self.digits = digits
    millijoules = step
  }

  /// How much a number of steps of the last digit is.
  package func millijoules(_ steps: Int64) -> Int128 { Int128(steps) * Int128(millijoules) }

  /// The unit of the same symbol with the most digits.
  package var finest: WireUnit {
    (digits...12).reversed().lazy.compactMap { WireUnit(symbol: symbol, digits: $0) }.first ?? self
  }

  private static func step(powerOfTen: Int) -> Int64? {
    var step = Energy.millijoulesPerWattHour
    for _ in 0..<abs(powerOfTen) {
      if powerOfTen > 0 {
        step *= 10
      } else {
        guard step.isMultiple(of: 10) else { return nil }
        step /= 10
      }
    }
    return step
  }
}

/// How far a value can be trusted (P4).
package enum QualityClass: UInt8, Hashable, Comparable, Sendable {
  /// Every site's boundary registers lie close to readings on both sides.
  case measured = 1
  /// At least one site's share was spread over a gap between two readings.
  case estimated = 2
  /// Not known.
  case missing = 3

  package var name: String {
    switch self {
    case .measured: "measured"
    case .estimated: "estimated"
    case .missing: "missing"
    }
  }

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
