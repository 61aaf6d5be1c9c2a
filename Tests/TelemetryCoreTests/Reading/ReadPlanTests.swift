import Testing

@testable import TelemetryCore
import TelemetrySimulation

@Suite struct ReadPlanTests {
  private func map(power: Int? = nil, factor: Int? = nil, export: Int? = nil, import imported: Int? = nil) -> MeterMap {
    var map = MeterMap()
    map.power = power.map { RegisterPoint(address: $0, form: .int16) }
    if let factor { map.power?.scale = .factor(at: factor) }
    map.export = export.map { RegisterPoint(address: $0, form: .int64) }
    map.import = imported.map { RegisterPoint(address: $0, form: .int64) }
    return map
  }

  private func blocks(_ map: MeterMap) -> [[Int]]? {
    ReadPlan(map)?.blocks.map { [Int($0.request.start), Int($0.request.count)] }
  }

  @Test func pointsAreReadTogetherAcrossTheGapsBetweenThem() {
    #expect(blocks(map(power: 3_059, export: 3_100, import: 3_179)) == [[3_059, 124]])
    #expect(blocks(map(power: 3_059, export: 3_100, import: 3_180)) == [[3_059, 125]])
  }

  @Test func whatDoesNotFitOneRequestIsCutBetweenPoints() {
    #expect(blocks(map(power: 3_059, export: 3_100, import: 3_181)) == [[3_059, 45], [3_181, 4]])
    #expect(blocks(map(power: 3_059, export: 3_203, import: 3_207)) == [[3_059, 1], [3_203, 8]])
  }

  @Test func aPointIsReadWithItsScaleFactorOrNotAtAll() {
    #expect(blocks(map(power: 100, factor: 224)) == [[100, 125]])
    #expect(blocks(map(power: 100, factor: 225)) == nil)
    #expect(blocks(map(power: 224, factor: 100, export: 221)) == [[100, 125]])
    #expect(blocks(map(power: 224, factor: 100, export: 222)) == [[100, 125], [222, 4]])
  }

  @Test func noPlanReachesBeyondTheTable() {
    #expect(blocks(map(export: 65_532)) == [[65_532, 4]])
    #expect(blocks(map(export: 65_533)) == nil)
    #expect(blocks(map()) == nil)
  }

  @Test func noPlanAndNoCutOfItSplitsAPoint() {
    for seed in UInt64(0)..<500 {
      var random = SeededRandom(seed: seed)
      func address() -> Int? { Bool.random(using: &random) ? nil : Int.random(in: 0...400, using: &random) }
      let map = map(power: address() ?? 7, factor: address(), export: address(), import: address())
      guard var plan = ReadPlan(map) else { continue }
      while true {
        for block in plan.blocks { #expect(block.request.count <= 125, "seed \(seed)") }
        for atom in map.atoms {
          #expect(plan.blocks.contains { $0.first <= atom.lowerBound && atom.upperBound < $0.end }, "seed \(seed)")
        }
        guard let index = plan.blocks.indices.first(where: { !plan.blocks[$0].isWhole }), plan.split(index) else {
          break
        }
      }
      #expect(plan.blocks.count == map.atoms.count, "seed \(seed)")
    }
  }
}
