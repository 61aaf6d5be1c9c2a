import SignedXML
import SwiftASN1
import TelemetryCore
import X509

/// An identity out of a PKCS#12 file, as the service takes it.
struct ImportedIdentity {
  let archive: IdentityArchive
  private let certificate: Certificate
  private let issuers: [Certificate]
  private let signing: String?

  init(_ archive: IdentityArchive) throws(XMLProblem) {
    self.archive = archive
    do {
      certificate = try Certificate(pemEncoded: String(decoding: archive.certificatePEM, as: UTF8.self))
      issuers = try archive.issuerPEMs.map { try Certificate(pemEncoded: String(decoding: $0, as: UTF8.self)) }
    } catch {
      throw .credential(reason: "holds a certificate that cannot be read: \(error)")
    }
    do throws(XMLProblem) {
      _ = try MessageSigner(
        certificatePEM: archive.certificatePEM, keyPEM: archive.keyPEM, algorithms: .rsaSHA256)
      signing = nil
    } catch {
      signing = "messages cannot be signed by RSA with it, as the operator's known clients do: \(error)"
    }
  }

  /// The certificate, and then each one that issued the one before it, short of the root: what is sent in a handshake.
  var chainPEM: [UInt8] {
    var chain = archive.certificatePEM
    var last = certificate
    var rest = Array(zip(issuers, archive.issuerPEMs))
    while let place = rest.firstIndex(where: { $0.0.subject == last.issuer && $0.0.subject != $0.0.issuer }) {
      let (issuer, pem) = rest.remove(at: place)
      chain += pem
      last = issuer
    }
    return chain
  }

  /// Nil where the file holds none.
  var issuersPEM: [UInt8]? { issuers.isEmpty ? nil : archive.issuerPEMs.flatMap { $0 } }

  func report(now: UTCInstant) -> CertificateReport {
    var report = CertificateReport(certificate, issuers: issuers, now: now)
    if let signing { report.warnings.append(signing) }
    return report
  }
}
