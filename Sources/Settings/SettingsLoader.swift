package import TelemetryCore

/// Settings, and the files that they were made of.
package struct LoadedConfiguration: Sendable {
  package var settings: Settings
  package var files: ConfigurationFiles
  /// Where the length of the intervals stands, or the file that does not say it.
  package var intervalPlace: ConfigurationPlace
}

/// Makes settings of configuration files.
package enum SettingsLoader {
  package static let defaultPath = "/etc/dertelemetryd/dertelemetryd.yaml"
  package static let shippedProfiles = "/usr/share/dertelemetryd/profiles"

  /// Reads the main file and everything it names, on this machine's disk.
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
    load(from: DiskFiles(), path: path, environment: environment, lookingAtCredentials: lookingAtCredentials)
      .map(\.settings)
  }

  /// The same from any files: those on the disk and those that were kept are read the same way.
  ///
  /// Certificates and keys are on the disk always.
  package static func load(
    from source: some FileSource, path: String, environment: [String: String], lookingAtCredentials: Bool = false
  ) -> Result<LoadedConfiguration, ConfigurationProblems> {
    var reading = ConfigurationReading(source, path: path)
    do throws(ConfigurationProblems) {
      return try reading.load(environment, lookingAtCredentials: lookingAtCredentials)
    } catch {
      return .failure(error)
    }
  }

  /// Decodes what was kept, as if it stood in the files of the same names.
  package static func load(
    kept: ConfigurationFiles, path: String, environment: [String: String]
  ) -> Result<LoadedConfiguration, ConfigurationProblems> {
    load(from: KeptFiles(kept, path: path), path: path, environment: environment)
  }
}

/// One reading of a configuration, file by file.
private struct ConfigurationReading<Source: FileSource> {
  private let source: Source
  private let path: String
  private let directory: String
  private var problems = ConfigurationProblems()
  private var files: [ConfigurationFiles.File] = []

  init(_ source: Source, path: String) {
    self.source = source
    self.path = path
    directory = FilePaths.folder(of: path)
  }

  mutating func load(
    _ environment: [String: String], lookingAtCredentials: Bool
  ) throws(ConfigurationProblems) -> Result<LoadedConfiguration, ConfigurationProblems> {
    let main = try read(path, .main)
    let outline = SettingsOutline(main)
    let sources = SettingsSources(
      main: main, sites: siteFiles(outline.sites), profiles: profiles(outline.profiles),
      directory: FilePaths.absolute(directory.isEmpty ? "." : directory),
      stateDirectory: StateDirectoryName.given(environment), marketZone: PacificTime.transitions())
    let decoder = SettingsDecoder(sources, isWhole: problems.isEmpty)
    problems.append(decoder.problems)
    if lookingAtCredentials {
      problems.append(decoder.credentials.compactMap { CredentialFiles.problem($0, environment: environment) })
    }
    guard let settings = decoder.settings, problems.isEmpty else { return .failure(problems.sorted) }
    return .success(
      LoadedConfiguration(
        settings: settings, files: ConfigurationFiles(path: FilePaths.normal(path), files: files),
        intervalPlace: main["interval"]?.place ?? main.place))
  }

  private mutating func read(
    _ path: String, _ role: ConfigurationFiles.Role
  ) throws(ConfigurationProblems) -> ConfigurationNode {
    let bytes = try BoundedFile.file(path, from: source)
    files.append(
      ConfigurationFiles.File(role: role, name: FilePaths.name(of: path, in: directory), bytes: bytes))
    return try YAMLDocument.node(of: try BoundedFile.text(of: bytes, path: path), file: path)
  }

  private mutating func siteFiles(_ pattern: SettingsOutline.Name) -> [ConfigurationNode] {
    do throws(BoundedFile.Failure) {
      let paths = try SiteFiles.find(pattern.name, in: directory, among: source)
      return paths.compactMap { path in
        collect { reading throws(ConfigurationProblems) in try reading.read(path, .sites) }
      }
    } catch {
      problems.append(pattern.problem(error.description))
      return []
    }
  }

  private mutating func profiles(_ names: [SettingsOutline.Name]) -> [String: WireProfile] {
    var profiles: [String: WireProfile] = [:]
    var tried: Set<String> = []
    for profile in names where tried.insert(profile.name).inserted {
      profiles[profile.name] = collect { reading throws(ConfigurationProblems) in
        let path = try WireProfileFile.find(profile, beside: reading.directory, among: reading.source)
        return try WireProfile.read(try reading.read(path, .profile), name: profile.name)
      }
    }
    return profiles
  }

  private mutating func collect<Value>(
    _ body: (inout Self) throws(ConfigurationProblems) -> Value
  ) -> Value? {
    do {
      return try body(&self)
    } catch {
      problems.append(error)
      return nil
    }
  }
}
