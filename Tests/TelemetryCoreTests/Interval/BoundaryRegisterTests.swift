import Testing

import TelemetryCore
import TelemetrySimulation

@Suite struct BoundaryRegisterTests {
  private func reading(_ milliseconds: Int64, _ raw: UInt64) throws -> RegisterAtInstant {
    RegisterAtInstant(
      instant: UTCInstant(milliseconds: milliseconds), register: try #require(EnergyRegister(raw: raw, scale: 0)))
  }

  private func terms(_ nameplate: Power) -> RegisterTerms {
    RegisterTerms(nameplate: nameplate, length: .fiveMinutes, bridge: .seconds(15))
  }

  private func ending(_ seconds: Int64) -> IntervalEnding { IntervalEnding(seconds: seconds, length: .fiveMinutes) }

  @Test func aBoundaryBetweenTwoReadingsIsInterpolatedAndFloored() throws {
    let register = BoundaryRegister(
      at: ending(300), from: try reading(299_000, 100), to: try reading(302_000, 101), bridge: .seconds(15))
    #expect(register.cumulative.millijoules == 100 * 3_600_000 + 1_200_000)
    #expect(register.quality == .measured)
  }

  @Test func aReadingOnTheBoundaryIsTheBoundary() throws {
    let register = BoundaryRegister(
      at: ending(300), from: try reading(296_000, 100), to: try reading(300_000, 107), bridge: .seconds(15))
    #expect(register.cumulative.millijoules == 107 * 3_600_000)
  }

  @Test func aReadingFartherThanTheBridgeMakesAnEstimate() throws {
    let late = BoundaryRegister(
      at: ending(300), from: try reading(299_000, 100), to: try reading(315_001, 101), bridge: .seconds(15))
    let inTime = BoundaryRegister(
      at: ending(300), from: try reading(285_000, 100), to: try reading(315_000, 101), bridge: .seconds(15))
    #expect(late.quality == .estimated)
    #expect(inTime.quality == .measured)
  }

  @Test(arguments: UInt64(0)..<30)
  func energiesAcrossAGapAddUpToTheRegisterDifference(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var history = RegisterHistory()
    var instant = Int64.random(in: 0..<300_000, using: &random)
    var raw = UInt64.random(in: 1...1_000_000, using: &random)
    for _ in 0..<60 {
      _ = try history.accept(
        try reading(instant, raw), terms(Power(milliwatts: .max >> 16))
      ).get()
      instant += Int64.random(in: 1...2_000_000, using: &random)
      raw += UInt64.random(in: 0...5_000, using: &random)
    }
    let origin = try #require(history.firstBoundary)
    let closed = (0..<100_000).lazy.map { history.register(at: origin.advanced(by: $0, .fiveMinutes)) }
      .prefix { $0 != nil }.compactMap(\.self)
    let energies = zip(closed, closed.dropFirst()).map { $1.cumulative.energy(since: $0.cumulative) }
    let first = try #require(closed.first)
    let last = try #require(closed.last)
    let end = try #require(history.baseline).instant
    #expect(last.boundary.instant + .seconds(300) > end, "no boundary is left out")
    #expect(zip(closed, closed.dropFirst()).allSatisfy { $1.boundary.seconds - $0.boundary.seconds == 300 })
    #expect(energies.allSatisfy { ($0?.millijoules ?? -1) >= 0 })
    #expect(
      energies.compactMap { $0?.millijoules }.reduce(0, +)
        == Int64(last.cumulative.millijoules - first.cumulative.millijoules))
  }

  @Test func lossesAreTakenFromTheCumulativeSoTheyTelescope() throws {
    let earlier = try reading(0, 1)
    let boundaries = (1...20).map { index in
      BoundaryRegister(
        boundary: ending(Int64(index) * 300), cumulative: CumulativeEnergy(millijoules: Int128(index) * 7_777_777),
        earlier: earlier, later: earlier, quality: .measured)
    }
    let adjusted = boundaries.map { $0.cumulative(lossFactor: 9_873).millijoules }
    let sum = zip(adjusted, adjusted.dropFirst()).reduce(Int128(0)) { $0 + $1.1 - $1.0 }
    #expect(sum == adjusted[19] - adjusted[0])
    #expect(adjusted[0] == 7_777_777 * 9_873 / 10_000)
  }

  @Test func whatTheLedgerRestoresIsWhatReadingsMade() throws {
    var live = RegisterHistory()
    var restored = RegisterHistory()
    for step: Int64 in 0..<40 {
      let closed = try live.accept(
        try reading(step * 60_000, UInt64(1_000 + step)), terms(Power(milliwatts: 1_000_000_000))
      ).get()
      if case .closed(let boundary)? = closed.first, let register = live.register(at: boundary) {
        restored.restore(register, bridge: .seconds(15))
      }
    }
    #expect(restored.firstBoundary == live.firstBoundary)
    for index: Int64 in 1..<8 {
      #expect(restored.register(at: ending(index * 300)) == live.register(at: ending(index * 300)))
    }
  }

  @Test func oneBoundaryOfTheLedgerRestoresTheLaterOnesBetweenTheSameReadings() throws {
    var live = RegisterHistory()
    let nameplate = Power(milliwatts: 1_000_000_000)
    for (milliseconds, raw): (Int64, UInt64) in [(299_000, 1_000), (901_000, 9_000)] {
      _ = try live.accept(
        try reading(milliseconds, raw), terms(nameplate)
      ).get()
    }
    var restored = RegisterHistory()
    restored.restore(try #require(live.register(at: ending(300))), bridge: .seconds(15))
    for index: Int64 in 0...4 {
      #expect(restored.register(at: ending(index * 300)) == live.register(at: ending(index * 300)))
    }
    #expect(restored.baseline == live.baseline)
  }

  @Test func theLargestRegistersOverflowNothing() throws {
    #expect(EnergyRegister(raw: .max, scale: 10) == nil)
    let largest = try #require(EnergyRegister(raw: .max, scale: 3))
    let register = BoundaryRegister(
      at: ending(300),
      from: RegisterAtInstant(
        instant: UTCInstant(seconds: -2_000_000_000), register: try #require(EnergyRegister(raw: 0, scale: 0))),
      to: RegisterAtInstant(instant: UTCInstant(seconds: 200_000_000_000), register: largest), bridge: .seconds(15))
    #expect(register.cumulative(lossFactor: 20_000).millijoules > 0)
  }

  @Test func anInstantOnTheBoundaryBelongsToTheIntervalItEnds() {
    #expect(IntervalEnding(containing: UTCInstant(seconds: 300), length: .fiveMinutes) == ending(300))
    #expect(IntervalEnding(containing: UTCInstant(milliseconds: 300_001), length: .fiveMinutes) == ending(600))
    #expect(IntervalEnding(containing: UTCInstant(milliseconds: -1), length: .fiveMinutes) == ending(0))
  }
}
