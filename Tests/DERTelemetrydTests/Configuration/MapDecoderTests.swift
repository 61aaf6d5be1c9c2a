import TelemetryCore
import Testing

@Suite struct MapDecoderTests {
  private typealias Fixtures = ConfigurationFixtures

  private func site(map: String, id: String = "m") -> String {
    """
    - id: \(id)
      resource: EXAMPL_7_DERA1
      nameplate: 1 MW
      modbus: { host: 10.20.0.12, unit: 3 }
      map: \(map)
    """
  }

  private func source(_ map: String) throws -> MeterSource? {
    try Fixtures.decode(sites: site(map: map)).get().sites.first?.source
  }

  private func map(_ text: String) throws -> MeterMap {
    guard case .byHand(let map)? = try source(text) else {
      Issue.record("no map by hand")
      return MeterMap()
    }
    return map
  }

  @Test func aMapByHandIsReadAsItIsWritten() throws {
    let map = try map(
      """
      {
          active_power: { register: 3059, type: float32, unit: kW, sign: import-positive },
          energy_import: { register: 3203, type: int64, unit: Wh },
          energy_export: { register: 3207, type: int64, unit: Wh } }
      """)
    #expect(map.table == .holding)
    #expect(!map.powerIsExport)
    #expect(map.power?.words == 3_059..<3_061)
    #expect(map.power?.exponent == 3)
    #expect(map.import?.words == 3_203..<3_207)
    #expect(ReadPlan(map)?.blocks.map(\.request.start) == [3_059, 3_203])
  }

  @Test func tableWordOrderScaleAndUnitMakeTheValue() throws {
    let map = try map(
      """
      { table: input, word_order: low-first, active_power: { register: 1, type: int32, unit: W, scale: 2.5 },
          energy_export: { register: 3, type: uint32, unit: kWh, scale: 0.1 } }
      """)
    #expect(map.table == .input)
    // -100 · 2.5 W; 0x00020003 · 0.1 kWh.
    let points = map.points([0xFF9C, 0xFFFF, 0x0003, 0x0002], from: 1)
    #expect(points?.power == Power(milliwatts: -250_000))
    #expect(points?.export == EnergyRegister(raw: 0x20003, scale: 2))
    #expect(points?.import == nil)
  }

  @Test func aScaleRegisterIsReadWithItsPoint() throws {
    let map = try map("{ energy_export: { register: 100, type: uint32, unit: Wh, scale_register: 110 } }")
    #expect(ReadPlan(map)?.blocks.map(\.request) == [ModbusRequest(start: 100, count: 11)])
    let registers: [UInt16] = [0, 7] + Array(repeating: 9, count: 8) + [3]
    #expect(map.points(registers, from: 100)?.export == EnergyRegister(raw: 7, scale: 3))
  }

  @Test func aDeviceBehindAUnitIsChosen() throws {
    #expect(try source("sunspec") == .sunSpec(.any))
    let choice = SunSpecChoice(device: 2, model: 203, occurrence: 1)
    #expect(try source("{ sunspec: { device: 2, model: 203 } }") == .sunSpec(choice))
  }

  @Test(arguments: [
    ("{ active_power: { register: 1, type: int16, unit: W } }", "map.energy_export: is missing"),
    ("{ energy_export: { register: 1, type: acc32, unit: Wh } }", "type: expected"),
    ("{ energy_export: { register: 65533, type: int64, unit: Wh } }", "register: is 65533"),
    ("{ energy_export: { register: 1, type: int64, unit: kW } }", "unit: expected"),
    ("{ energy_export: { register: 1, type: int64, unit: Wh, scale: 0 } }", "scale: expected"),
    ("{ energy_export: { register: 1, type: int64, unit: Wh, sign: export-positive } }", "sign: is unknown"),
    ("{ energy_export: { register: 1, type: int16, unit: Wh, scale_register: 200 } }", "too far"),
    ("{ sunspec: { model: 120 } }", "model: is none that is metered by"),
    ("solar", "map: expected `sunspec`, or a mapping"),
    ("[ sunspec ]", "map: expected `sunspec`, or a mapping"),
  ]) func whatIsNoMapIsSaidWithItsKey(map: String, problem: String) {
    let problems = Fixtures.problems(sites: site(map: map))
    #expect(problems.count == 1 && problems[0].contains(problem), "\(problems)")
  }

  @Test func sitesMayShareAUnitWhereTheyReadDifferentThings() {
    let first = site(map: "{ sunspec: { device: 1 } }")
    let second = site(map: "{ sunspec: { device: 2 } }", id: "n")
    #expect(Fixtures.problems(sites: first + "\n" + second) == [])
    #expect(Fixtures.problems(sites: first + "\n" + site(map: "{ sunspec: { device: 1 } }", id: "n")).count == 1)
  }

  @Test func anotherMapIsAnotherEpoch() throws {
    let maps = [
      "sunspec", "{ sunspec: { device: 2 } }", "{ energy_export: { register: 1, type: int64, unit: Wh } }",
      "{ energy_export: { register: 1, type: int64, unit: kWh } }",
      "{ energy_export: { register: 1, type: uint64, unit: Wh } }",
      "{ word_order: low-first, energy_export: { register: 1, type: int64, unit: Wh } }",
      "{ table: input, energy_export: { register: 1, type: int64, unit: Wh } }",
    ]
    let texts = try maps.map { try source($0)?.text }
    #expect(Set(texts).count == maps.count)
    #expect(texts[0] == "sunspec")
  }
}
