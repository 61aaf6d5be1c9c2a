import Foundation
package import TelemetryCore

extension CredentialPath {
  /// Where the file stands; nil for a credential of systemd outside its service.
  package func path(environment: [String: String]) -> String? {
    switch self {
    case .file(let path): path
    case .credential(let name): environment["CREDENTIALS_DIRECTORY"].map { FilePaths.join($0, name) }
    }
  }
}

/// Looks whether certificates and keys are there and kept well.
package enum CredentialFiles {
  static func problem(_ reference: CredentialReference, environment: [String: String]) -> ConfigurationProblem? {
    guard let path = reference.path.path(environment: environment) else { return nil }
    return fault(path, reference).map {
      ConfigurationProblem(place: reference.place, key: reference.key, message: "names \(path), which \($0)")
    }
  }

  private static func fault(_ path: String, _ reference: CredentialReference) -> String? {
    guard access(path, R_OK) == 0 else { return "cannot be read: \(BoundedFile.reason(errno))" }
    do {
      let attributes = try attributes(path)
      guard attributes[.type] as? FileAttributeType == .typeRegular else { return "is no regular file" }
      guard let size = attributes[.size] as? Int, size > 0 else { return "is empty" }
      guard let mode = attributes[.posixPermissions] as? Int else { return "has no mode that could be read" }
      // A credential's folder is systemd's, which keeps others out of it whatever the mode of the file says.
      guard case .file = reference.path, reference.purpose == .key, mode & 0o077 != 0 else { return nil }
      return "others than its owner may use (mode \(String(mode & 0o777, radix: 8))): "
        + "expected mode 600, as after `chmod 600 \(path)`"
    } catch {
      return "cannot be read: \(error.localizedDescription)"
    }
  }

  /// False also where the mode cannot be read.
  package static func isForItsOwnerOnly(_ path: String) -> Bool {
    do {
      return try (attributes(path)[.posixPermissions] as? Int).map { $0 & 0o077 == 0 } ?? false
    } catch {
      return false
    }
  }

  /// Of the file behind a link, since that is whose mode counts.
  private static func attributes(_ path: String) throws -> [FileAttributeKey: Any] {
    try FileManager.default.attributesOfItem(atPath: URL(filePath: path).resolvingSymlinksInPath().path())
  }
}
