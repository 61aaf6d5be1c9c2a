import MarketCore
import TelemetryCore
import Testing

@Suite struct MarketIdentityTests {
  private typealias Fixtures = RegistrationFixtures

  private static func settings(_ applications: [String], without: String = "") throws -> MarketSettings {
    let identities = applications.map { name in
      let pairs = ["certificate", "key", "trust"].filter { $0 != without }.map { ($0, Fixtures.text("\(name).\($0)")) }
      return (name, Fixtures.map(pairs))
    }
    let file = Fixtures.map([("format", Fixtures.text("1")), ("identities", Fixtures.map(identities))])
    return try MarketSettings.read(file, directory: "/etc/d")
  }

  @Test(arguments: MarketApplication.allCases, MarketApplication.allCases)
  func theIdentityOfOneIsNeverThatOfAnother(_ set: MarketApplication, _ asked: MarketApplication) throws {
    let identities = try Self.settings([set.rawValue]).identities
    guard set != asked else {
      let identity = try identities.required(for: asked)
      return #expect(identity.certificate == .file("/etc/d/\(set.rawValue).certificate"))
    }
    let missing = try #require(throws: MissingIdentity.self) { try identities.required(for: asked) }
    #expect(missing.description.hasPrefix("\(asked.rawValue) has no identity: set `identities.\(asked.rawValue)`"))
    #expect(missing.description.contains("that of \(set.rawValue) is never used for it"))
  }

  @Test func withNoneSetNoneIsOffered() throws {
    let missing = try #require(throws: MissingIdentity.self) { try MarketSettings().identities.required(for: .sibr) }
    #expect(missing.description == "sibr has no identity: set `identities.sibr` in market.yaml")
  }

  @Test(arguments: ["certificate", "key", "trust"])
  func halfAnIdentityIsRefused(_ key: String) throws {
    let problems = try #require(throws: ConfigurationProblems.self) { try Self.settings(["ads"], without: key) }
    #expect(problems.problems.map(\.key) == ["identities.ads.\(key)"])
  }

  @Test func thatOfTheMeteringChannelStandsElsewhere() throws {
    let problems = try #require(throws: ConfigurationProblems.self) { try Self.settings(["mri-s"]) }
    #expect(problems.problems.map(\.message) == ["is set with the channel in dertelemetryd.yaml"])
  }

  @Test(
    arguments: zip(
      [Int64(-1), 0, 40, 41, 99, 100, 101],
      [
        IdentityState.notYetValid, .valid, .valid, .expiring(days: 59), .expiring(days: 1), .expiring(days: 0),
        .expired,
      ]))
  func itIsValidThroughItsLastInstant(_ day: Int64, _ state: IdentityState) {
    let start = UTCInstant(seconds: 1_000_000_000)
    let now = start + Milliseconds.seconds(day * 86_400)
    #expect(IdentityState(from: start, through: start + Milliseconds.seconds(100 * 86_400), now: now) == state)
  }
}
