import MarketCore
import TelemetryCore
import Testing

@Suite struct ComparisonTests {
  private static let zone = OASISRequestTests.pacific
  private static let flows = [MeasurementType("GEN"): Flow.export, MeasurementType("LOAD"): Flow.import]

  private static func comparison(_ date: String = "2026-11-24") throws -> IntervalComparison {
    IntervalComparison(
      resource: ResourceID("R1"), tradeDate: try #require(TradeDate(date)), length: .fiveMinutes, zone: zone)
  }

  private static func row(
    _ measurement: String, _ ending: IntervalEnding, _ value: String?, _ quality: QualityClass = .measured,
    unit: String = "MWh"
  ) -> IntervalRow {
    IntervalRow(
      resource: ResourceID("R1"), measurement: MeasurementType(measurement), intervalEnding: ending, state: "accepted",
      value: value, unit: unit, quality: quality, revision: 1, siteCount: 1, submission: nil)
  }

  private static func schedule(_ date: String, _ numbers: [Int]) throws -> DaySchedule {
    var reading = ScheduleReading(zone: zone)
    let hours = numbers.map { ("\($0)", RegistrationFixtures.text("0.\($0 < 10 ? "0" : "")\($0)")) }
    reading.read(
      RegistrationFixtures.map([
        ("transaction", RegistrationFixtures.text("SC_SCHEDULE")), ("resource", RegistrationFixtures.text("R1")),
        ("trading_date", RegistrationFixtures.text(date)), ("hours", RegistrationFixtures.map(hours)),
      ]))
    return try #require(reading.schedules.first)
  }

  @Test(arguments: [("2026-03-08", 276), ("2026-11-24", 288), ("2026-11-01", 300)])
  func aDayHasAsManyIntervalsAsItHasAndEachItsHoursSchedule(_ date: String, _ count: Int) throws {
    var comparison = try Self.comparison(date)
    let numbers = count == 276 ? [1, 2] + Array(4...24) : Array(1...count / 12)
    comparison.setScheduled(try Self.schedule(date, numbers))
    #expect(comparison.intervals.count == count)
    let powers = comparison.intervals.compactMap { $0.scheduled?.milliwatts }
    #expect(powers == numbers.flatMap { Array(repeating: Int64($0) * 10_000_000, count: 12) })
  }

  @Test func aDeviationIsMeasuredLessScheduledAndWorthItsPrice() throws {
    var comparison = try Self.comparison()
    comparison.setScheduled(try Self.schedule("2026-11-24", Array(1...24)))
    let first = comparison.intervals[0].ending
    // 10 kW scheduled for five minutes are 0.000833… MWh; 0.002 MWh out and 0.0005 MWh in were measured.
    comparison.setMeasured(
      [Self.row("GEN", first, "0.002000"), Self.row("LOAD", first, "500", unit: "Wh")], flows: Self.flows)
    comparison.setPrices([first.start(.fiveMinutes): EnergyPrice(microdollars: 30_000_000)], step: .seconds(300))
    let interval = comparison.intervals[0]
    #expect(interval.measured == Energy(millijoules: 1_500 * 3_600_000))
    #expect(comparison.deviation(interval) == Energy(millijoules: 5_400_000_000 - 3_000_000_000))
    #expect(comparison.worth(interval) == 20_000)  // 0.000667 MWh at $30: two cents
    let totals = comparison.totals
    #expect(totals.comparedCount == 1 && totals.pricedCount == 1 && totals.deviationPerMille == 800)
  }

  @Test func aFlowThatIsMissingMakesNoSum() throws {
    var comparison = try Self.comparison()
    let endings = comparison.intervals.map(\.ending)
    comparison.setMeasured(
      [
        Self.row("GEN", endings[0], "0.1"), Self.row("GEN", endings[1], "0.1"), Self.row("LOAD", endings[1], nil),
        Self.row("GEN", endings[2], "0.1"), Self.row("LOAD", endings[2], "0.0", .estimated),
      ], flows: Self.flows)
    #expect(comparison.intervals.prefix(3).map { $0.measured != nil } == [false, false, true])
    #expect(comparison.intervals[2].quality == .estimated && comparison.totals.comparedCount == 0)
  }

  @Test func aPriceOfFifteenMinutesHoldsForThreeIntervals() throws {
    var comparison = try Self.comparison()
    let start = comparison.intervals[3].ending.start(.fiveMinutes)
    comparison.setPrices([start: EnergyPrice(microdollars: -5)], step: .seconds(900))
    #expect(comparison.intervals.indices.filter { comparison.intervals[$0].price != nil } == [3, 4, 5])
    #expect(EnergyPrice("-12.34567") == EnergyPrice(microdollars: -12_345_670) && EnergyPrice("x") == nil)
  }

  // MARK: The picture

  @Test(arguments: [("2026-03-08", 23), ("2026-11-24", 24), ("2026-11-01", 25)])
  func thePictureHasTheHoursThatClocksShow(_ date: String, _ count: Int) throws {
    let svg = IntervalPlot(try Self.comparison(date), zone: Self.zone).svg
    let labels = svg.matches(of: />(\d\d)<\/text>/).map { String($0.output.1) }
    #expect(labels.count == count && labels.first == "00" && labels.last == "23")
    #expect(labels.filter { $0 == "01" }.count == (count == 25 ? 2 : 1))
    #expect(labels.contains("02") == (count != 23))
    #expect(svg.matches(of: /class="missing"/).count == 1 && !svg.contains("<path class"))
  }

  @Test func whatIsMissingIsShadedAndALineHasAGapThere() throws {
    var comparison = try Self.comparison()
    let endings = comparison.intervals.map(\.ending)
    comparison.setMeasured(
      endings.enumerated().filter { !(100..<110).contains($0.offset) }.map { Self.row("GEN", $0.element, "0.05") },
      flows: [MeasurementType("GEN"): .export])
    comparison.setScheduled(try Self.schedule("2026-11-24", Array(1...24)))
    let plot = IntervalPlot(comparison, zone: Self.zone)
    #expect(plot.svg == IntervalPlot(comparison, zone: Self.zone).svg)
    let measured = try #require(plot.svg.firstMatch(of: /class="measured" d="([^"]*)"/)).output.1
    #expect(measured.matches(of: /M/).count == 2 && measured.matches(of: /H/).count == 278)
    #expect(plot.svg.matches(of: /class="missing"/).count == 1)
    for name in ["measured, MW", "scheduled, MW", "dispatched, MW (none known)", "price, $/MWh (none known)"] {
      let isThere = plot.svg.contains(">\(name)<")
      #expect(isThere, "\(name)")
    }
  }

  @Test func anAxisHoldsEveryValueAndHasAFewRoundNumbers() {
    var random = SplitMix(state: 1)
    for _ in 0..<2_000 {
      let values = (0..<3).map { _ in random.next() >> Int64(random.next().magnitude % 60) }
      var comparison: [Int64] = values
      comparison.append(0)
      let bounds = Self.bounds(values)
      #expect(bounds.least <= comparison.min() ?? 0 && bounds.most >= comparison.max() ?? 0, "\(values)")
      #expect((2...12).contains(bounds.count), "\(values): \(bounds)")
    }
  }

  private static func bounds(_ values: [Int64]) -> (least: Int64, most: Int64, count: Int) {
    let scale = PlotAxis(values)
    return (scale.least, scale.most, scale.tickCount)
  }

  /// Numbers of at most 55 bits, the same on every machine.
  private struct SplitMix {
    var state: UInt64
    mutating func next() -> Int64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var word = state
      word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
      return Int64(bitPattern: word ^ (word >> 31)) >> 8
    }
  }
}
