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

  func load(lookingAtCredentials: Bool = true) -> Result<Settings, ConfigurationProblems> {
    SettingsLoader.load(
      path: path, environment: ProcessInfo.processInfo.environment, lookingAtCredentials: lookingAtCredentials)
  }

  /// The settings that the service works by, for whoever reads its accounts.
  func settings() throws(ExitCode) -> Settings {
    let inForce = try inForce()
    if let fallback = inForce.fallback { StandardError.write(fallback.note) }
    return inForce.settings
  }

  /// The configuration in the files or, where they are not valid, the last one that was accepted; where there is none,
  /// every reason on standard error and exit 78.
  ///
  /// Certificates and keys are not looked at: who reads the accounts may not be allowed to, and the service measures
  /// without them.
  func inForce() throws(ExitCode) -> ConfigurationInForce {
    let environment = ProcessInfo.processInfo.environment
    switch SettingsLoader.load(from: DiskFiles(), path: path, environment: environment) {
    case .success(let loaded): return ConfigurationInForce(loaded)
    case .failure(let problems):
      do throws(ConfigurationInForce.NothingKept) {
        return try ConfigurationInForce(insteadOf: path, problems: problems, environment: environment)
      } catch {
        StandardError.write(problems.report + error.line)
        throw ExitStatus.configuration.exitCode
      }
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

extension ConfigurationInForce.NothingKept {
  /// Follows the report of what is wrong; empty where there is no ledger.
  var line: String { description.isEmpty ? "" : "there is no other to start on: \(description)\n" }
}

enum StandardError {
  /// Writes what a person or a pipe should see beside the output; where nobody takes it, nothing else can be done.
  static func write(_ text: String) { _ = writeAll(text.utf8, to: STDERR_FILENO) }
}

enum StandardOutput {
  /// Writes at once, past the buffer of `print`; false where nobody takes it.
  static func write(_ text: String) -> Bool { writeAll(text.utf8, to: STDOUT_FILENO) }
  static func write(_ bytes: [UInt8]) -> Bool { writeAll(bytes, to: STDOUT_FILENO) }
}

/// Unlike Foundation's file handle, this does not end the process when the other side is gone or the disk is full.
private func writeAll(_ bytes: some Sequence<UInt8>, to descriptor: Int32) -> Bool {
  var rest = Array(bytes)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count < 0 && errno == EINTR { continue }
    guard count > 0 else { return false }
    rest = rest.dropFirst(count)
  }
  return true
}
