package import TelemetryCore

/// An application of CAISO that wants to know who asks.
///
/// Access is granted for each application, environment and scheduling coordinator by itself: what opens one opens no other.
package enum MarketApplication: String, Sendable, CaseIterable, Hashable {
  case sibr
  case ads
  case cmri
  case rims

  /// What it is for.
  package var purpose: String {
    switch self {
    case .sibr: "schedules and bids"
    case .ads: "dispatch instructions"
    case .cmri: "awards"
    case .rims: "projects and registration"
    }
  }
}

/// With what an application is shown who asks.
package struct MarketIdentity: Sendable, Hashable {
  package var certificate: CredentialPath
  package var key: CredentialPath
  /// The authorities that may have signed the application's certificate.
  package var trust: CredentialPath
  package var place: ConfigurationPlace

  package init(
    certificate: CredentialPath, key: CredentialPath, trust: CredentialPath, place: ConfigurationPlace
  ) {
    self.certificate = certificate
    self.key = key
    self.trust = trust
    self.place = place
  }
}

/// One identity for each application, none taken from another; two may point to the same files.
package struct MarketIdentities: Sendable, Hashable {
  private var identities: [MarketApplication: MarketIdentity] = [:]

  package init() {}

  package subscript(application: MarketApplication) -> MarketIdentity? {
    get { identities[application] }
    set { identities[application] = newValue }
  }

  /// The identity for an application, or why there is none.
  package func required(for application: MarketApplication) throws(MissingIdentity) -> MarketIdentity {
    if let identity = identities[application] { return identity }
    throw MissingIdentity(
      application: application, others: MarketApplication.allCases.filter { identities[$0] != nil })
  }

  init?(reading reader: inout ConfigurationReader, directory: String) {
    reader.refuse("mri-s", "is set with the channel in dertelemetryd.yaml")
    for application in MarketApplication.allCases where reader.contains(application.rawValue) {
      identities[application] = reader.optionalMapping(application.rawValue) { reader in
        let certificate = reader.required("certificate", .credential(in: directory))
        let key = reader.required("key", .credential(in: directory))
        let trust = reader.required("trust", .credential(in: directory))
        guard let certificate, let key, let trust else { return nil }
        return MarketIdentity(certificate: certificate, key: key, trust: trust, place: reader.place)
      }
    }
  }
}

/// An application is to be asked, and nobody has said as whom.
package struct MissingIdentity: Error, Sendable, Hashable, CustomStringConvertible {
  package var application: MarketApplication
  /// Those that have one.
  package var others: [MarketApplication]

  package var description: String {
    let name = application.rawValue
    let advice = "set `identities.\(name)` in market.yaml"
    guard !others.isEmpty else { return "\(name) has no identity: \(advice)" }
    let list = others.map(\.rawValue).joined(separator: ", ")
    return
      "\(name) has no identity: \(advice); that of \(list) is never used for it, though it may point to the same files"
  }
}

/// How an identity is doing at an instant.
package enum IdentityState: Sendable, Hashable {
  case valid
  /// Valid, and not for long.
  case expiring(days: Int64)
  case expired
  case notYetValid

  /// CAISO takes some days to renew a certificate, and a person takes more to notice.
  package static let warningDays: Int64 = 60

  package init(from start: UTCInstant, through end: UTCInstant, now: UTCInstant) {
    let days = (end - now).count.flooredQuotient(86_400_000)
    if now < start {
      self = .notYetValid
    } else if now > end {
      self = .expired
    } else {
      self = days < Self.warningDays ? .expiring(days: days) : .valid
    }
  }

  package var isUsable: Bool {
    switch self {
    case .valid, .expiring: true
    case .expired, .notYetValid: false
    }
  }

  package var words: String {
    switch self {
    case .valid: "valid"
    case .expiring(let days): "expires in \(days) days"
    case .expired: "expired"
    case .notYetValid: "not valid yet"
    }
  }
}
