import Glibc
import SignedXML
import TelemetryCore

/// The files of an identity in a folder, as systemd takes them for credentials.
struct CredentialFolder {
  /// Where systemd looks for a credential that the unit names without a path (systemd.exec(5)).
  private static let standard = "/etc/credstore"

  let path: String
  let name: String

  private func files(of identity: ImportedIdentity) -> [(name: String, bytes: [UInt8])] {
    let issuers = identity.issuersPEM.map { [(name: "\(name).chain.crt", bytes: $0)] } ?? []
    return issuers + [("\(name).crt", identity.chainPEM), ("\(name).key", identity.archive.keyPEM)]
  }

  func paths(of identity: ImportedIdentity) -> [String] { files(of: identity).map { "\(path)/\($0.name)" } }

  func present(of identity: ImportedIdentity) -> [String] { paths(of: identity).filter { access($0, F_OK) == 0 } }

  /// Writes all of them beside their names first, so that a full disk replaces none.
  ///
  /// Between the last two renames a power cut can leave the old key beside the new certificate: the service says that
  /// they do not belong together, and a second import mends it.
  func write(_ identity: ImportedIdentity) throws(LogDiskError) {
    if access(path, F_OK) != 0 {
      try FileSystem.makeDirectories(path)
      try FileDescriptor.retry(.create, path) { chmod(path, 0o700) }
    }
    let files = files(of: identity)
    do throws(LogDiskError) {
      for file in files { try prepare(file.bytes, as: "\(path)/.\(file.name).new") }
      for file in files { try FileSystem.rename("\(path)/.\(file.name).new", to: "\(path)/\(file.name)") }
    } catch {
      for file in files { _ = unlink("\(path)/.\(file.name).new") }  // no key may lie about
      throw error
    }
    try FileDescriptor(directory: path).syncNames()
  }

  private func prepare(_ bytes: [UInt8], as path: String) throws(LogDiskError) {
    _ = unlink(path)  // of an import that was cut off; what cannot be removed fails at the next line
    let file = try FileDescriptor(.create, path: path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    try file.write(bytes, at: 0)
    try file.syncData()
  }

  private var isStandard: Bool { path == Self.standard || path == Self.standard + "/" }

  /// What the channel's part of the configuration says.
  var settings: [String: String] {
    let prefix = isStandard ? "credential:" : (path.hasSuffix("/") ? path : "\(path)/")
    return ["certificate": "\(prefix)\(name).crt", "key": "\(prefix)\(name).key"]
  }

  /// What is left to do.
  var advice: String {
    var sentences = [
      "`trust` stays what you chose: the authorities whose servers are believed (docs/credentials.md)."
    ]
    if !isStandard {
      sentences.append("The user of the service must be able to read these files, and own the key.")
    } else if name != "client" {
      sentences.append(
        "The unit names client.crt and client.key: add LoadCredential=\(name).crt and \(name).key by "
          + "`systemctl edit dertelemetryd`.")
    }
    sentences.append("Then: systemctl restart dertelemetryd. No interval is lost by it.")
    return sentences.joined(separator: "\n")
  }
}
