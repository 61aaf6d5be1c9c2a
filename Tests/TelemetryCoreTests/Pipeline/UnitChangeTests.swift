import Testing

@testable import TelemetryCore

/// A wire profile with another unit does not change what has been sealed in the one before.
@Suite struct UnitChangeTests {
  private let first = House.noon + .seconds(300)

  /// 3,000 counts of 3,600 mJ a second come to 0.9 kWh in five minutes, and one to 0.3 Wh more.
  private let meters = SteadyMeters(export: [SiteID("site-0"): 3_001])

  private func settings(_ symbol: String, _ digits: Int, mode: ChannelSettings.Mode = .live) -> Settings {
    var settings = Settings.fixture(sites: 1, mode: mode)
    settings.channels[0].profile.unit = WireUnit(symbol: symbol, digits: digits) ?? settings.channels[0].profile.unit
    return settings
  }

  private func text(_ row: SubmissionRow, _ settings: Settings) -> String {
    var values = WireValues(unit: settings.channels[0].profile.unit)
    values.setRow(row)
    return values.text(.field(.energy, .seconds))
  }

  /// The profile says MWh with three digits now; 0.000900 MWh is not 0.900 MWh.
  @Test(arguments: [
    ("MWh", 3, "0.0009"), ("kWh", 3, "0.900"), ("Wh", 0, "900"), ("kWh", 0, "0.9"), ("kWh", 1, "0.9"),
  ])
  func whatWasQueuedInOneUnitIsTheSameEnergyInAnother(symbol: String, digits: Int, expected: String) {
    let held = settings("MWh", 6, mode: .hold)
    var house = House(held, meter: meters.readings(of: held))
    house.run(seconds: 330)
    #expect(house.obligation(first).value == 900)
    let live = settings(symbol, digits)
    house.restart(live, meter: meters.readings(of: live))
    house.run(seconds: 60)
    #expect(house.station.rows.map { text($0, live) } == [expected])
    #expect(house.obligation(first).state == .accepted)
    #expect(house.audit.isLawful)
  }

  @Test func whatIsHeldInOneUnitIsRecognisedInAnother() {
    for (symbol, digits) in [("MWh", 3), ("kWh", 0), ("Wh", 0)] {
      let fine = settings("MWh", 6)
      var house = House(fine, meter: meters.readings(of: fine))
      house.station.script = [.takeAndLoseTheAnswer]
      house.station.answersQuestions = false
      house.run(seconds: 330)
      #expect(house.obligation(first).state == .unknown)
      let other = settings(symbol, digits)
      house.restart(other, meter: meters.readings(of: other))
      house.station.answersQuestions = true
      // What the operator holds stands there as it came.
      house.station.tellsValues = { row in
        let unit = other.channels[0].profile.unit
        let text = unit.text(row.value, in: row.unit ?? fine.channels[0].profile.unit)
        let value = unit.value(text)
        return (value ?? unit.finest.value(text), value == nil ? unit.finest : nil)
      }
      house.run(seconds: 200)
      #expect(house.obligation(first).state == .accepted, "\(symbol) \(digits)")
      #expect(house.station.sent.count == 1, "\(symbol) \(digits): nothing goes twice")
    }
  }

  @Test func theResidualGoesOnFromOneUnitToTheNext() {
    let fine = settings("MWh", 6)
    var house = House(fine, meter: meters.readings(of: fine))
    for (symbol, digits) in [("MWh", 3), ("kWh", 1), ("MWh", 6), ("Wh", 0), ("MWh", 4)] {
      house.run(seconds: 700)
      #expect(house.audit.isLawful)
      let next = settings(symbol, digits)
      house.restart(next, meter: meters.readings(of: next))
    }
    house.run(seconds: 700)
    let audit = house.audit
    #expect(audit.isLawful)
    #expect(
      audit.series[0].value * Int128(audit.series[0].unit.millijoules) + Int128(audit.series[0].residual.millijoules)
        == audit.series[0].energy)
    let sealed = Int64(audit.series[0].count(.accepted))
    #expect(sealed > 10)
    #expect(audit.series[0].energy == Int128(sealed * 300 * 3_001 * 3_600))
  }

  @Test func aValueIsWrittenInAnotherUnitExactly() throws {
    let cases: [(Int64, (String, Int), (String, Int), String)] = [
      (-1, ("MWh", 6), ("MWh", 3), "-0.000001"), (1, ("MWh", 11), ("MWh", 0), "0.00000000001"),
      (5, ("MWh", 0), ("Wh", 0), "5000000"), (1_500, ("kWh", 3), ("MWh", 2), "0.0015"),
      (.max, ("MWh", 0), ("Wh", 1), "9223372036854775807000000.0"), (0, ("kWh", 1), ("MWh", 6), "0.000000"),
    ]
    for (value, from, into, expected) in cases {
      let unit = try #require(WireUnit(symbol: into.0, digits: into.1))
      let sealed = try #require(WireUnit(symbol: from.0, digits: from.1))
      #expect(unit.text(value, in: sealed) == expected)
    }
  }
}
