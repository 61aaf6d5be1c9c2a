import Testing

@testable import TelemetryCore

/// Registers that do not go on where they were: each failure that was seen in the field, by itself.
@Suite struct RegisterTurnTests {
  /// A site of 10 kW that is read every four seconds, in counts of one watt-hour.
  private struct Meter {
    var history = RegisterHistory()
    var second: Int64 = 0
    var rollover = RegisterRollover.none
    private(set) var acceptances: [RegisterHistory.Acceptance] = []
    private(set) var refusalCount = 0

    mutating func read(_ raws: UInt64..., every seconds: Int64 = 4) { read(raws, every: seconds) }

    mutating func read(_ raws: [UInt64], every seconds: Int64 = 4) {
      for raw in raws {
        second += seconds
        read(raw, at: second)
      }
    }

    mutating func read(_ raw: UInt64, at second: Int64) {
      guard let register = EnergyRegister(raw: raw, scale: 0) else { return }
      let terms = RegisterTerms(
        nameplate: Power(milliwatts: 10_000_000), length: .fiveMinutes, bridge: .seconds(15), rollover: rollover)
      switch history.accept(RegisterAtInstant(instant: UTCInstant(seconds: second), register: register), terms) {
      case .success(let told): acceptances += told
      case .failure: refusalCount += 1
      }
    }

    var turns: [RegisterTurn.Reason] {
      acceptances.compactMap { if case .turned(let turn) = $0 { turn.reason } else { nil } }
    }

    /// In watt-hours, counted from the first reading.
    func energy(since first: UInt64) -> Int64 {
      let millijoules = history.baseline?.cumulative.millijoules ?? 0
      return Int64(millijoules / Int128(Energy.millijoulesPerWattHour)) - Int64(first)
    }
  }

  @Test func oneMomentaryZeroOfALifetimeCounterIsNoEnergy() {
    var meter = Meter()
    meter.read(53_700_000, 53_700_004, 0, 53_700_012, 53_700_016)
    #expect(meter.energy(since: 53_700_000) == 16)
    #expect(meter.turns.isEmpty && meter.refusalCount == 1)
  }

  @Test func elevenZeroBouncesInADayAreNoEnergy() {
    var meter = Meter()
    var raw: UInt64 = 187_710
    for hour in 0..<24 {
      meter.read((0..<900).map { raw + $0 * 8 })
      raw += 900 * 8
      if hour < 11 { meter.read(Array(repeating: 0, count: 1 + hour * 20)) }
    }
    #expect(meter.energy(since: 187_710) == 24 * 900 * 8 - 8)
    #expect(meter.turns.isEmpty)
  }

  @Test func aZeroAtTheFirstReadingIsNoEnergyWhenTheCountComes() {
    var meter = Meter()
    meter.read(0, 53_700_000, 53_700_004, 53_700_008, 53_700_012)
    #expect(meter.energy(since: 0) == 12)
    #expect(meter.turns == [.reset])
  }

  @Test func aLifetimeCounterThatIsZeroAtNightHasItsEnergyInTheMorning() {
    var meter = Meter()
    meter.read(40_000, 40_008)
    meter.read(Array(repeating: 0, count: 8 * 900))
    #expect(meter.energy(since: 40_000) == 8)
    #expect(meter.turns == [.reset])
    meter.read(40_020, 40_028, 40_036, 40_044)
    #expect(meter.turns == [.reset, .returned])
    #expect(meter.energy(since: 40_000) == 44)
  }

  @Test func aCounterThatIsBackAfterHoursOfSilenceIsNotTakenForEnergy() {
    var meter = Meter()
    meter.read(40_000, 40_008)
    meter.read(Array(repeating: 0, count: 300))
    meter.second += 10 * 3_600
    meter.read(40_020, 40_028, 40_036)
    #expect(meter.turns == [.reset, .returned])
    #expect(meter.energy(since: 40_000) == 36)
  }

  @Test func zerosAreBelievedAfterAQuarterOfAnHourAndNotBefore() {
    var meter = Meter()
    meter.read(900, 900)
    meter.read(Array(repeating: 0, count: 225))
    #expect(meter.turns.isEmpty)
    meter.read(0)
    #expect(meter.turns == [.reset])
  }

  @Test func aCounterThatIsSetBackEachDayCountsOnFromThere() {
    var meter = Meter()
    meter.read(24_000, 24_008, 24_016, 3, 11, 19, 27)
    #expect(meter.turns == [.reset])
    #expect(meter.energy(since: 24_000) == 16 + 24)
  }

  @Test func twoConsistentReadingsDecideNothing() {
    var meter = Meter()
    meter.read(24_000, 24_008, 3, 11, 24_032)
    #expect(meter.turns.isEmpty)
    #expect(meter.energy(since: 24_000) == 32)
  }

  @Test func aJumpIsDecidedByThreeReadingsAndGivesNoEnergy() {
    var meter = Meter()
    meter.read(24_000, 24_008, 9_000_000, 9_000_008, 9_000_016)
    #expect(meter.turns == [.reset])
    #expect(meter.energy(since: 24_000) == 8 + 16)
  }

  /// A burst above the nameplate that the average makes good is accepted as soon as it fits.
  @Test func aReadingThatGoesOnFromTheLastAcceptedOneEndsTheRun() {
    var meter = Meter()
    meter.read(1_000, 1_010, 1_060, 1_110)
    #expect(meter.refusalCount == 2)
    meter.second += 40
    meter.read(1_150)
    #expect(meter.turns.isEmpty)
    #expect(meter.energy(since: 1_000) == 150)
  }

  @Test(arguments: [UInt64(1) << 16, 1 << 32])
  func aRegisterThatRollsOverLosesNothing(period: UInt64) {
    var meter = Meter(rollover: .after(Int128(period)))
    meter.read(period - 13, period - 5, 3, 11, 19)
    #expect(meter.turns == [.rollover])
    #expect(meter.energy(since: period - 13) == 32)
    #expect(meter.history.baseline?.base.breaks == 0)
  }

  @Test func sunSpecAccumulatorsRollOverAtThirtyTwoBits() {
    var meter = Meter(rollover: .sunSpec)
    meter.read(UInt64(UInt32.max), 7, 15, 23)
    #expect(meter.turns == [.rollover])
    #expect(meter.energy(since: UInt64(UInt32.max)) == 24)
  }

  @Test func aDropThatTheEndOfTheWidthDoesNotExplainIsAReset() {
    var meter = Meter(rollover: .after(1 << 16))
    meter.read(30_000, 30_008, 3, 11, 19)
    #expect(meter.turns == [.reset])
  }

  @Test func afterALongSilenceAShortRegisterMayHaveComeRoundTwice() {
    var meter = Meter(rollover: .after(1 << 16))
    meter.read(65_000)
    meter.second += 10 * 3_600
    meter.read(3, 11, 19)
    #expect(meter.turns == [.reset])
    #expect(meter.energy(since: 65_000) == 16)
  }

  @Test func momentaryZerosJustBelowTheEndAreNoRollover() {
    var meter = Meter(rollover: .after(1 << 16))
    meter.read(65_520, 65_528, 0, 0, 0, 0, 65_535)
    #expect(meter.turns.isEmpty)
    #expect(meter.energy(since: 65_520) == 15)
  }

  @Test func theFirstReadingOfAnotherMeterBeginsAnew() {
    var meter = Meter()
    meter.read(24_000, 24_008)
    meter.history.replace(at: UTCInstant(seconds: 10))
    meter.read(24_016, 24_020)
    #expect(meter.turns == [.replaced])
    #expect(meter.energy(since: 24_000) == 8 + 4, "also where the other one stands in a likely place")
  }

  @Test func anIntervalAcrossWhatIsNotKnownIsEstimatedAndTheNextOneIsNot() throws {
    var meter = Meter()
    meter.read((0..<110).map { 24_000 + $0 * 8 })
    meter.read((0..<200).map { 3 + $0 * 8 })
    let registers = try [300, 600, 900].map {
      try #require(meter.history.register(at: IntervalEnding(seconds: $0, length: .fiveMinutes)))
    }
    #expect(registers.map(\.quality) == [.measured, .measured, .measured])
    let shares = try zip(registers, registers.dropFirst()).map {
      try #require(SiteShare(from: $0, to: SiteRegister(site: 0, register: $1), lossFactor: 10_000))
    }
    #expect(meter.history.turn?.lastOld.instant == UTCInstant(seconds: 440))
    #expect(shares.map(\.quality) == [.estimated, .measured])
    #expect(shares[0].energy.millijoules == 74 * 8 * Energy.millijoulesPerWattHour)
    let ending = registers[1].boundary
    #expect(meter.history.quality(of: ending, .fiveMinutes, bridge: .seconds(15)) == .estimated)
  }

  @Test func aBoundaryBetweenTheTwoReadingsOfAResetIsEstimated() throws {
    var meter = Meter()
    meter.read((0..<74).map { 24_000 + $0 * 8 })
    meter.second = 298
    meter.read(3, 11, 19)
    let register = try #require(meter.history.register(at: IntervalEnding(seconds: 300, length: .fiveMinutes)))
    #expect(register.quality == .estimated)
    #expect(register.cumulative == register.earlier.cumulative)
  }

  // MARK: Late readings around a turn

  @Test func readingsThatComeLateAroundAResetAreCountedOnTheirSide() {
    var meter = Meter()
    meter.read(24_000, 24_008)
    meter.read(19, at: 28)
    meter.read(27, at: 32)
    meter.read(35, at: 36)
    #expect(meter.turns == [.reset])
    #expect(meter.energy(since: 24_000) == 8 + 16)
    meter.read(24_016, at: 12)
    meter.read(3, at: 20)
    meter.read(11, at: 24)
    meter.read(24_016, at: 16)
    #expect(meter.energy(since: 24_000) == 16 + 32)
    #expect(meter.history.turn?.lastOld.instant == UTCInstant(seconds: 16))
    #expect(meter.history.turn?.firstNew.instant == UTCInstant(seconds: 20))
  }

  @Test func whatComesLateMovesTheBoundariesAfterTheTurnTogether() throws {
    var meter = Meter()
    meter.read(24_000, at: 200)
    for second: Int64 in [320, 340, 360, 610] { meter.read(UInt64(second - 300), at: second) }
    let ending = IntervalEnding(seconds: 600, length: .fiveMinutes)
    let before = try #require(meter.history.register(at: ending)).cumulative.millijoules
    meter.read(8, at: 308)
    let after = try #require(meter.history.register(at: ending)).cumulative.millijoules
    #expect(after - before == 12 * Int128(Energy.millijoulesPerWattHour))
    guard case .moved(let moved)? = meter.acceptances.last else { return #expect(Bool(false), "boundaries have moved") }
    #expect(moved.map(\.boundary.seconds) == [300, 600])
    var restored = RegisterHistory()
    for boundary in moved { restored.restore(boundary, bridge: .seconds(15)) }
    if let turn = meter.history.turn { restored.restore(turn) }
    #expect(restored.turn == meter.history.turn)
  }
}
