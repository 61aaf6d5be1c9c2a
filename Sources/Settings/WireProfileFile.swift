import TelemetryCore

/// Finds wire profiles.
enum WireProfileFile {
  /// Beside the main file first, so that a user's profile stands before the shipped one of the same name.
  static func find(
    _ profile: SettingsOutline.Name, beside directory: String, among source: some FileSource,
    shipped: String = SettingsLoader.shippedProfiles
  ) throws(ConfigurationProblems) -> String {
    let folders = [FilePaths.join(directory, "profiles"), shipped]
    let paths = folders.map { FilePaths.join($0, "\(profile.name).yaml") }
    if let path = paths.first(where: source.exists) { return path }
    let problem = profile.problem(
      "names the wire profile `\(profile.name)`, which is not there: expected \(paths.joined(separator: " or "))")
    throw ConfigurationProblems([problem])
  }
}
