import MarketCore
import TelemetryCore
import Testing

@Suite struct ResourceListingTests {
  private static let now = UTCInstant(seconds: 1_795_464_000)  // 2026-11-23

  private static func listing(
    node: String = "FRESNO_7_N001", capacity: String = "1.5", end: String = "2099-01-01T00:00:00-00:00"
  ) throws -> ResourceListing {
    let file = RegistrationFixtures.file([
      RegistrationFixtures.aggregation([
        RegistrationFixtures.der("a", "1 MW"), RegistrationFixtures.der("b", "500 kW"),
      ])
    ])
    let resources = OASISTable(
      columns: ["NODE_ID", "RESOURCE_ID", "EFF_START_DT", "EFF_END_DT"],
      rows: [["X", "OTHER", "", ""], [node, "R1", "2016-06-03T07:00:00-00:00", end]])
    let capacities = OASISTable(
      columns: ["RESOURCE_ID", "NET_DEPENDABLE_CAPACITY", "UDC", "RESOURCE_AGG_TYPE"],
      rows: [["R1", capacity, "PGAE", "Y"]])
    return ResourceListing(
      of: ResourceID("R1"), resources: resources, capacities: end.hasPrefix("2099") ? capacities : nil,
      aggregation: try Registration.read(file).aggregations[0], now: now)
  }

  @Test func aResourceAsItIsRegisteredHasNoDifference() throws {
    let listing = try Self.listing()
    #expect(listing.isListed && listing.differences.isEmpty && listing.facts.count == 4)
    // The same number in other digits is the same number.
    #expect(try Self.listing(capacity: "1.500").differences.isEmpty)
  }

  @Test func whatDiffersIsSaidOnBothSides() throws {
    #expect(
      try Self.listing(node: "ELSEWHERE", capacity: "2").differences == [
        "node is ELSEWHERE in OASIS and FRESNO_7_N001 in the registration",
        "capacity is 2 MW in OASIS and 1.5 MW in the registration",
      ])
  }

  @Test func aRowThatIsNoLongerInForceListsNothing() throws {
    #expect(try !Self.listing(end: "2020-01-01T00:00:00-00:00").isListed)
  }
}
