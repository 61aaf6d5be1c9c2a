import SwiftASN1
import X509

/// The certificate with which a client came through the TLS handshake.
struct ClientCertificate: Sendable {
  let der: [UInt8]
  /// The subject in the form of CAISO's user names: `CN=<name>x<nnnn>,OU=people,O=CAISO,C=US`.
  ///
  /// That is the string form of RFC 4514, which names the most specific part first.
  let userName: String

  init(der: [UInt8]) throws {
    self.der = der
    userName = try Certificate(derEncoded: der).subject.description
  }
}
