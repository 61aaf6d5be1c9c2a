import Glibc
import TelemetryCore

/// Finds and reads wire profiles.
enum WireProfileFile {
  /// Beside the main file first, so that a user's profile stands before the shipped one of the same name.
  static func load(
    _ profile: SettingsOutline.Name, beside directory: String, shipped: String = SettingsLoader.shippedProfiles
  ) throws(ConfigurationProblems) -> WireProfile {
    let folders = [FilePaths.join(directory, "profiles"), shipped]
    let paths = folders.map { FilePaths.join($0, "\(profile.name).yaml") }
    guard let path = paths.first(where: exists) else {
      let problem = profile.problem(
        "names the wire profile `\(profile.name)`, which is not there: expected \(paths.joined(separator: " or "))")
      throw ConfigurationProblems([problem])
    }
    let node = try YAMLDocument.node(of: try BoundedFile.text(of: path), file: path)
    return try WireProfile.read(node, name: profile.name)
  }

  private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
