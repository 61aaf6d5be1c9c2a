import MarketCore
import TelemetryCore
import Testing

@Suite struct RegistrationReviewTests {
  private typealias Fixtures = RegistrationFixtures

  @Test(arguments: [("500 kW", true), ("499 kW", false), ("499.999 kW", false), ("500.001 kW", true)])
  func halfAMegawattIsEnoughAndALittleLessIsNot(_ capacity: String, _ isEnough: Bool) throws {
    let file = Fixtures.file([Fixtures.aggregation([Fixtures.der("a", capacity)])])
    let review = try Fixtures.review(file, sites: [Fixtures.site("a")])
    #expect(review.isAccepted == isEnough, "\(review.messages)")
  }

  @Test func aSumBelowTheMinimumSaysWhichCapacityIsSummed() throws {
    let file = Fixtures.file([Fixtures.aggregation([Fixtures.der("a", "250 kW"), Fixtures.der("b", "249 kW")])])
    let review = try Fixtures.review(file, sites: [Fixtures.site("a"), Fixtures.site("b")])
    #expect(
      review.messages == [
        "aggregations[0].ders: the sum of `capacity`, the registered capacity of each DER, is 0.499 MW: expected at "
          + "least 0.5 MW (tariff 4.17; in force since 2016-06-03; 155 FERC ¶ 61,229 (ER16-1085), issued 2016-06-02)"
      ])
  }

  @Test func aTenthOfAMegawattIsEnoughOnceTheUserHasSetItsDate() throws {
    let rules = ("rules", Fixtures.list([Fixtures.rule("minimum-capacity", from: "2026-11-24", "100 kW")]))
    let file = Fixtures.file([Fixtures.aggregation([Fixtures.der("a", "100 kW")])], more: [rules])
    let sites = [Fixtures.site("a")]
    #expect(try Fixtures.review(file, sites: sites).isAccepted)
    let dayBefore = Fixtures.date.advanced(by: -1)
    #expect(try !Fixtures.review(file, sites: sites, on: dayBefore).isAccepted)
  }

  @Test func severalNodesHaveAMostAndOneNodeHasNone() throws {
    let ders = (1...21).map { Fixtures.der("d\($0)", "1 MW", $0 == 1 ? [("pnode", Fixtures.text("OTHER"))] : []) }
    let sites = (1...21).map { Fixtures.site("d\($0)") }
    let review = try Fixtures.review(Fixtures.file([Fixtures.aggregation(ders)]), sites: sites)
    #expect(review.messages.count == 1 && review.messages[0].contains("over 2 PNodes: expected at most 20 MW"))
    let same = (1...21).map { Fixtures.der("d\($0)", "1 MW") }
    #expect(try Fixtures.review(Fixtures.file([Fixtures.aggregation(same)]), sites: sites).isAccepted)
  }

  @Test func oneDERHasAMost() throws {
    let file = Fixtures.file([Fixtures.aggregation([Fixtures.der("a", "1.000001 MW")])])
    let review = try Fixtures.review(file, sites: [Fixtures.site("a")])
    #expect(
      review.messages.count == 1 && review.messages[0].contains("aggregations[0].ders[0].capacity: is 1.000001 MW"))
  }

  @Test func aDERInAnotherSubLAPIsNamed() throws {
    let other = [("sub_lap", Fixtures.text("PGSF"))]
    let file = Fixtures.file([Fixtures.aggregation([Fixtures.der("a", "1 MW"), Fixtures.der("b", "1 MW", other)])])
    let review = try Fixtures.review(file, sites: [Fixtures.site("a"), Fixtures.site("b")])
    #expect(review.messages.count == 1 && review.messages[0].contains("is PGSF at `b`: expected PGFG"))
  }

  @Test func aDERIsInOneAggregationAlone() throws {
    let file = Fixtures.file([
      Fixtures.aggregation([Fixtures.der("a", "1 MW")]),
      Fixtures.aggregation([Fixtures.der("a", "1 MW")], resource: "R2"),
    ])
    let review = try Fixtures.review(file, Fixtures.resources("R1", "R2"), sites: [Fixtures.site("a")])
    #expect(review.messages.contains { $0.hasPrefix("aggregations[1].ders[0].site: has `a` also in R1") })
  }

  @Test func aDERTwiceInOneAggregationIsNotCountedTwice() throws {
    let ders = [Fixtures.der("a", "250 kW"), Fixtures.der("a", "250 kW")]
    let review = try Fixtures.review(Fixtures.file([Fixtures.aggregation(ders)]), sites: [Fixtures.site("a")])
    #expect(review.messages.count == 1 && review.messages[0].contains("has `a` a second time in R1"))
  }

  @Test func netMeteringNeedsAPermissionAndDemandResponseIsRefused() throws {
    func messages(_ programme: String, _ more: [(String, ConfigurationNode)] = []) throws -> [String] {
      let programmes = [("programmes", Fixtures.list([Fixtures.text(programme)]))]
      let file = Fixtures.file([Fixtures.aggregation([Fixtures.der("a", "1 MW", programmes + more)])])
      return try Fixtures.review(file, sites: [Fixtures.site("a")]).messages
    }
    let permission = [("permission", Fixtures.text("Schedule NBT"))]
    #expect(try messages("net-metering").count == 1)
    #expect(try messages("net-metering", permission).isEmpty)
    #expect(try messages("demand-response", permission).count == 1)
    #expect(try messages("resource-adequacy").isEmpty)
  }

  @Test func registrationAndSiteFilesAreComparedBothWays() throws {
    let file = Fixtures.file([Fixtures.aggregation([Fixtures.der("a", "1 MW"), Fixtures.der("b", "1 MW")])])
    let review = try Fixtures.review(
      file, Fixtures.resources("R1", "R2"),
      sites: [
        Fixtures.site("meter", der: "a"), Fixtures.site("c"), Fixtures.site("d", resource: "R2"),
      ])
    #expect(
      review.messages.sorted() == [
        "aggregations: lacks R2, which dertelemetryd.yaml submits",
        "aggregations[0].ders: lacks `c`: site c is metered for R1",
        "aggregations[0].ders[1].site: names `b`, which no site file has as `der` or `id`: it would never be metered",
      ])
  }

  @Test(arguments: ["pnode", "caid_reservation", "ders", "scheduling_coordinator"])
  func whatIsMissingIsNamed(_ key: String) throws {
    let file = Fixtures.file([Fixtures.aggregation([Fixtures.der("a", "1 MW")], without: key)])
    let problems = try #require(throws: ConfigurationProblems.self) { try Registration.read(file) }
    #expect(problems.problems.map(\.key) == ["aggregations[0].\(key)"])
    #expect(problems.problems[0].message.hasPrefix("is missing"))
  }

  @Test(arguments: [("9 MW", false, false), ("10 MW", false, true), ("1 MW", true, true)])
  func telemetryIsADutyByCapacityOrByAncillaryServices(_ sum: String, _ ancillary: Bool, _ isDue: Bool) throws {
    let count = Int(sum.split(separator: " ")[0]) ?? 0
    let ders = (0..<count).map { Fixtures.der("d\($0)", "1 MW") }
    let services = [("ancillary_services", Fixtures.text("\(ancillary)"))]
    let file = Fixtures.file([Fixtures.aggregation(ders, more: services)])
    let review = try Fixtures.review(file, sites: (0..<count).map { Fixtures.site("d\($0)") })
    #expect(review.isAccepted && review.notes.count == (isDue ? 1 : 0))
  }
}
