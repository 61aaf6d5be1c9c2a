import ArgumentParser
import MarketCore
import Settings
import TelemetryCore

/// `dertelemetryd oasis resource`.
struct OASISResource: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resource",
    abstract: "Say whether a resource is in OASIS's lists, and whether node, UDC and capacity are those registered.",
    discussion: """
      Asks ATL_RESOURCE and ATL_GEN_CAP_LST; where registration.yaml is there, compares it with them.

      Exit status: 0 listed, 1 not listed, 64 usage, 65 refused by OASIS or an answer that cannot be used, 69 not \
      reachable, 75 asked too often, 78 the configuration is not valid.

      Example: dertelemetryd oasis resource EXAMPL_7_DERA1
      """)

  @Argument(help: "The resource ID.")
  var resource: String

  @Option(
    help: ArgumentHelp("The registration; by default registration.yaml beside the configuration.", valueName: "file"))
  var registration: String?

  @OptionGroup var options: OASISOptions

  func run() async throws {
    let market = try options.market()
    let settings = try options.configuration.settings()
    let aggregation = try registered()
    let lists = ["ATL_RESOURCE", "ATL_GEN_CAP_LST"]
    let name = resource
    let requests = try lists.map { list in
      try options.request(
        { circumstances throws(OASISRequestProblem) in
          try OASISRequest([.init("queryname", list), .init("resource_id", name)], circumstances)
        }, market: market)
    }
    guard !options.show else {
      return requests.forEach { request in request.queries().forEach { print("\(market.oasis.url)?\($0)") } }
    }
    var tables: [OASISTable?] = []
    for request in requests { tables.append(try await rows(request, market, settings)) }
    let listing = ResourceListing(
      of: ResourceID(resource), resources: tables[0], capacities: tables[1], aggregation: aggregation,
      now: SystemClock().now().utc)
    let report = ListingReport(listing, resource: resource, isCompared: aggregation != nil)
    print(options.format == .json ? try JSONText.of(report) : report.text)
    if !listing.isListed { throw ExitCode.failure }
  }

  /// Nil where OASIS has no rows: then the resource is not in that list.
  private func rows(
    _ request: OASISRequest, _ market: MarketSettings, _ settings: Settings
  ) async throws -> OASISTable? {
    do {
      return try await options.table(request, market: market, settings: settings)
    } catch let status as ExitCode where status == .failure {
      return nil
    }
  }

  private func registered() throws(ExitCode) -> Aggregation? {
    let path = registration ?? RegistrationPath.beside(options.configuration.path)
    guard registration != nil || DiskFiles().exists(path) else { return nil }
    return try RegistrationPath.load(path).aggregations.first { $0.resource.name == resource }
  }
}

/// What `oasis resource --format json` prints.
struct ListingReport: Codable, Equatable {
  struct Fact: Codable, Equatable {
    var name: String
    var value: String
  }

  var resource: String
  var listed: Bool
  var facts: [Fact]
  var compared: Bool
  var differences: [String]

  init(_ listing: ResourceListing, resource: String, isCompared: Bool) {
    self.resource = resource
    listed = listing.isListed
    facts = listing.facts.map { Fact(name: $0.name, value: $0.value) }
    compared = isCompared
    differences = listing.differences
  }

  var text: String {
    let name = resource.controlsEscaped
    guard listed else { return "\(name) is not listed in OASIS" }
    let verdict = !compared ? "" : differences.isEmpty ? ", as it is registered" : ", not as it is registered"
    return
      (["\(name) is listed in OASIS\(verdict)"] + facts.map { "  \($0.name): \($0.value.controlsEscaped)" }
      + differences.map { "  differs: \($0)" }).joined(separator: "\n")
  }
}
