import Foundation
import Settings
import TelemetryCore

/// What a valid configuration says, in short.
struct CheckSummary: Codable, Equatable {
  struct Channel: Codable, Equatable {
    var name: String
    var mode: String
    var profile: String
    /// Whether somebody has run this wire profile against the receiver that it describes.
    var isProfileVerified: Bool
  }

  var file: String
  var stateDirectory: String
  var intervalSeconds: Int64
  var resourceCount: Int
  var siteCount: Int
  var nameplateWatts: Int64
  var channels: [Channel]
  /// The messages that were held against a schema.
  var schemas: [SchemaCheck.Checked] = []
  /// What a person should know although nothing is wrong.
  var notes: [String]

  init(_ settings: Settings, file: String, environment: [String: String]) {
    self.file = file
    stateDirectory = settings.stateDirectory
    intervalSeconds = settings.intervalLength.seconds
    resourceCount = settings.resources.count
    siteCount = settings.sites.count
    let nameplate = settings.sites.reduce(Int128(0)) { $0 + Int128($1.nameplate.milliwatts) } / 1_000
    nameplateWatts = Int64(clamping: nameplate)
    channels = settings.channels.map {
      Channel(
        name: $0.name.name, mode: $0.mode == .live ? "live" : "hold", profile: $0.profile.name,
        isProfileVerified: $0.profile.isVerified)
    }
    notes = Self.notes(settings, environment)
  }

  private static func notes(_ settings: Settings, _ environment: [String: String]) -> [String] {
    var notes: [String] = []
    if settings.intervalLength.seconds < IntervalLength.fiveMinutes.seconds {
      let length = settings.intervalLength.milliseconds.configurationText
      notes.append("interval \(length) is for commissioning: CAISO meters in intervals of 5m")
    }
    if settings.sites.isEmpty { notes.append("no site yet: nothing will be measured") }
    for profile in Set(settings.channels.filter { !$0.profile.isVerified }.map(\.profile.name)).sorted() {
      notes.append("wire profile \(profile) is unverified: nobody has run it against the receiver it describes")
    }
    for channel in settings.channels where channel.mode == .hold {
      notes.append("channel \(channel.name) is in mode hold: it measures and keeps, and sends nothing")
    }
    notes += settings.channels.flatMap { unseenCredentials($0, environment) }
    return notes
  }

  private static func unseenCredentials(_ channel: ChannelSettings, _ environment: [String: String]) -> [String] {
    [channel.certificate, channel.key, channel.trust].compactMap { path in
      guard case .credential(let name) = path, path.path(environment: environment) == nil else { return nil }
      return "credential \(name) was not looked at: only the service is given $CREDENTIALS_DIRECTORY"
    }
  }

  var text: String {
    let interval = Milliseconds.seconds(intervalSeconds).configurationText
    let nameplate = Power(milliwatts: Int64(clamping: Int128(nameplateWatts) * 1_000))
    let lines =
      [
        "\(file) is valid",
        "  \(Self.count(resourceCount, "resource")), \(Self.count(siteCount, "site")) of "
          + "\(nameplate.configurationText) in all, interval \(interval)",
        "  state in \(stateDirectory)",
      ] + channels.map { "  channel \($0.name): \($0.mode), wire profile \($0.profile)" }
      + schemas.map { "  message \($0.message) of wire profile \($0.profile) is as \($0.schema) wants it" }
      + notes.map { "  note: \($0)" }
    return lines.joined(separator: "\n")
  }

  private static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}

/// What `check --json` prints.
///
/// | key        | value                                                                     |
/// |------------|---------------------------------------------------------------------------|
/// | `valid`    | whether the daemon would take this configuration                          |
/// | `problems` | list of `file`, `line`, `column` (both from 1), `key`, `message`; by place |
/// | `omitted`  | how many more problems there are                                          |
/// | `summary`  | where valid: ``CheckSummary``                                             |
/// | `lastAccepted` | where `run` would start on the last configuration that was accepted: since when it is that |
struct CheckReport: Codable, Equatable {
  struct Problem: Codable, Equatable {
    var file: String
    var line: Int
    var column: Int
    var key: String
    var message: String
  }

  var valid: Bool
  var problems: [Problem]
  var omitted: Int
  var summary: CheckSummary?
  var lastAccepted: String?

  init(_ summary: CheckSummary) {
    valid = true
    problems = []
    omitted = 0
    self.summary = summary
  }

  init(_ problems: ConfigurationProblems, lastAccepted: UTCInstant? = nil) {
    valid = false
    self.lastAccepted = lastAccepted?.text
    self.problems = problems.problems.map {
      Problem(file: $0.place.file, line: $0.place.line, column: $0.place.column, key: $0.key, message: $0.message)
    }
    omitted = problems.omittedCount
  }

  /// Keys in the order of the alphabet, so that the same result is the same text.
  func text() throws -> String {
    try JSONText.of(self)
  }
}
