import Foundation
import MarketCore
import TelemetryCore
import Testing

/// Pictures of whole days; `PLOTS=FOLDER` keeps them there, to be looked at.
@Suite struct RecordedDayPlotTests {
  private static let zone = OASISRequestTests.pacific
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// The recorded watts by minute of the day, as those of many such arrays.
  private static func recorded() throws -> [Double] {
    let text = try String(contentsOf: root.appending(path: "data/nrel-serf-east-1min-ac-power.csv"), encoding: .utf8)
    let lines = text.split(separator: "\n").filter { $0.hasPrefix("2022-03-19") }
    return try lines.map { try #require(Double($0.split(separator: ",")[1])) * 150 }
  }

  private static func comparison(_ date: String) throws -> IntervalComparison {
    let day = try #require(TradeDate(date))
    var comparison = IntervalComparison(
      resource: ResourceID("EXAMPL_7_DERA1"), tradeDate: day, length: .fiveMinutes, zone: zone)
    let watts = try recorded()
    let endings = comparison.intervals.map(\.ending)
    let start = day.start(in: zone).seconds
    // Two sites were away in the afternoon.
    let rows = endings.enumerated().filter { !(150..<158).contains($0.offset) }.map { index, ending in
      let minute = Int(ending.seconds - start) / 60 % 1_440
      let mean = (minute - 5..<minute).map { watts[max(0, $0)] }.reduce(0, +) / 5
      return IntervalRow(
        resource: comparison.resource, measurement: MeasurementType("GEN"), intervalEnding: ending, state: "accepted",
        value: String(format: "%.6f", mean / 12_000_000), unit: "MWh", quality: .measured, revision: 1, siteCount: 1,
        submission: nil)
    }
    comparison.setMeasured(rows, flows: [MeasurementType("GEN"): .export])
    comparison.setScheduled(try schedule(date, MarketHours(of: day, in: zone).numbers))
    var dispatched: [UTCInstant: Power] = [:]
    var prices: [UTCInstant: EnergyPrice] = [:]
    for (index, ending) in endings.enumerated() {
      let hour = Int64(index) / 12
      let start = ending.start(.fiveMinutes)
      if (7..<19).contains(hour) { dispatched[start] = Power(milliwatts: (12 - abs(13 - hour)) * 50_000_000) }
      prices[start] = EnergyPrice(microdollars: (30 - (10 - abs(13 - hour)) * 4 + Int64(index % 7)) * 1_000_000)
    }
    comparison.setDispatched(dispatched)
    comparison.setPrices(prices, step: .seconds(300))
    return comparison
  }

  private static func schedule(_ date: String, _ numbers: [Int]) throws -> DaySchedule {
    var reading = ScheduleReading(zone: zone)
    let hours = numbers.map {
      ("\($0)", RegistrationFixtures.text("0.\((8..<19).contains($0) ? 9 - abs(13 - $0) : 0)"))
    }
    reading.read(
      RegistrationFixtures.map([
        ("transaction", RegistrationFixtures.text("SC_SCHEDULE")),
        ("resource", RegistrationFixtures.text("EXAMPL_7_DERA1")),
        ("trading_date", RegistrationFixtures.text(date)), ("hours", RegistrationFixtures.map(hours)),
      ]))
    return try #require(reading.schedules.first)
  }

  @Test(arguments: [("2022-03-19", 288), ("2026-11-01", 300), ("2026-03-08", 276)])
  func aWholeDayIsDrawnWithAllFourSeriesWithinTheAxes(_ date: String, _ count: Int) throws {
    let comparison = try Self.comparison(date)
    #expect(comparison.intervals.count == count)
    let svg = IntervalPlot(comparison, zone: Self.zone).svg
    if let folder = ProcessInfo.processInfo.environment["PLOTS"] {
      try svg.write(toFile: "\(folder)/\(date).svg", atomically: true, encoding: .utf8)
    }
    for name in ["measured", "scheduled", "dispatched", "price"] {
      let path = try #require(svg.firstMatch(of: try Regex("class=\"\(name)\" d=\"([^\"]*)\"")))
      let steps = String(try #require(path.output[1].substring))
      #expect(steps.matches(of: /H([0-9.]+)/).count == comparison.intervals.filter { Self.has(name, $0) }.count)
      let heights = steps.matches(of: /V([0-9.]+)/).compactMap { Double($0.output.1) }
      #expect(!heights.isEmpty && heights.allSatisfy { (90...470).contains($0) }, "\(name)")
    }
    #expect(svg.matches(of: /class="missing"/).count == 1)
  }

  private static func has(_ name: String, _ interval: ComparedInterval) -> Bool {
    switch name {
    case "measured": interval.measured != nil
    case "scheduled": interval.scheduled != nil
    case "dispatched": interval.dispatched != nil
    default: interval.price != nil
    }
  }
}
