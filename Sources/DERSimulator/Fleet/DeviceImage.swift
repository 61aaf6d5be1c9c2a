import TelemetryCore

/// The registers of a simulated device at one instant.
///
/// From address 40000: "SunS", model 1, the metered model, the end. Offsets count registers from a model's identifier;
/// source: SunSpec information model definitions, models 1, 103 and 203. What the device does not simulate reads "not
/// implemented".
struct DeviceImage {
  static let base = 40_000
  private static let notImplementedInt16: UInt16 = 0x8000
  private static let notImplementedUInt16: UInt16 = 0xFFFF

  private(set) var registers: [UInt16]
  /// A longer read of the metered model comes back as zeros.
  private let zeroBeyond: Int
  private let modelStart: Int

  init(_ site: FleetSite, at instant: UTCInstant) {
    let state = site.shownState(at: instant)
    zeroBeyond = site.faults.compactMap { if case .wrongBlock(let limit) = $0 { limit } else { nil } }.min() ?? .max
    registers = [0x5375, 0x6E53] + Self.common(site.serialNumber(at: instant))
    modelStart = registers.count
    switch site.model {
    case .meter: registers += Self.meter(site, state)
    case .inverter: registers += Self.inverter(site, state)
    }
    registers += [0xFFFF, 0]
  }

  func answer(_ request: ModbusRequest) -> ModbusResponse {
    let first = Int(request.start) - Self.base
    guard first >= 0, first + Int(request.count) <= registers.count else { return .exception(.illegalDataAddress) }
    guard first < modelStart || Int(request.count) <= zeroBeyond else {
      return .registers(Array(repeating: 0, count: Int(request.count)))
    }
    return .registers(Array(registers[first..<(first + Int(request.count))]))
  }

  private static func common(_ serialNumber: String) -> [UInt16] {
    [1, 66] + text("DERTelemetryd", 16) + text("dersim", 16) + text("", 8) + text("1", 8)
      + text(serialNumber, 16) + [1, notImplementedInt16]
  }

  private static func meter(_ site: FleetSite, _ state: FleetSite.State) -> [UInt16] {
    var model = [UInt16](repeating: notImplementedInt16, count: 107)
    model.replaceSubrange(0...1, with: [203, 105])
    // In a meter, power into the site is positive.
    model[18] = word(FleetSite.powerCount(-state.milliwatts, scale: site.powerScale))
    model[22] = word(Int64(site.powerScale))
    // Accumulators that are not implemented are 0: each phase, apparent and reactive energy.
    for accumulator in [38..<54, 55..<71, 72..<104] {
      model.replaceSubrange(accumulator, with: repeatElement(0, count: accumulator.count))
    }
    model.replaceSubrange(38...39, with: words(state.exportCount))
    model.replaceSubrange(46...47, with: words(state.importCount))
    model[54] = word(Int64(site.energyScale))
    model.replaceSubrange(105...106, with: [0, 0])
    return model
  }

  private static func inverter(_ site: FleetSite, _ state: FleetSite.State) -> [UInt16] {
    var model = [UInt16](repeating: notImplementedInt16, count: 52)
    model.replaceSubrange(0...1, with: [103, 50])
    // Currents and voltages are unsigned, as are states.
    for unsigned in [2...5, 7...12, 16...16, 27...27, 29...29, 39...39] {
      model.replaceSubrange(unsigned, with: repeatElement(notImplementedUInt16, count: unsigned.count))
    }
    model[14] = word(FleetSite.powerCount(state.milliwatts, scale: site.powerScale))
    model[15] = word(Int64(site.powerScale))
    model.replaceSubrange(24...25, with: words(state.exportCount))
    model[26] = word(Int64(site.energyScale))
    // Operating state: FAULT, MPPT while it generates, else SLEEPING.
    model[38] = site.isInFault ? 7 : state.milliwatts > 0 ? 4 : 2
    model.replaceSubrange(40...51, with: repeatElement(0, count: 12))
    return model
  }

  private static func word(_ number: Int64) -> UInt16 { UInt16(bitPattern: Int16(clamping: number)) }

  /// An accumulator of 32 bits, which begins again at 0.
  private static func words(_ count: Int128) -> [UInt16] {
    [UInt16(truncatingIfNeeded: count >> 16), UInt16(truncatingIfNeeded: count)]
  }

  private static func text(_ text: String, _ count: Int) -> [UInt16] {
    let bytes = Array(text.utf8.prefix(2 * count))
    let padded = bytes + [UInt8](repeating: 0, count: 2 * count - bytes.count)
    return (0..<count).map { UInt16(padded[2 * $0]) << 8 | UInt16(padded[2 * $0 + 1]) }
  }
}
