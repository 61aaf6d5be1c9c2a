package import TelemetryCore

/// Makes settings of the files on this machine.
package enum SettingsLoader {
  package static let defaultPath = "/etc/dertelemetryd/dertelemetryd.yaml"
  package static let shippedProfiles = "/usr/share/dertelemetryd/profiles"

  /// Reads the main file and everything it names.
  ///
  /// - Parameters:
  ///   - path: The main file; messages name all files as this path does.
  ///   - environment: Of this process: `$STATE_DIRECTORY` and `$CREDENTIALS_DIRECTORY` are looked at.
  ///   - lookingAtCredentials: Whether a certificate or key that cannot be used is a problem. To the service it is not:
  ///     without one it cannot submit, and sites are read all the same. Nor to whoever only reads the accounts.
  /// - Returns: The settings, or everything that is wrong, in the order of files and lines.
  package static func load(
    path: String = defaultPath, environment: [String: String], lookingAtCredentials: Bool = true
  ) -> Result<Settings, ConfigurationProblems> {
    do {
      let main = try YAMLDocument.node(of: try BoundedFile.text(of: path), file: path)
      return load(main, path: path, environment: environment, lookingAtCredentials: lookingAtCredentials)
    } catch {
      return .failure(error)
    }
  }

  private static func load(
    _ main: ConfigurationNode, path: String, environment: [String: String], lookingAtCredentials: Bool
  ) -> Result<Settings, ConfigurationProblems> {
    let outline = SettingsOutline(main)
    let directory = path.contains("/") ? FilePaths.split(path).folder : ""
    var problems = ConfigurationProblems()
    let sources = SettingsSources(
      main: main, sites: siteFiles(outline.sites, in: directory, &problems),
      profiles: profiles(outline.profiles, in: directory, &problems),
      directory: FilePaths.absolute(directory.isEmpty ? "." : directory),
      stateDirectory: stateDirectory(environment), marketZone: PacificTime.transitions())
    let isWhole = problems.isEmpty
    let decoder = SettingsDecoder(sources, isWhole: isWhole)
    problems.append(decoder.problems)
    if lookingAtCredentials {
      problems.append(decoder.credentials.compactMap { CredentialFiles.problem($0, environment: environment) })
    }
    guard let settings = decoder.settings, problems.isEmpty else { return .failure(problems.sorted) }
    return .success(settings)
  }

  /// The first one, should systemd have been given several.
  private static func stateDirectory(_ environment: [String: String]) -> String? {
    environment["STATE_DIRECTORY"]?.split(separator: ":").first.map { String($0) }
  }

  private static func siteFiles(
    _ pattern: SettingsOutline.Name, in directory: String, _ problems: inout ConfigurationProblems
  ) -> [ConfigurationNode] {
    do throws(BoundedFile.Failure) {
      let files = try SiteFiles.find(pattern.name, in: directory)
      return files.compactMap { file in
        collect(&problems) { () throws(ConfigurationProblems) in
          try YAMLDocument.node(of: try BoundedFile.text(of: file), file: file)
        }
      }
    } catch {
      problems.append(pattern.problem(error.description))
      return []
    }
  }

  private static func profiles(
    _ names: [SettingsOutline.Name], in directory: String, _ problems: inout ConfigurationProblems
  ) -> [String: WireProfile] {
    var profiles: [String: WireProfile] = [:]
    var tried: Set<String> = []
    for profile in names where tried.insert(profile.name).inserted {
      profiles[profile.name] = collect(&problems) { () throws(ConfigurationProblems) in
        try WireProfileFile.load(profile, beside: directory)
      }
    }
    return profiles
  }

  private static func collect<Value>(
    _ problems: inout ConfigurationProblems, _ body: () throws(ConfigurationProblems) -> Value
  ) -> Value? {
    do {
      return try body()
    } catch {
      problems.append(error)
      return nil
    }
  }
}
