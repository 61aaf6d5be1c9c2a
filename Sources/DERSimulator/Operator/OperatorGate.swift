import SignedXML
import TelemetryCore

/// Why a call was not served; the text is what the client is told.
struct Refusal: Error, Hashable, Sendable {
  var reason: String

  init(_ reason: String) { self.reason = reason }
}

/// A parsed SOAP message.
struct Envelope: ~Copyable {
  /// Bytes: what one request may bring at most.
  static let byteLimit = OperatorServer.bodyByteLimit
  static let namespaces = [
    "soap": CAISONames.soap, "header": CAISONames.header, "hash": CAISONames.attachmentHash,
    "attachment": CAISONames.attachment,
  ]

  let bytes: [UInt8]
  let document: XMLDocument

  init(_ bytes: [UInt8]) throws(Refusal) {
    let document: XMLDocument
    do {
      document = try XMLDocument(parsing: bytes, byteLimit: Self.byteLimit)
    } catch {
      throw Refusal("The message cannot be read: \(error)")
    }
    guard try Self.texts("/soap:Envelope/soap:Body", of: document).count == 1 else {
      throw Refusal("The message is not a SOAP envelope with one body.")
    }
    self.bytes = bytes
    self.document = document
  }

  func texts(_ expression: String) throws(Refusal) -> [String] { try Self.texts(expression, of: document) }

  private static func texts(_ expression: String, of document: borrowing XMLDocument) throws(Refusal) -> [String] {
    do {
      return try document.texts(at: expression, namespaces: namespaces)
    } catch {
      throw Refusal("The message cannot be read: \(error)")
    }
  }

  /// The text that an expression finds, where it finds exactly one.
  func text(_ expression: String) throws(Refusal) -> String? {
    let found = try texts(expression)
    return found.count == 1 ? found[0] : nil
  }
}

/// Who may speak to the stand-in: the checks that come before anything is looked at.
struct OperatorGate: Sendable {
  /// How far ahead of ours a client's clock may be.
  static let clockTolerance = Milliseconds.seconds(300)

  /// PEM of the authorities that may have signed the certificate in a message.
  var trustedCertificates: [UInt8]
  /// How the profile makes a user name of a certificate's subject.
  var userName: WireEnvelope.UserName

  /// Throws CAISO's words for what is wrong, or returns the user name.
  ///
  /// `signed` are headers that the signature must cover beside the one that names the user.
  func admit(
    _ envelope: borrowing Envelope, from client: ClientCertificate, at now: UTCInstant, signed: [String] = []
  ) throws(Refusal) -> String {
    let token = "/soap:Envelope/soap:Header/header:CAISOWSHeader/*[local-name()='CAISOUsernameToken']"
    guard let userName = try envelope.text(token + "/*[local-name()='Username']"),
      userName == client.userName(self.userName)
    else {
      throw Refusal(OperatorWords.userNameRefused)
    }
    try checkSignature(envelope.bytes, client, ["Body", "CAISOWSHeader"] + signed)
    try checkTimes(envelope, token, now)
    return userName
  }

  private func checkSignature(
    _ bytes: [UInt8], _ client: ClientCertificate, _ parts: [String]
  ) throws(Refusal) {
    let signed: SignedMessage
    do {
      signed = try SignatureCheck.verify(
        envelope: bytes, byteLimit: Envelope.byteLimit, trustedCertificatesPEM: trustedCertificates,
        requiredParts: parts)
    } catch {
      throw Refusal("\(OperatorWords.signatureRefused) (\(error))")
    }
    guard signed.certificate == client.der else {
      throw Refusal("\(OperatorWords.signatureRefused) (signed by another certificate than the connection's)")
    }
  }

  /// `Created` must be there and not lie ahead; `Expires`, which not every client sends, must not have passed.
  private func checkTimes(
    _ envelope: borrowing Envelope, _ token: String, _ now: UTCInstant
  ) throws(Refusal) {
    guard let created = try envelope.text(token + "/*[local-name()='Created']").flatMap(UTCInstant.init(timestamp:))
    else {
      throw Refusal("CAISOWSHeader says no time of creation in the form yyyy-MM-ddTHH:mm:ss.SSSZ.")
    }
    guard created <= now + Self.clockTolerance else {
      throw Refusal("CAISOWSHeader was created at \(created.timestamp(.milliseconds)), which is yet to come.")
    }
    let found = try envelope.texts(
      "/soap:Envelope/soap:Header/header:CAISOWSHeader/*[local-name()='CAISOMessageInfo']//*[local-name()='Expires']")
    guard let text = found.first else { return }
    guard found.count == 1, let expires = UTCInstant(timestamp: text), expires > created else {
      throw Refusal("CAISOWSHeader does not say when the message expires: \(text)")
    }
    guard expires > now else { throw Refusal("The message expired at \(expires.timestamp(.milliseconds)).") }
  }
}
