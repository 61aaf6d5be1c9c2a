import ArgumentParser
import Foundation
import Settings
import TelemetryCore

/// `dertelemetryd config`: what the daemon was told.
struct ConfigurationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: "Show the configuration: as it stands in the files, as it was kept, with all defaults.",
    discussion: "Example: dertelemetryd config show --effective",
    subcommands: [ShownConfiguration.self])
}

/// `dertelemetryd config show`.
struct ShownConfiguration: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print the files of the configuration, or the settings that they come to.",
    discussion: """
      Prints the main file, the site files and the wire profiles that are used; with --effective all settings as YAML, \
      defaults too; with --kept those of the last configuration that the daemon accepted, which the ledger keeps and the \
      daemon starts on when the files are not valid.

      Exit status: 0, 64 usage, 69 no configuration is kept, 74 the disk failed, 78 the configuration is not valid.

      Example: dertelemetryd config show --kept
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Flag(help: "Print the settings, with everything that the files leave to defaults.")
  var effective = false

  @Flag(help: "Show the last configuration that was accepted, in place of the files.")
  var kept = false

  @Flag(help: "Print it as JSON.")
  var json = false

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let accepted = kept ? try accepted(environment) : nil
    guard effective else {
      let files = try accepted?.files ?? load(environment, accepted).files
      let report = ConfigurationFilesReport(files, since: accepted?.since)
      return print(json ? try JSONText.of(report) : report.text)
    }
    let settings = EffectiveSettings(try load(environment, accepted).settings)
    let report = EffectiveReport(main: settings.main, sites: settings.sites)
    print(json ? try JSONText.of(report) : settings.yaml, terminator: json ? "\n" : "")
  }

  private func load(
    _ environment: [String: String], _ accepted: (files: ConfigurationFiles, since: UTCInstant)?
  ) throws -> LoadedConfiguration {
    let path = accepted?.files.path ?? configuration.path
    let loaded =
      accepted.map { SettingsLoader.load(kept: $0.files, path: path, environment: environment) }
      ?? SettingsLoader.load(from: DiskFiles(), path: path, environment: environment)
    switch loaded {
    case .success(let loaded): return loaded
    case .failure(let problems):
      StandardError.write(problems.report)
      throw ExitStatus.configuration.exitCode
    }
  }

  private func accepted(
    _ environment: [String: String]
  ) throws(ExitCode) -> (files: ConfigurationFiles, since: UTCInstant) {
    let directory = StateDirectoryName.find(path: configuration.path, environment: environment)
    let accepted = try LedgerReading(stateDirectory: directory).replay.state.configuration
    guard let accepted, let files = accepted.files else {
      let why = accepted.map { "the one of \($0.since.text) was too large" } ?? "none was accepted yet"
      StandardError.write("\(directory)/ledger: no configuration is kept: \(why)\n")
      throw ExitStatus.unavailable.exitCode
    }
    return (files, accepted.since)
  }
}

/// The files of a configuration, as printed under names that stay.
struct ConfigurationFilesReport: Encodable {
  struct File: Encodable {
    var role: String
    var name: String
    var text: String
  }

  var path: String
  /// Left out for the files as they stand.
  var acceptedAt: String?
  var files: [File]

  init(_ files: ConfigurationFiles, since: UTCInstant?) {
    path = files.path
    acceptedAt = since?.text
    self.files = files.files.map {
      File(role: $0.role.name, name: $0.name, text: String(decoding: $0.bytes, as: UTF8.self))
    }
  }

  /// Each file under a line of comment, so that all of it stays YAML.
  var text: String {
    let title = acceptedAt.map { "# accepted \($0), of \(path)\n" } ?? ""
    return title
      + files.map { "# ---- \($0.name) (\($0.role))\n\($0.text)" }.joined(separator: "\n")
  }
}

/// The settings in force, under the keys of the files.
struct EffectiveReport: Encodable {
  var main: SettingsTree
  var sites: SettingsTree
}
