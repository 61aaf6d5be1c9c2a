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
    do throws(Unusable) {
      let (profile, path) = try find(name, beside: configuration, read: read)
      if !isVerified(profile) {
        StandardError.write("note: \(path) is unverified: nobody has run it against the receiver it describes\n")
      }
      return profile
    } catch {
      StandardError.write(error.report)
      throw ExitStatus.configuration.exitCode
    }
  }

  /// Why there is none to go by.
  struct Unusable: Error {
    /// Every reason, each on a line.
    var report: String
    /// The first of them.
    var first: String
  }

  /// The profile and where it was found.
  static func find<Profile>(
    _ name: String, beside configuration: String,
    read: (ConfigurationNode) throws(ConfigurationProblems) -> Profile
  ) throws(Unusable) -> (profile: Profile, path: String) {
    let folder = configuration.lastIndex(of: "/").map { String(configuration[...$0]) } ?? ""
    let paths = ["\(folder)profiles/\(name).yaml", "\(SettingsLoader.shippedProfiles)/\(name).yaml"]
    guard let path = paths.first(where: { DiskFiles().exists($0) }) else {
      let reason = "the profile \(name) is not there: expected \(paths.joined(separator: " or "))"
      throw Unusable(report: reason + "\n", first: reason)
    }
    do throws(ConfigurationProblems) {
      return (try read(try YAMLDocument.node(of: try BoundedFile.text(of: path), file: path)), path)
    } catch {
      throw Unusable(report: error.report, first: error.problems.first.map { "\($0)" } ?? path)
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
