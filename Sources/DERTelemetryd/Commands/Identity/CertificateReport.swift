import Foundation
import MarketCore
import TelemetryCore
import X509

/// What `certificate show --json` prints, and `certificate import` of what it has found.
struct CertificateReport: Codable, Equatable {
  /// As the operator takes it for a user name.
  var subject: String
  var issuer: String
  /// Hexadecimal, two digits a byte.
  var serialNumber: String
  var notValidBefore: String
  var notValidAfter: String
  var isExpired: Bool
  var validity: String
  /// Empty where the certificate restricts nothing.
  var uses: [String]
  var extendedUses: [String]
  /// Subjects of the other certificates of its file.
  var issuers: [String]
  var warnings: [String]

  init(_ certificate: Certificate, issuers: [Certificate], now: UTCInstant) {
    let (start, end) = (Self.instant(certificate.notValidBefore), Self.instant(certificate.notValidAfter))
    let state = IdentityState(from: start, through: end, now: now)
    subject = CertificateSubject.userName(certificate.subject, .plain)
    issuer = CertificateSubject.userName(certificate.issuer, .plain)
    serialNumber = certificate.serialNumber.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(
      separator: ":")
    (notValidBefore, notValidAfter) = (start.text, end.text)
    isExpired = now > end
    validity = state.words
    (uses, extendedUses, warnings) = ([], [], [])
    self.issuers = issuers.map { CertificateSubject.userName($0.subject, .plain) }
    if state == .notYetValid {
      warnings.append("it is not valid yet: nothing is accepted with it before \(start.text)")
    }
    readUses(of: certificate)
  }

  private mutating func readUses(of certificate: Certificate) {
    do {
      if let usage = try certificate.extensions.keyUsage {
        uses = Self.names(of: usage)
        if !usage.digitalSignature {
          warnings.append("its key is not for signatures: messages signed with it may be refused")
        }
      }
      if let usage = try certificate.extensions.extendedKeyUsage {
        extendedUses = usage.map { "\($0)" }
        let isForClients = usage.contains(.clientAuth) || usage.contains(.any)
        if !isForClients { warnings.append("it is not for clients of TLS: the operator's server may refuse it") }
      }
    } catch {
      warnings.append("what it is for cannot be read: \(error)")
    }
  }

  private static func names(of usage: KeyUsage) -> [String] {
    let all = [
      ("digital signature", usage.digitalSignature), ("non-repudiation", usage.nonRepudiation),
      ("key encipherment", usage.keyEncipherment), ("data encipherment", usage.dataEncipherment),
      ("key agreement", usage.keyAgreement), ("certificate signing", usage.keyCertSign),
    ]
    return all.filter(\.1).map(\.0)
  }

  private static func instant(_ date: Date) -> UTCInstant {
    UTCInstant(milliseconds: Int64(date.timeIntervalSince1970 * 1_000))
  }

  var text: String {
    let uses = uses + extendedUses
    let rows = [
      ("subject", subject), ("issuer", issuer), ("serial number", serialNumber), ("valid from", notValidBefore),
      ("valid until", "\(notValidAfter), \(validity)"),
      ("for", uses.isEmpty ? "anything" : uses.joined(separator: ", ")),
    ]
    let lines =
      rows + issuers.map { ("with issuer", $0) } + warnings.map { ("warning", $0) }
    return lines.map { name, value in
      name + String(repeating: " ", count: 16 - name.count) + value.controlsEscaped
    }.joined(separator: "\n")
  }
}
