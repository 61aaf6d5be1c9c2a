import ArgumentParser
import MarketCore
import Settings
import TelemetryCore

/// The profile `sibr`: beside the configuration, else the shipped one.
enum BidProfileFile {
  /// Where it cannot be used, every reason on standard error and exit 78.
  static func load(beside configuration: String) throws(ExitCode) -> BidProfile {
    let folder = configuration.lastIndex(of: "/").map { String(configuration[...$0]) } ?? ""
    let paths = ["\(folder)profiles/sibr.yaml", "\(SettingsLoader.shippedProfiles)/sibr.yaml"]
    guard let path = paths.first(where: { DiskFiles().exists($0) }) else {
      StandardError.write("the profile sibr is not there: expected \(paths.joined(separator: " or "))\n")
      throw ExitStatus.configuration.exitCode
    }
    do throws(ConfigurationProblems) {
      let profile = try BidProfile.read(try YAMLDocument.node(of: try BoundedFile.text(of: path), file: path))
      if !profile.isVerified {
        StandardError.write("note: \(path) is unverified: nobody has run it against the receiver it describes\n")
      }
      return profile
    } catch {
      StandardError.write(error.report)
      throw ExitStatus.configuration.exitCode
    }
  }
}
