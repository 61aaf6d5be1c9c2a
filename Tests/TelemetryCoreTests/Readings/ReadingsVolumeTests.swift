import TelemetrySimulation
import Foundation
import Testing

@testable import TelemetryCore

/// What a recorded day of a fleet takes on disk.
@Suite struct ReadingsVolumeTests {
  /// Milliwatts for each minute of 2022-03-19 of NREL SERF East.
  private let minutes: [Int64]
  /// Millijoules that went out and came in before each minute.
  private let sums: [(out: Int64, into: Int64)]

  private static let siteCount = 100
  private static let midnight: Int64 = 1_647_673_200_000

  init() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
    let text = try String(contentsOf: root.appending(path: "data/nrel-serf-east-1min-ac-power.csv"), encoding: .utf8)
    minutes = try text.split(separator: "\n").filter { $0.hasPrefix("2022-03-19") }.map { line in
      Int64((try #require(Double(line.split(separator: ",")[1])) * 1_000).rounded())
    }
    sums = minutes.reduce(into: [(out: Int64(0), into: Int64(0))]) { sums, power in
      let last = sums[sums.count - 1]
      sums.append((last.out + max(power, 0) * 60, last.into + max(-power, 0) * 60))
    }
  }

  /// A hundred sites of thirty and more such arrays, each some minutes behind another; registers of seven and six digits.
  private func reading(_ site: Int, at milliseconds: Int64) -> SiteReading {
    let (factor, phase) = (Int64(30 + site % 7), site * 7 % 120)
    let elapsed = milliseconds - Self.midnight
    let minute = (Int(elapsed / 60_000) + phase) % 1_440
    let power = minutes[minute] * factor
    let rest = power * (elapsed % 60_000) / 1_000
    let out = UInt64(sums[minute].out * factor + max(rest, 0)) / 3_600_000
    let into = UInt64(sums[minute].into * factor + max(-rest, 0)) / 3_600_000
    return SiteReading(
      site: SiteIndex(site), instant: UTCInstant(milliseconds: milliseconds),
      power: Power(milliwatts: power.roundedQuotient(1_000) * 1_000),
      export: EnergyRegister(raw: 1_000_000 + UInt64(site) * 7_919_123 % 9_000_000 + out, scale: 0),
      import: EnergyRegister(raw: 100_000 + UInt64(site) * 104_729 % 900_000 + into, scale: 0))
  }

  /// Every frame decodes by itself, so a part of the frames tells what all of them take.
  @Test func theRecordedDayTakesAtMostFourBytesASample() throws {
    try #require(minutes.count == 1_440)
    var random = SeededRandom(seed: 4)
    var encoder = ReadingsEncoder()
    var (byteCount, sampleCount, inSectors, inBlocks) = (0, 0, 0, 0)
    for second in stride(from: Int64(0), to: 86_400, by: 29) {
      let start = Self.midnight + second * 1_000
      let slot = Int(second % 4) * 25
      let readings = (0..<25).map { place in
        reading(slot + place, at: start + Int64(place) * 40 + Int64.random(in: 1...25, using: &random))
      }
      let frame = ReadingsFrame(
        clock: HostClock(
          boot: BootID(random.next()),
          moment: Moment(
            utc: UTCInstant(milliseconds: start + 1_000), uptime: UptimeInstant(milliseconds: 864_000_000 + start)),
          synchronisation: .synchronised),
        readings: readings)
      let record = encoder.encode(frame)
      #expect(try ReadingsRecord(record) == .readings(frame))
      let frameByteCount = CommitFrame.byteCount([record])
      byteCount += frameByteCount
      inSectors += (frameByteCount + 511) / 512 * 512
      inBlocks += (frameByteCount + 4_095) / 4_096 * 4_096
      sampleCount += 3 * readings.count
    }
    #expect(Double(byteCount) / Double(sampleCount) <= 4)
    #expect(Double(byteCount) / Double(sampleCount) >= 2, "what is this little is no recorded day")
    #expect(Double(inSectors) / Double(sampleCount) > 6, "why the readings are packed")
    #expect(Double(inBlocks) / Double(sampleCount) > 50)
    print(
      "bytes a sample: \(Double(byteCount) / Double(sampleCount)), in sectors \(Double(inSectors) / Double(sampleCount))"
    )
  }
}
