import TelemetryCore
import Testing

@Suite struct ExplanationTests {
  private let key = SeriesKey(resource: ResourceID("EXAMPL_7_DERA1"), measurement: MeasurementType("GEN"))

  private func explain(_ house: House, _ instant: UTCInstant) -> Explanation {
    var explanation = Explanation(
      of: key, ending: IntervalEnding(seconds: instant.seconds, length: house.settings.intervalLength))
    for (index, record) in house.log.enumerated() { explanation.take(LogSequence(UInt64(index + 1)), record) }
    return explanation
  }

  @Test func aValueIsToldFromRegistersToReceipt() throws {
    var house = House()
    house.run(seconds: 700)
    let explanation = explain(house, House.noon + .seconds(600))
    #expect(explanation.obligation?.state == .accepted)
    #expect(explanation.steps.map(\.kind) == [.owedFrom, .sealed, .intent, .attempt, .taken, .verdict])
    let shares = explanation.steps[1].shares
    #expect(shares.map(\.site.name) == ["site-0", "site-1"])
    for share in shares {
      let start = try #require(share.start)
      #expect(share.energy == share.end.cumulative.energy(since: start.cumulative))
      #expect(share.end.earlier.instant < share.end.boundary.instant)
    }
  }

  @Test func theFirstIntervalHasItsStartFromTheRecordThatOpensIt() {
    var house = House()
    house.run(seconds: 330)
    let shares = explain(house, House.noon + .seconds(300)).steps.flatMap(\.shares)
    #expect(shares.count == 2)
    #expect(shares.allSatisfy { $0.start?.boundary.instant == House.noon })
  }

  @Test func aDetourIsToldStepByStep() {
    var house = House()
    house.station.script = [.beUnreachable, .takeAndLoseTheAnswer]
    house.meter = { site, instant in
      site == 1 && instant > House.noon + .seconds(100) ? nil : House.steadyMeter(site, instant)
    }
    house.run(seconds: 320)
    house.meter = House.steadyMeter
    house.run(seconds: 60)
    let explanation = explain(house, House.noon + .seconds(300))
    #expect(
      explanation.steps.map(\.kind)
        == [.owedFrom, .missing, .sealed, .intent, .attempt, .notSent, .attempt, .unknown, .resolved])
    #expect(explanation.steps[1].sentence.contains("site-1"))
    #expect(explanation.obligation?.state == .accepted)
  }

  @Test func whatIsNotOwedIsNotExplained() {
    var house = House()
    house.run(seconds: 330)
    #expect(explain(house, House.noon - .seconds(300)).obligation == nil)
  }
}
