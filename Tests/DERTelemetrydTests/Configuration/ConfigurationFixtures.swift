import Foundation
import Settings
import TelemetryCore

/// Where the tests find and make configurations.
enum ConfigurationFixtures {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let fixtures = root.appending(path: "Tests/Fixtures/configuration")

  /// A whole configuration that is valid, in texts to be changed.
  static let main = """
    format: 1
    interval: 5m
    resources:
      - id: EXAMPL_7_DERA1
        scheduling_coordinator: EXSC
        channel: production
        measurements:
          - { type: GEN, flow: export }
    channel:
      name: production
      kind: mri-s
      url: https://host/path
      certificate: credential:client.crt
      key: credential:client.key
      trust: credential:ca.crt
    """
  static let sites = """
    - id: fresno-01
      resource: EXAMPL_7_DERA1
      nameplate: 250 kW
      modbus: { host: 10.20.0.11, unit: 1 }
      map: sunspec
    """

  /// With or without batch status.
  static func profile(hasStatus: Bool = true) -> WireProfile {
    guard let unit = WireUnit(symbol: "MWh", digits: 6) else { preconditionFailure("a watt-hour is whole") }
    var profile = WireProfile(name: "mri-s", unit: unit)
    profile.messages.status = hasStatus ? WireElement(name: "Question") : nil
    return profile
  }

  /// Decodes texts without touching a disk.
  static func decode(
    main: String = main, sites: String = sites, stateDirectory: String? = nil, profile: WireProfile = profile(),
    marketZone: TimeZoneTransitions? = nil
  ) -> Result<Settings, ConfigurationProblems> {
    do {
      let sources = SettingsSources(
        main: try YAMLDocument.node(of: main, file: "d.yaml"),
        sites: [try YAMLDocument.node(of: sites, file: "s.yaml")],
        profiles: ["mri-s": profile], directory: "/etc/dertelemetryd", stateDirectory: stateDirectory,
        marketZone: marketZone)
      let decoder = SettingsDecoder(sources)
      return decoder.settings.map { .success($0) } ?? .failure(decoder.problems)
    } catch {
      return .failure(error)
    }
  }

  static func problems(main: String = main, sites: String = sites) -> [String] {
    switch decode(main: main, sites: sites) {
    case .success: []
    case .failure(let problems): problems.problems.map(\.description)
    }
  }

  /// A folder that goes away with the test.
  static func withFolder<Value>(_ files: [String: String], _ body: (URL) throws -> Value) throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "configuration-\(UUID().uuidString)")
    defer { _ = try? FileManager.default.removeItem(at: folder) }  // what stays behind harms no test
    for (path, text) in files {
      let file = folder.appending(path: path)
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    return try body(folder)
  }
}

/// The same numbers for the same seed, on every machine (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
