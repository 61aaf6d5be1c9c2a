import TelemetrySimulation
import Testing

@testable import TelemetryCore

@Suite struct ReadingsCodecTests {
  private func decoded(_ record: LogRecord) throws -> ReadingsFrame? {
    guard case .readings(let frame) = try ReadingsRecord(record) else { return nil }
    return frame
  }

  @Test func theReadingsOfAFleetComeBackAsTheyWere() throws {
    let readings = (0..<25).map { ReadingsFixture.reading($0, Int64($0) * 40, export: 5_000_000 + 919 * UInt64($0)) }
    let frame = ReadingsFixture.frame(readings)
    var encoder = ReadingsEncoder()
    #expect(try decoded(encoder.encode(frame)) == frame)
  }

  /// P4: absence is never zero, and zero never absence.
  @Test func whatIsAbsentComesBackAbsentAndZeroComesBackAsZero() throws {
    let frame = ReadingsFixture.frame([
      ReadingsFixture.reading(0, 0, power: nil), ReadingsFixture.reading(1, 1, power: 0, export: 0, import: nil),
      ReadingsFixture.reading(2, 2, power: -3, export: nil, import: 0),
      ReadingsFixture.reading(3, 2, power: nil, export: nil, import: nil),
    ])
    var encoder = ReadingsEncoder()
    #expect(try decoded(encoder.encode(frame)) == frame)
    let nothing = ReadingsFixture.frame([ReadingsFixture.reading(7, 5, power: nil, export: nil, import: nil)])
    #expect(try decoded(encoder.encode(nothing)) == nothing)
  }

  @Test(arguments: UInt64(0)..<300) func whateverTheValuesAreTheyComeBack(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var encoder = ReadingsEncoder()
    for _ in 0..<5 {
      let frame = ReadingsFixture.wild(&random)
      #expect(try decoded(encoder.encode(frame)) == frame, "seed \(seed)")
    }
  }

  @Test func theNamesOfSitesComeBack() throws {
    let sites = (0..<300).map { SiteID("site-\($0)") }
    #expect(try ReadingsRecord(ReadingsRecord.encode(sites)) == .sites(sites))
    #expect(try ReadingsRecord(ReadingsRecord.encode([])) == .sites([]))
  }

  /// A frame's checksum finds all of these; whoever mends a file by hand meets the codec itself.
  @Test func noTruncationAndNoFlippedBitTraps() {
    var encoder = ReadingsEncoder()
    var random = SeededRandom(seed: 11)
    let calm = ReadingsFixture.frame((0..<25).map { ReadingsFixture.reading($0, Int64($0) * 40) })
    for record in [encoder.encode(calm), encoder.encode(ReadingsFixture.wild(&random))] {
      for length in 0..<record.payload.count {
        let cut = LogRecord(kind: record.kind, payload: Array(record.payload.prefix(length)))
        #expect(throws: ReadingsDecodingProblem.self, "cut at \(length)") { try ReadingsRecord(cut) }
      }
      for bit in 0..<(record.payload.count * 8) {
        var flipped = record
        flipped.payload[bit / 8] ^= 1 << UInt8(bit % 8)
        let other = try? ReadingsRecord(flipped)
        #expect(other != .readings(calm), "bit \(bit) means nothing")
      }
    }
  }

  @Test(arguments: UInt64(0)..<200) func noMangledRecordTraps(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var encoder = ReadingsEncoder()
    var payload = encoder.encode(ReadingsFixture.wild(&random)).payload
    for _ in 0..<30 {
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        payload[Int.random(in: 0..<payload.count, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      }
      for kind in [ReadingsRecordKind.sites, .readings] {
        let read = try? ReadingsRecord(LogRecord(kind: kind.rawValue, payload: payload))
        if case .readings(let frame) = read { #expect(frame.readings.count <= ReadingsFrame.readingLimit) }
      }
    }
    let foreign = LogRecord(kind: 10, payload: payload)
    #expect(throws: ReadingsDecodingProblem.unknownKind(10)) { try ReadingsRecord(foreign) }
  }

  /// A column of equal values has no packed bytes, so its count alone would ask for any amount of room.
  @Test func aCountOutOfThinAirIsRefused() {
    var writer = ByteWriter()
    writer.writeUInt8(1)
    writer.writeUInt64(0)
    for value: UInt64 in [1, 2, 0, 1 << 40] { writer.writeVarint(value) }
    let record = LogRecord(kind: ReadingsRecordKind.readings.rawValue, payload: writer.bytes)
    #expect(throws: ReadingsDecodingProblem.self) { try ReadingsRecord(record) }
  }

  @Test func aBootIsKnownByTheStartOfItsIdentifier() {
    let boot = BootID(text: "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9\n")
    #expect(boot?.text == "0a1b2c3d4e5f6071")
    #expect(BootID(text: "none") == nil)
  }
}
