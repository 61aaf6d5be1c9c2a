/// What to do about a connection that TLS has ended, by the words of the library.
struct HandshakeAdvice {
  let text: String

  static let refusedCertificate =
    "the operator's server may not accept this certificate: ask the operator whether it is registered for this host, and "
    + "look at it with dertelemetryd certificate show"

  init(_ reason: String) {
    let reason = reason.uppercased()
    func says(_ words: String...) -> Bool { words.contains { reason.contains($0) } }
    if says("ALERT_", "BAD_CERTIFICATE", "CERTIFICATE_REQUIRED") && !says("ALERT_PROTOCOL_VERSION") {
      text = Self.refusedCertificate
    } else if says("CERTIFICATE_VERIFY_FAILED", "UNABLETOVALIDATECERTIFICATE") {
      text =
        "the server shows a certificate that `trust` does not vouch for, or that is for another name: look at the host, and "
        + "get the operator's authority from the operator. Nothing was sent to it"
    } else if says("WRONG_VERSION", "UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "HTTP_REQUEST") {
      text = "the other side speaks no TLS 1.2 or newer at this port: look at the URL"
    } else if says("EOF", "RESET", "UNCLEANSHUTDOWN", "ENDED") {
      text =
        "the other side hung up in the handshake, which is how some refuse a certificate: \(Self.refusedCertificate)"
    } else {
      text = "look at the network, and whether the operator's service is up"
    }
  }
}
