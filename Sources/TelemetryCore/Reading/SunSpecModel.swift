/// Where a SunSpec model keeps what we meter by.
///
/// Offsets count registers from the one that holds the model's identifier. Source: SunSpec information model
/// definitions, models 103 and 203 (`model_103.json`, `model_203.json` of github.com/sunspec/models).
package struct SunSpecModel: Hashable, Sendable {
  package let id: UInt16
  let power: Int
  let powerScale: Int
  /// True where positive power is out of the site.
  let powerIsExport: Bool
  let export: Int
  let `import`: Int?
  let energyScale: Int
  /// The operating state, where the model has one.
  let state: Int?

  /// Inverter, three phase: W, W_SF, WH, WH_SF, St.
  ///
  /// An inverter's AC power is positive when it generates, and WH counts what it generated; it has no register for what
  /// it took in.
  package static let inverter = SunSpecModel(
    id: 103, power: 14, powerScale: 15, powerIsExport: true, export: 24, import: nil, energyScale: 26, state: 38)

  /// Meter, wye-connected three phase: W, W_SF, TotWhExp, TotWhImp, TotWh_SF.
  ///
  /// The definition gives W no sign in words. It does name the axes: reactive energy of quadrants 1 and 2 is imported,
  /// of 3 and 4 exported, so positive means imported, and W follows the same axes. Some makers count the other way;
  /// energy does not depend on it, since exported and imported energy have registers of their own.
  package static let meter = SunSpecModel(
    id: 203, power: 18, powerScale: 22, powerIsExport: false, export: 38, import: 46, energyScale: 54, state: nil)

  /// The models we can meter by, the best first.
  ///
  /// A meter comes before an inverter since it is at the metering point and counts both flows.
  package static let supported = [meter, inverter]

  /// How many registers we need, from the identifier on.
  ///
  /// Up to the last point we use, so that a model that a maker cut short after it still serves.
  var neededCount: Int { 1 + max(powerScale, energyScale, `import`.map { $0 + 1 } ?? 0, state ?? 0) }

  /// The operating state of an inverter that has failed.
  ///
  /// Model 103, point St, symbol FAULT.
  private static let faultState: UInt16 = 7
}

/// What one read of a model says about the site.
package struct MeteredPoints: Hashable, Sendable {
  /// Positive when it leaves the site.
  package var power: Power?
  package var export: EnergyRegister?
  package var `import`: EnergyRegister?

  package var isEmpty: Bool { power == nil && export == nil && `import` == nil }
}

extension SunSpecModel {
  /// The points in the registers of one read, of which the first is the model's identifier.
  ///
  /// What the device does not tell is absent.
  ///
  /// - Precondition: at least ``neededCount`` registers.
  package func points(_ registers: [UInt16]) -> MeteredPoints {
    precondition(registers.count >= neededCount, "a model is read whole")
    let points = MeteredPoints(
      power: SunSpecPoint.power(registers[power], scale: registers[powerScale])
        .map { powerIsExport ? $0 : Power(milliwatts: -$0.milliwatts) },
      export: energy(at: export, in: registers),
      import: `import`.flatMap { energy(at: $0, in: registers) })
    return isSilentFault(registers, points) ? MeteredPoints() : points
  }

  private func energy(at offset: Int, in registers: [UInt16]) -> EnergyRegister? {
    SunSpecPoint.accumulator(
      high: registers[offset], low: registers[offset + 1], scale: registers[energyScale])
  }

  /// A frame of zeros in the fault state: the inverter's own bus did not answer, which says nothing about power.
  private func isSilentFault(_ registers: [UInt16], _ points: MeteredPoints) -> Bool {
    guard let state, registers[state] == Self.faultState else { return false }
    return registers[power] == 0 && points.export == nil
  }
}

/// The point types of SunSpec as values.
///
/// Source: SunSpec Device Information Model Specification, point types and their "not implemented" codes.
enum SunSpecPoint {
  private static let notImplementedInt16: UInt16 = 0x8000
  private static let notAccumulated: UInt32 = 0

  /// An exponent of ten, nil where it is not implemented or none that SunSpec allows.
  static func scale(_ word: UInt16) -> Int8? {
    // The code for "not implemented" is -32768, which is out of range too.
    guard let exponent = Int8(exactly: Int16(bitPattern: word)) else { return nil }
    return EnergyRegister.scales.contains(exponent) ? exponent : nil
  }

  /// Watts of type int16.
  ///
  /// Parts of a milliwatt are rounded half to even.
  static func power(_ word: UInt16, scale: UInt16) -> Power? {
    guard word != notImplementedInt16, let exponent = Self.scale(scale) else { return nil }
    // At most 32,767 x 10^13: inside Int64.
    let count = Int64(Int16(bitPattern: word))
    let milliwattExponent = Int(exponent) + 3
    let factor = powerOfTen(abs(milliwattExponent))
    return Power(milliwatts: milliwattExponent >= 0 ? count * factor : count.roundedQuotient(factor))
  }

  /// Watt-hours of type acc32, of which 0 says "not accumulated".
  static func accumulator(high: UInt16, low: UInt16, scale: UInt16) -> EnergyRegister? {
    let count = UInt32(high) << 16 | UInt32(low)
    guard count != notAccumulated, let exponent = Self.scale(scale) else { return nil }
    return EnergyRegister(raw: UInt64(count), scale: exponent)
  }

  private static func powerOfTen(_ exponent: Int) -> Int64 { (0..<exponent).reduce(1) { power, _ in power * 10 } }

  /// Text of type string, up to its first NUL.
  ///
  /// Bytes that are no text are replaced and control characters dropped, since it ends in journals and terminals.
  static func text(_ words: ArraySlice<UInt16>) -> String {
    let bytes = words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }.prefix { $0 != 0 }
    var text = String.UnicodeScalarView()
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: continue
      default: text.append(scalar)
      }
    }
    return String(text).trimmingSpaces
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    let head = drop { $0 == " " }
    guard let last = head.lastIndex(where: { $0 != " " }) else { return "" }
    return String(head[...last])
  }
}
