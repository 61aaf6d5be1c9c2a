import FoundationEssentials
import NIOSSL
import Settings
import SwiftASN1
import TelemetryCore
import X509

/// What a channel proves itself with, and whom it trusts, read from files.
struct ChannelCredentials: Sendable {
  let certificatePEM: [UInt8]
  let keyPEM: [UInt8]
  let trustPEM: [UInt8]
  /// The certificate's subject as the operator takes it for a user name.
  let userName: String
  /// The last instant at which the certificate is valid.
  let notValidAfter: UTCInstant

  /// Reads the files; whoever reads the environment passes it in, for `$CREDENTIALS_DIRECTORY`.
  init(_ settings: ChannelSettings, environment: [String: String]) throws(ChannelFault) {
    certificatePEM = try Self.read(settings.certificate, "certificate", environment)
    keyPEM = try Self.read(settings.key, "key", environment, isSecret: true)
    trustPEM = try Self.read(settings.trust, "trust", environment)
    let certificate: Certificate
    do {
      certificate = try Certificate(pemEncoded: String(decoding: certificatePEM, as: UTF8.self))
    } catch {
      throw ChannelFault("certificate: no certificate in PEM form: \(error)")
    }
    userName =
      settings.userName ?? CertificateSubject.userName(certificate.subject, settings.profile.envelope.userName)
    notValidAfter = UTCInstant(milliseconds: Int64(certificate.notValidAfter.timeIntervalSince1970 * 1_000))
  }

  /// TLS with our certificate, and with nothing trusted but what the user named.
  func tlsConfiguration() throws(ChannelFault) -> TLSConfiguration {
    do {
      var configuration = TLSConfiguration.makeClientConfiguration()
      configuration.minimumTLSVersion = .tlsv12
      configuration.certificateVerification = .fullVerification
      configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(trustPEM))
      configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(certificatePEM).map { .certificate($0) }
      configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: keyPEM, format: .pem))
      return configuration
    } catch {
      throw ChannelFault("certificate, key or trust cannot be used for TLS: \(error)")
    }
  }

  private static func read(
    _ credential: CredentialPath, _ key: String, _ environment: [String: String], isSecret: Bool = false
  ) throws(ChannelFault) -> [UInt8] {
    guard let path = credential.path(environment: environment) else {
      throw ChannelFault("\(key): it is a systemd credential, and $CREDENTIALS_DIRECTORY is not set")
    }
    // systemd keeps others out of the folder of credentials, whatever the mode of a file in it says.
    let bytes: [UInt8]
    do {
      bytes = try BoundedFile.bytes(of: path)
    } catch {
      throw ChannelFault("\(key): \(path) \(error)")
    }
    if isSecret, case .file = credential { try refuseOpenFile(path, key) }
    guard !bytes.isEmpty else { throw ChannelFault("\(key): \(path) is empty") }
    return bytes
  }

  private static func refuseOpenFile(_ path: String, _ key: String) throws(ChannelFault) {
    guard CredentialFiles.isForItsOwnerOnly(path) else {
      throw ChannelFault(
        "\(key): \(path) can be used by others than its owner: expected mode 600")
    }
  }
}
