import Glibc
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
enum CredentialFiles {
  static func problem(_ reference: CredentialReference, environment: [String: String]) -> ConfigurationProblem? {
    guard let path = reference.path.path(environment: environment) else { return nil }
    return fault(path, reference).map {
      ConfigurationProblem(place: reference.place, key: reference.key, message: "names \(path), which \($0)")
    }
  }

  private static func fault(_ path: String, _ reference: CredentialReference) -> String? {
    var status = stat()
    guard stat(path, &status) == 0 else { return "cannot be read: \(BoundedFile.reason(errno))" }
    guard status.st_mode & S_IFMT == S_IFREG else { return "is no regular file" }
    guard access(path, R_OK) == 0 else { return "cannot be read: \(BoundedFile.reason(errno))" }
    guard status.st_size > 0 else { return "is empty" }
    // A credential's folder is systemd's, which keeps others out of it whatever the mode of the file says.
    guard case .file = reference.path, reference.purpose == .key, status.st_mode & 0o077 != 0 else { return nil }
    let mode = String(status.st_mode & 0o777, radix: 8)
    return "others than its owner may use (mode \(mode)): expected mode 600, as after `chmod 600 \(path)`"
  }
}
