/// The files that a configuration is made of, byte for byte.
///
/// There are no secrets in them: certificates and keys are named by their paths, and a URL may hold none.
package struct ConfigurationFiles: Hashable, Sendable {
  package enum Role: UInt8, Hashable, Sendable, CaseIterable {
    case main = 1
    case sites = 2
    case profile = 3

    package var name: String {
      switch self {
      case .main: "main"
      case .sites: "sites"
      case .profile: "profile"
      }
    }
  }

  package struct File: Hashable, Sendable {
    package var role: Role
    /// Relative to the folder of the main file; absolute where it stands elsewhere.
    package var name: String
    package var bytes: [UInt8]

    package init(role: Role, name: String, bytes: [UInt8]) {
      self.role = role
      self.name = name
      self.bytes = bytes
    }
  }

  /// The main file, absolute.
  package var path: String
  /// The main file, the site files in their order, the wire profiles.
  package var files: [File]

  package init(path: String, files: [File]) {
    self.path = path
    self.files = files
  }

  package var byteCount: Int { files.reduce(0) { $0 + $1.bytes.count } }

  /// What the digest is made of: path, roles, names and bytes.
  package var content: [UInt8] {
    var writer = ByteWriter(reserving: byteCount + 1_024)
    writer.write(self)
    return writer.bytes
  }
}

/// A configuration that the daemon has taken, as the ledger keeps it for a start with one that is not valid (P6).
package struct AcceptedConfiguration: Hashable, Sendable {
  /// When a start or a reload first took it.
  package var since: UTCInstant
  /// SHA-256 of ``ConfigurationFiles/content``.
  package var digest: Digest
  /// Of all files together.
  package var byteCount: Int
  /// Nil where they are larger than what is kept.
  package var files: ConfigurationFiles?

  /// 4 MiB, half of what a frame of the ledger holds: some 14,000 sites.
  package static let byteLimit = 4 << 20

  package init(since: UTCInstant, digest: Digest, byteCount: Int, files: ConfigurationFiles?) {
    self.since = since
    self.digest = digest
    self.byteCount = byteCount
    self.files = files
  }

  /// Keeps the files where they are not too large for it.
  package init(_ files: ConfigurationFiles, digest: Digest, since: UTCInstant) {
    let byteCount = min(files.content.count, Int(UInt32.max))
    self.init(
      since: since, digest: digest, byteCount: byteCount, files: byteCount <= Self.byteLimit ? files : nil)
  }
}

extension Pipeline {
  /// The configuration that a start or a reload takes, to be kept where it is not the one that was taken last.
  package struct Configuration: Sendable {
    package var files: ConfigurationFiles
    package var digest: Digest

    package init(files: ConfigurationFiles, digest: Digest) {
      self.files = files
      self.digest = digest
    }
  }

  mutating func keepConfiguration(at now: Moment) {
    guard let configuration, configuration.digest != ledger.configuration?.digest else { return }
    let accepted = AcceptedConfiguration(configuration.files, digest: configuration.digest, since: now.utc)
    write(.configuration(accepted))
    guard accepted.files == nil else { return }
    announce(
      .configurationNotKept,
      "the configuration has \(accepted.byteCount) bytes, more than the \(AcceptedConfiguration.byteLimit) that the ledger "
        + "keeps: the next start on a configuration that is not valid will fail; make the site files smaller")
  }
}
