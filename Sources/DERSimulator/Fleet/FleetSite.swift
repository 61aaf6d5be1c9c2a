import TelemetryCore

/// One simulated site: the recorded array, some times over, behind a meter or as an inverter.
struct FleetSite: Sendable {
  /// The SunSpec model that it is metered by.
  enum Model: UInt16, Sendable {
    case inverter = 103
    case meter = 203
  }

  /// What the site's registers stand for at one instant.
  struct State: Equatable, Sendable {
    /// Positive when it leaves the site.
    var milliwatts: Int64
    /// Since the epoch, parts of a millijoule cut off.
    var exportedMillijoules: Int128
    var importedMillijoules: Int128
    /// Counts of 10^scale Wh since the device was made, before they are cut to 32 bits.
    var exportCount: Int128
    var importCount: Int128
  }

  /// From 0.
  let index: Int
  let model: Model
  /// How many of the recorded array it has.
  let factor: Int64
  /// One count of the energy registers is 10^scale Wh.
  let energyScale: Int
  /// One count of the power register is 10^scale W: the finest that the highest power fits.
  let powerScale: Int
  let replay: Replay
  let faults: [DeviceFault]

  init(
    index: Int, model: Model, factor: Int64, energyScale: Int, replay: Replay, faults: [DeviceFault] = []
  ) {
    self.faults = faults
    self.index = index
    self.model = model
    self.factor = factor
    self.energyScale = energyScale
    self.replay = replay
    let peak = replay.record.peakMilliwatts * factor * replay.speed
    powerScale = (-1...10).first { Self.powerCount(peak, scale: $0) <= Int64(Int16.max) } ?? 10
  }

  var name: String {
    let number = String(index + 1)
    return "site-" + String(repeating: "0", count: max(0, 3 - number.count)) + number
  }

  var serialNumber: String { "SIM-\(index + 1)" }

  /// That of the meter that is there at an instant.
  func serialNumber(at instant: UTCInstant) -> String {
    let isSwapped = faults.contains { fault in
      if case .swap(let seconds) = fault { instant - replay.epoch >= .seconds(seconds) } else { false }
    }
    return isSwapped ? "\(serialNumber)-B" : serialNumber
  }

  /// The highest power in wall time, rounded up to whole kilowatts.
  var nameplateWatts: Int64 {
    -((-replay.record.peakMilliwatts * factor * replay.speed).flooredQuotient(1_000_000)) * 1_000
  }

  /// Counts from before the epoch: a meter is never new, and 0 would mean "not accumulated".
  var initialExportCount: Int128 { 1_000_000 + 7_919 * Int128(index) }
  var initialImportCount: Int128 { 20_000 + 104_729 * Int128(index) }

  func state(at instant: UTCInstant) -> State {
    let moved = replay.moved(at: instant) * factor
    return State(
      milliwatts: replay.milliwatts(at: instant) * factor,
      exportedMillijoules: moved.exported / 1_000, importedMillijoules: moved.imported / 1_000,
      exportCount: initialExportCount + moved.exported / microjoulesPerCount,
      importCount: initialImportCount + moved.imported / microjoulesPerCount)
  }

  /// What its registers say, which its faults make something else of.
  func shownState(at instant: UTCInstant) -> State {
    var state = state(at: faults.contains(.frozen) ? replay.epoch : instant)
    for fault in faults { disturb(&state, fault, at: instant) }
    return state
  }

  var isInFault: Bool { faults.contains(.zeros) }

  private func disturb(_ state: inout State, _ fault: DeviceFault, at instant: UTCInstant) {
    let sinceEpoch = (instant - replay.epoch).count
    switch fault {
    case .zeros:
      state.milliwatts = 0
      state.exportCount = 0
      state.importCount = 0
    case .bounce where sinceEpoch.flooredRemainder(60_000) < 5_000:
      state.exportCount = 0
      state.importCount = 0
    case .reset(let seconds) where sinceEpoch >= seconds * 1_000:
      let before = self.state(at: replay.epoch + .seconds(seconds))
      state.exportCount -= before.exportCount - 1
      state.importCount -= before.importCount - 1
    case .swap(let seconds) where sinceEpoch >= seconds * 1_000:
      state.exportCount += Self.otherMeter
      state.importCount += Self.otherMeter
    case .rollover(let counts):
      let end = Int128(1) << 32
      state.exportCount += end - Int128(counts) - initialExportCount
      state.importCount += end - Int128(counts) - initialImportCount
    case .dead, .slow, .exception, .stale, .wrongBlock, .oneClient, .bounce, .reset, .swap, .frozen: break
    }
  }

  /// What the meter of a swap stands higher by.
  private static let otherMeter: Int128 = 500_000_000

  /// The scales for which a count is a whole number of microjoules, 3,600,000,000 x 10^scale.
  static let energyScales = -8...3

  private var microjoulesPerCount: Int128 {
    let wattHour = Int128(Energy.millijoulesPerWattHour) * 1_000
    let power = (0..<abs(energyScale)).reduce(Int128(1)) { power, _ in power * 10 }
    return energyScale >= 0 ? wattHour * power : wattHour / power
  }

  /// Power in counts of 10^scale W, rounded half to even.
  static func powerCount(_ milliwatts: Int64, scale: Int) -> Int64 {
    milliwatts.roundedQuotient((0..<(scale + 3)).reduce(Int64(1)) { power, _ in power * 10 })
  }
}
