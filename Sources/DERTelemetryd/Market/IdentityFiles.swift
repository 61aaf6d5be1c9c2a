import FoundationEssentials
import MarketCore
import NIOSSL
import Settings
import SwiftASN1
import TelemetryCore
import X509

/// What the files of an identity say.
struct IdentityFiles {
  var subject: String
  var notValidBefore: UTCInstant
  var notValidAfter: UTCInstant

  /// Why an identity cannot be used, or not be looked at.
  enum Problem: Error {
    /// A systemd credential, which only the service is given.
    case unseen
    case unusable(String)
  }

  init(
    certificate: CredentialPath, key: CredentialPath, trust: CredentialPath, environment: [String: String]
  ) throws(Problem) {
    let pem = try Self.read(certificate, "certificate", environment)
    let keyPEM = try Self.read(key, "key", environment)
    let authorities = try Self.read(trust, "trust", environment)
    if case .file(let path) = key, !CredentialFiles.isForItsOwnerOnly(path) {
      throw .unusable("key: \(path) can be used by others than its owner: expected mode 600")
    }
    let parsed: Certificate
    do {
      parsed = try Certificate(pemEncoded: String(decoding: pem, as: UTF8.self))
      _ = try NIOSSLCertificate.fromPEMBytes(authorities)
    } catch {
      throw .unusable("certificate or trust is no certificate in PEM form: \(error)")
    }
    try Self.match(pem, keyPEM)
    subject = CertificateSubject.userName(parsed.subject, .plain)
    notValidBefore = Self.instant(parsed.notValidBefore)
    notValidAfter = Self.instant(parsed.notValidAfter)
  }

  /// A key of another certificate is found only at the handshake otherwise.
  private static func match(_ pem: [UInt8], _ key: [UInt8]) throws(Problem) {
    do {
      var configuration = TLSConfiguration.makeClientConfiguration()
      configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(pem).map { .certificate($0) }
      configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: key, format: .pem))
      _ = try NIOSSLContext(configuration: configuration)
    } catch {
      throw .unusable("certificate and key do not belong together, or the key is none: \(error)")
    }
  }

  private static func read(
    _ credential: CredentialPath, _ name: String, _ environment: [String: String]
  ) throws(Problem) -> [UInt8] {
    guard let path = credential.path(environment: environment) else { throw .unseen }
    do throws(BoundedFile.Failure) {
      return try BoundedFile.bytes(of: path)
    } catch {
      throw .unusable("\(name): \(path) \(error)")
    }
  }

  private static func instant(_ date: Date) -> UTCInstant {
    UTCInstant(milliseconds: Int64(date.timeIntervalSince1970 * 1_000))
  }
}
