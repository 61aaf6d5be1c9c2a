import TelemetryCore
import X509

/// Writes the subject of a certificate the way the operator's clients do.
enum CertificateSubject {
  /// Names of attribute types (RFC 4514, section 3, and what .NET writes for those it does not name).
  private static let names = [
    "2.5.4.3": "CN", "2.5.4.5": "SerialNumber", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "S", "2.5.4.10": "O",
    "2.5.4.11": "OU", "0.9.2342.19200300.100.1.25": "DC", "0.9.2342.19200300.100.1.1": "UID",
    "1.2.840.113549.1.9.1": "E",
  ]

  /// From the common name to the country, such as `CN=Example Meterx1234,OU=people,O=CAISO,C=US`.
  ///
  /// A certificate lists its subject the other way round. Known clients keep spaces only inside the common name.
  static func userName(_ subject: DistinguishedName, _ form: WireEnvelope.UserName) -> String {
    let parts = subject.map { part in part.map { text($0, form) }.joined(separator: "+") }
    return parts.reversed().joined(separator: ",")
  }

  private static func text(_ attribute: RelativeDistinguishedName.Attribute, _ form: WireEnvelope.UserName) -> String {
    let type = "\(attribute.type)"
    let name = names[type] ?? "OID.\(type)"
    let value = String(attribute.value) ?? "\(attribute.value)"
    return "\(name)=\(form == .plain || name == "CN" ? value : value.filter { $0 != " " })"
  }
}
