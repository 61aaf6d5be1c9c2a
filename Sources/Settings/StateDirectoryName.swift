import TelemetryCore

/// Where the state directory is, when the configuration that should say so is not valid.
package enum StateDirectoryName {
  /// The first one, should systemd have been given several.
  static func given(_ environment: [String: String]) -> String? {
    environment["STATE_DIRECTORY"]?.split(separator: ":").first.map { String($0) }
  }

  /// What can still be read of the main file's `state_directory`, else `$STATE_DIRECTORY`, else the default.
  package static func find(path: String, environment: [String: String]) -> String {
    said(in: path) ?? given(environment) ?? SettingsDefault.stateDirectory
  }

  private static let key = "state_directory"

  private static func said(in path: String) -> String? {
    do throws(ConfigurationProblems) {
      let text = try BoundedFile.text(of: path)
      return value(in: text, path: path) ?? lines(of: text).lazy.compactMap { value(in: $0, path: path) }.first
    } catch {
      return nil
    }
  }

  /// Each line that begins with the key, by itself: what breaks the file as a whole stands elsewhere most of the time.
  private static func lines(of text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).filter { $0.hasPrefix("\(key):") }.map { String($0) }
  }

  private static func value(in text: String, path: String) -> String? {
    do throws(ConfigurationProblems) {
      guard case .scalar(let value) = try YAMLDocument.node(of: text, file: path)[key]?.content else { return nil }
      return ConfigurationForm<String>.absolutePath.parse(value)
    } catch {
      return nil
    }
  }
}
