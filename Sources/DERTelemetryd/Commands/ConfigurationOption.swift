import ArgumentParser
import Foundation
import Settings
import TelemetryCore

/// What every command that needs the settings takes.
struct ConfigurationOption: ParsableArguments {
  @Option(
    name: [.customLong("config")],
    help: ArgumentHelp("The configuration file.", valueName: "file"), completion: .file(extensions: ["yaml"]))
  var path = SettingsLoader.defaultPath

  func load() -> Result<Settings, ConfigurationProblems> {
    SettingsLoader.load(path: path, environment: ProcessInfo.processInfo.environment)
  }

  /// The settings; where they are refused, every reason on standard error and exit 78.
  func settings() throws(ExitCode) -> Settings {
    switch load() {
    case .success(let settings): return settings
    case .failure(let problems):
      StandardError.write(problems.report)
      throw ExitStatus.configuration.exitCode
    }
  }
}

extension ConfigurationProblems {
  /// One line for each, `FILE:LINE:COLUMN: key: message`, and how many there are.
  var report: String {
    let total = problems.count + omittedCount
    let lines = problems.map(\.description) + (omittedCount > 0 ? ["… and \(omittedCount) more"] : [])
    let sum = total == 1 ? "1 problem: the configuration is refused" : "\(total) problems: the configuration is refused"
    return (lines + [sum]).joined(separator: "\n") + "\n"
  }
}

enum StandardError {
  /// Writes what a person or a pipe should see beside the output.
  static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
