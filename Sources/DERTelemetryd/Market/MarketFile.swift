import ArgumentParser
import MarketCore
import Settings
import TelemetryCore

/// The file `market.yaml` beside the configuration.
enum MarketFile {
  /// What it says, or what holds where there is none; where it is not valid every reason on standard error and exit 78.
  static func load(beside configuration: String) throws(ExitCode) -> MarketSettings {
    do throws(ConfigurationProblems) {
      return try read(beside: configuration)
    } catch {
      StandardError.write(error.report)
      throw ExitStatus.configuration.exitCode
    }
  }

  /// Likewise for who has no standard error to say it on.
  static func read(beside configuration: String) throws(ConfigurationProblems) -> MarketSettings {
    let folder = configuration.lastIndex(of: "/").map { String(configuration[..<$0]) }
    let path = (folder.map { "\($0)/" } ?? "") + "market.yaml"
    guard DiskFiles().exists(path) else { return MarketSettings() }
    let node = try YAMLDocument.node(of: try BoundedFile.text(of: path), file: path)
    return try MarketSettings.read(node, directory: folder ?? ".")
  }
}
