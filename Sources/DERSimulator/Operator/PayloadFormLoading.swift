import Foundation
import Settings
import TelemetryCore

extension PayloadForm {
  /// Reads the wire profile that client and stand-in share.
  static func load(
    profile path: String, intervalLength: IntervalLength, measurements: [String]
  ) throws(ConfigurationProblems) -> Self {
    let node = try YAMLDocument.node(of: try BoundedFile.text(of: path), file: path)
    let name = URL(filePath: path).deletingPathExtension().lastPathComponent
    return Self(
      profile: try WireProfile.read(node, name: name), intervalLength: intervalLength,
      measurements: measurements.map { MeasurementType($0) })
  }
}
