import SwiftASN1
import TelemetryCore
import X509

/// The certificate with which a client came through the TLS handshake.
struct ClientCertificate: Sendable {
  let der: [UInt8]
  private let subject: DistinguishedName

  init(der: [UInt8]) throws {
    self.der = der
    subject = try Certificate(derEncoded: der).subject
  }

  /// The subject in the form of CAISO's user names: `CN=<name>x<nnnn>,OU=people,O=CAISO,C=US`.
  ///
  /// That is the string form of RFC 4514, which names the most specific part first; the compact form has no spaces
  /// outside the common name.
  func userName(_ form: WireEnvelope.UserName) -> String {
    let parts = subject.reversed().map { String(describing: $0) }
    return parts.map { form == .plain || $0.hasPrefix("CN=") ? $0 : $0.filter { $0 != " " } }.joined(separator: ",")
  }
}
