import Foundation
import TelemetryCore
import Testing

/// A whole recorded day through the pipeline: 2022-03-19 of NREL SERF East, one array, a scan every four seconds.
@Suite struct RecordedDayTests {
  /// Power in milliwatts for each minute, from local midnight; negative is into the site.
  private let minutes: [Int64]

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
    let file = root.appending(path: "data/nrel-serf-east-1min-ac-power.csv")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
    minutes = try lines.filter { $0.hasPrefix("2022-03-19") }.map { line in
      let watts = try #require(Double(line.split(separator: ",")[1]))
      return Int64((watts * 1_000).rounded())
    }
  }

  /// Energy out of the site and into it since midnight, in millijoules.
  private func energy(at milliseconds: Int64, sums: [(out: Int64, into: Int64)]) -> (out: Int64, into: Int64) {
    let minute = Int(milliseconds / 60_000)
    let (out, into) = sums[minute]
    guard minute < minutes.count else { return (out, into) }
    let rest = minutes[minute] * (milliseconds % 60_000) / 1_000
    return rest >= 0 ? (out + rest, into) : (out, into - rest)
  }

  @Test func theEnergiesOfTheDayEqualTheRegisterDifferenceToTheLastWireUnit() throws {
    #expect(minutes.count == 1_440)
    let sums = minutes.reduce(into: [(out: Int64(0), into: Int64(0))]) { sums, power in
      let last = sums[sums.count - 1]
      sums.append((last.out + max(power, 0) * 60, last.into + max(-power, 0) * 60))
    }
    let midnight = UTCInstant(seconds: 1_647_673_200)
    // One count is 0.1 Wh, which no interval is a multiple of, and the meters had counted before.
    let count: Int64 = 360_000
    let meter: (Int, UTCInstant) -> SiteReading? = { site, instant in
      guard instant.milliseconds % 4_000 == 0 else { return nil }
      let elapsed = max(0, min((instant - midnight).count, 86_400_000))
      let energy = energy(at: elapsed, sums: sums)
      return SiteReading(
        site: SiteIndex(site), instant: instant, power: nil,
        export: EnergyRegister(raw: UInt64(1_234_567 + energy.out / count), scale: -1),
        import: EnergyRegister(raw: UInt64(76_543 + energy.into / count), scale: -1))
    }
    var settings = Settings.fixture(sites: 1)
    settings.resources[0].measurements.append(MeasurementSettings(type: MeasurementType("LOAD"), flow: .import))
    settings.scan = .seconds(4)
    var house = House(settings, at: midnight - .seconds(12), meter: meter)
    house.run(seconds: 86_400 + 60)

    let audit = house.audit
    #expect(audit.isLawful)
    for (series, difference) in zip(audit.series, [sums[1_440].out, sums[1_440].into]) {
      let registers = Int128(difference / count * count)
      #expect(series.count(.accepted) == 288)
      #expect(series.energy == registers, "\(series.key)")
      #expect(series.value * Int128(series.unit.millijoules) + Int128(series.residual.millijoules) == registers)
      let submitted = house.station.rows.filter { $0.measurement == series.key.measurement }.map(\.value)
      #expect(submitted.count == 288)
      #expect(Int128(submitted.reduce(0, +)) == (registers - Int128(series.residual.millijoules)) / 3_600_000)
    }
  }
}
