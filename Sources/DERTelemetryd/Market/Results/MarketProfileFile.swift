import ArgumentParser
import MarketCore
import Settings
import TelemetryCore

/// A profile of a market application: beside the configuration, else the shipped one.
enum MarketProfileFile {
  /// Where it cannot be used, every reason on standard error and exit 78.
  static func load<Profile>(
    _ name: String, beside configuration: String, isVerified: (Profile) -> Bool,
    read: (ConfigurationNode) throws(ConfigurationProblems) -> Profile
  ) throws(ExitCode) -> Profile {
    let folder = configuration.lastIndex(of: "/").map { String(configuration[...$0]) } ?? ""
    let paths = ["\(folder)profiles/\(name).yaml", "\(SettingsLoader.shippedProfiles)/\(name).yaml"]
    guard let path = paths.first(where: { DiskFiles().exists($0) }) else {
      StandardError.write("the profile \(name) is not there: expected \(paths.joined(separator: " or "))\n")
      throw ExitStatus.configuration.exitCode
    }
    do throws(ConfigurationProblems) {
      let profile = try read(try YAMLDocument.node(of: try BoundedFile.text(of: path), file: path))
      if !isVerified(profile) {
        StandardError.write("note: \(path) is unverified: nobody has run it against the receiver it describes\n")
      }
      return profile
    } catch {
      StandardError.write(error.report)
      throw ExitStatus.configuration.exitCode
    }
  }

  /// As whom an application is asked, and where it is; what is not set is said, with exit 78.
  static func access(
    _ application: MarketApplication, _ settings: ResultSettings?, _ market: MarketSettings
  ) throws(ExitCode) -> (MarketIdentity, ResultSettings) {
    do throws(MissingIdentity) {
      let identity = try market.identities.required(for: application)
      if let settings { return (identity, settings) }
    } catch {
      StandardError.write("\(error)\n")
      throw ExitStatus.configuration.exitCode
    }
    let name = application.rawValue
    StandardError.write("nobody has said where \(name) is: set `\(name).url` in market.yaml\n")
    throw ExitStatus.configuration.exitCode
  }
}
