/// How a number stands in registers.
package enum RegisterForm: UInt8, Hashable, Sendable, CaseIterable {
  case int16, uint16, int32, uint32, int64, uint64, float32
  /// Accumulators of SunSpec, of which 0 says "not accumulated".
  case acc32, acc64

  package var wordCount: Int {
    switch self {
    case .int16, .uint16: 1
    case .int32, .uint32, .float32, .acc32: 2
    case .int64, .uint64, .acc64: 4
    }
  }
}

/// Where a quantity stands in the registers of a device, and what one count of it is.
package struct RegisterPoint: Hashable, Sendable {
  package enum Scale: Hashable, Sendable {
    case fixed
    /// One count is so many units as the register at this address says: a power of ten.
    case factor(at: Int)
  }

  package var address: Int
  package var form: RegisterForm
  /// The word with the low bits comes first; within a word the high byte always does.
  package var lowWordFirst = false
  package var scale = Scale.fixed
  /// One count is `multiplier` · 10^`exponent` watts or watt-hours, before what the scale says.
  package var multiplier: Int64 = 1
  package var exponent = 0
  /// The codes by which SunSpec says that a point is not implemented are absence; a map by hand has none of them.
  package var hasAbsenceCodes = false

  package init(address: Int, form: RegisterForm) {
    self.address = address
    self.form = form
  }

  package var words: Range<Int> { address..<(address + form.wordCount) }

  /// From the first to the last register that it needs: they are read in one request.
  var span: ClosedRange<Int> {
    let last = address + form.wordCount - 1
    guard case .factor(let factor) = scale else { return address...last }
    return min(address, factor)...max(last, factor)
  }
}

// MARK: Values

extension RegisterPoint {
  /// The registers of one answer, of which the first has this address.
  struct Answer {
    let start: Int
    let registers: [UInt16]

    func holds(_ span: ClosedRange<Int>) -> Bool {
      span.lowerBound >= start && span.upperBound < start + registers.count
    }

    subscript(address: Int) -> UInt16 { registers[address - start] }
  }

  /// Power in milliwatts, parts of one rounded half to even; nil where the device does not tell.
  func power(_ answer: Answer) -> Power? {
    guard let number = number(answer), let exponent = exponent(answer) else { return nil }
    return number.scaled(by: multiplier, powerOfTen: exponent + 3).flatMap { Int64(exactly: $0) }.map {
      Power(milliwatts: $0)
    }
  }

  /// The count of an energy register, nil where the device does not tell or tells what no meter counts.
  ///
  /// A float is kept in thousandths of a watt-hour.
  func energy(_ answer: Answer) -> EnergyRegister? {
    guard let number = number(answer), let exponent = exponent(answer) else { return nil }
    if case .float = number {
      return number.scaled(by: multiplier, powerOfTen: exponent + 3).flatMap { UInt64(exactly: $0) }.flatMap {
        EnergyRegister(raw: $0, scale: -3)
      }
    }
    guard let raw = number.scaled(by: multiplier, powerOfTen: 0).flatMap({ UInt64(exactly: $0) }) else { return nil }
    return Int8(exactly: exponent).flatMap { EnergyRegister(raw: raw, scale: $0) }
  }

  /// After the highest count of its words an unsigned register begins at zero.
  ///
  /// A signed one goes on below zero, where no meter counts, and a float never comes to an end.
  var rollover: RegisterRollover {
    switch form {
    case .uint16, .uint32, .uint64, .acc32, .acc64:
      .after((Int128(1) << Int128(16 * form.wordCount)) * Int128(multiplier))
    case .int16, .int32, .int64, .float32: .none
    }
  }

  func isZero(_ answer: Answer) -> Bool { bits(answer) == 0 }

  private func exponent(_ answer: Answer) -> Int? {
    guard case .factor(let address) = scale else { return exponent }
    // The code for "not implemented" is -32768, which is out of range too.
    let factor = Int(Int16(bitPattern: answer[address]))
    return Int(EnergyRegister.scales.lowerBound)...Int(EnergyRegister.scales.upperBound) ~= factor
      ? exponent + factor : nil
  }

  private func bits(_ answer: Answer) -> UInt64 {
    var bits: UInt64 = 0
    for index in 0..<form.wordCount {
      let place = lowWordFirst ? form.wordCount - 1 - index : index
      bits = bits << 16 | UInt64(answer[address + place])
    }
    return bits
  }

  private func number(_ answer: Answer) -> RegisterNumber? {
    let bits = bits(answer)
    guard !hasAbsenceCodes || bits != form.absence else { return nil }
    switch form {
    case .int16: return .integer(Int128(Int16(truncatingIfNeeded: bits)))
    case .int32: return .integer(Int128(Int32(truncatingIfNeeded: bits)))
    case .int64: return .integer(Int128(Int64(truncatingIfNeeded: bits)))
    case .uint16, .uint32, .uint64, .acc32, .acc64: return .integer(Int128(bits))
    case .float32: return RegisterNumber(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    }
  }
}

extension RegisterForm {
  /// Source: SunSpec Device Information Model Specification, point types and their "not implemented" codes.
  fileprivate var absence: UInt64 {
    switch self {
    case .int16: 0x8000
    case .uint16: 0xFFFF
    case .int32: 0x8000_0000
    case .uint32: 0xFFFF_FFFF
    case .int64: 0x8000_0000_0000_0000
    case .uint64: .max
    case .float32: 0x7FC0_0000
    case .acc32, .acc64: 0
    }
  }
}

/// A number as a device tells it, exactly.
enum RegisterNumber: Hashable, Sendable {
  case integer(Int128)
  /// significand · 2^powerOfTwo
  case float(significand: Int128, powerOfTwo: Int)

  /// Nil where it is none, or infinite.
  init?(_ value: Float) {
    guard value.isFinite else { return nil }
    let significandBits = 23
    let bias = 127
    let exponentBits = Int(value.exponentBitPattern)
    let fraction = Int128(value.significandBitPattern)
    let magnitude = exponentBits == 0 ? fraction : fraction + (1 << significandBits)
    self = .float(
      significand: value.sign == .minus ? -magnitude : magnitude,
      powerOfTwo: max(exponentBits, 1) - bias - significandBits)
  }

  /// The number · multiplier · 10^powerOfTen, rounded half to even; nil where it is more than any meter tells.
  func scaled(by multiplier: Int64, powerOfTen: Int) -> Int128? {
    guard abs(powerOfTen) <= 30 else { return nil }
    let ten = Self.powersOfTen[abs(powerOfTen)]
    switch self {
    case .integer(let count):
      let (product, overflows) = count.multipliedReportingOverflow(by: Int128(multiplier))
      guard !overflows else { return nil }
      guard powerOfTen > 0 else { return powerOfTen == 0 ? product : product.roundedQuotient(ten) }
      let (scaled, scaledOverflows) = product.multipliedReportingOverflow(by: ten)
      return scaledOverflows ? nil : scaled
    case .float(let significand, let powerOfTwo):
      return Self.scaled(significand, multiplier, ten, isUp: powerOfTen >= 0, powerOfTwo)
    }
  }

  private static func scaled(
    _ significand: Int128, _ multiplier: Int64, _ ten: Int128, isUp: Bool, _ powerOfTwo: Int
  ) -> Int128? {
    // Smaller than 2^-36 of a unit is nothing; larger than 2^52 of one no meter tells.
    guard powerOfTwo > -60, significand != 0 else { return 0 }
    guard powerOfTwo <= 28 else { return nil }
    let up = powerOfTwo > 0 ? Int128(1) << Int128(powerOfTwo) : 1
    let down = powerOfTwo < 0 ? Int128(1) << Int128(-powerOfTwo) : 1
    var numerator = significand
    for factor in [Int128(multiplier), up, isUp ? ten : 1] {
      let (product, overflows) = numerator.multipliedReportingOverflow(by: factor)
      guard !overflows else { return nil }
      numerator = product
    }
    let (denominator, overflows) = down.multipliedReportingOverflow(by: isUp ? 1 : ten)
    return overflows ? 0 : numerator.roundedQuotient(denominator)
  }

  private static let powersOfTen: [Int128] = (0...30).map { exponent in
    (0..<exponent).reduce(Int128(1)) { power, _ in power * 10 }
  }
}
