import Testing

import TelemetryCore
import TelemetrySimulation

@Suite struct ResidualTests {
  private let unit: WireUnit

  init() throws { unit = try #require(WireUnit(symbol: "MWh", digits: 6)) }

  @Test func theUnitOfALastDigitIsAWholeNumberOfMillijoules() {
    #expect(WireUnit(symbol: "MWh", digits: 6)?.millijoules == 3_600_000)
    #expect(WireUnit(symbol: "MWh", digits: 4)?.millijoules == 360_000_000)
    #expect(WireUnit(symbol: "kWh", digits: 3)?.millijoules == 3_600_000)
    #expect(WireUnit(symbol: "Wh", digits: 5)?.millijoules == 36)
    #expect(WireUnit(symbol: "Wh", digits: 6) == nil)
    #expect(WireUnit(symbol: "BTU", digits: 0) == nil)
  }

  @Test(arguments: UInt64(0)..<20)
  func valuesTimesUnitAndResidualAreTheExactEnergiesAtEveryPosition(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var residual = Residual.zero
    var exact = Int128(0)
    var values = Int128(0)
    for _ in 0..<500 {
      let change = Energy(millijoules: Int64.random(in: -40_000_000...40_000_000, using: &random))
      exact += Int128(change.millijoules)
      values += Int128(residual.account(for: change, unit: unit))
      #expect(values * Int128(unit.millijoules) + Int128(residual.energy.millijoules) == exact)
      #expect(residual.isAtMostHalf(of: unit))
    }
  }

  @Test func revisingAnIntervalIsTheSameOperationAsSealingIt() {
    var once = Residual.zero
    var twice = Residual.zero
    let whole = once.account(for: Energy(millijoules: 5_399_999), unit: unit)
    let parts =
      twice.account(for: Energy(millijoules: 1_800_001), unit: unit)
      + twice.account(for: Energy(millijoules: 3_599_998), unit: unit)
    #expect(whole == 1)
    #expect(parts == 1)
    #expect(once == twice)
  }

  @Test func valuesAreShownWithAllTheirDigits() {
    #expect(unit.text(142_500) == "0.142500")
    #expect(unit.text(-1) == "-0.000001")
    #expect(unit.text(12_345_678) == "12.345678")
    #expect(unit.text(.min) == "-9223372036854.775808")
    #expect(WireUnit(symbol: "Wh", digits: 0)?.text(7) == "7")
  }
}
