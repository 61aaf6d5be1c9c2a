import TelemetrySimulation
@testable import TelemetryCore

/// Readings for the tests of the readings log.
enum ReadingsFixture {
  static let clock = HostClock(
    boot: BootID(0x0123_4567_89AB_CDEF),
    moment: Moment(utc: House.noon, uptime: UptimeInstant(milliseconds: 864_000_123)), synchronisation: .synchronised)

  static func frame(_ readings: [SiteReading]) -> ReadingsFrame { ReadingsFrame(clock: clock, readings: readings) }

  static func reading(
    _ site: Int, _ milliseconds: Int64, power: Int64? = 12_000_000, export: UInt64? = 5_000_000,
    import: UInt64? = 70_000, scale: Int8 = -1
  ) -> SiteReading {
    SiteReading(
      site: SiteIndex(site), instant: House.noon + Milliseconds(milliseconds), power: power.map(Power.init),
      export: export.flatMap { EnergyRegister(raw: $0, scale: scale) },
      import: `import`.flatMap { EnergyRegister(raw: $0, scale: scale) })
  }

  /// What no fleet sends and the format holds all the same.
  static func wild(_ random: inout SeededRandom) -> ReadingsFrame {
    let count = Int.random(in: 1...40, using: &random)
    let readings = (0..<count).map { _ in
      SiteReading(
        site: SiteIndex(Int.random(in: 0..<ReadingsRecord.siteLimit, using: &random)),
        instant: UTCInstant(milliseconds: Int64.random(in: -2_208_988_800_000...253_402_300_799_000, using: &random)),
        power: Bool.random(using: &random) ? nil : Power(milliwatts: spread(&random)),
        export: register(&random), import: register(&random))
    }
    let clock = HostClock(
      boot: BootID(random.next()),
      moment: Moment(
        utc: UTCInstant(milliseconds: Int64.random(in: 0...253_402_300_799_000, using: &random)),
        uptime: UptimeInstant(milliseconds: Int64.random(in: 0...(.max), using: &random))),
      synchronisation: [.unknown, .synchronised, .unsynchronised].randomElement(using: &random) ?? .unknown)
    return ReadingsFrame(clock: clock, readings: readings)
  }

  private static func register(_ random: inout SeededRandom) -> EnergyRegister? {
    let scale = Int8.random(in: EnergyRegister.scales, using: &random)
    let raw = UInt64(bitPattern: spread(&random))
    return EnergyRegister(raw: scale > 2 ? raw >> 24 : raw, scale: scale)
  }

  /// As many small numbers as large ones.
  private static func spread(_ random: inout SeededRandom) -> Int64 {
    Int64(bitPattern: random.next()) >> Int64.random(in: 0...63, using: &random)
  }
}
