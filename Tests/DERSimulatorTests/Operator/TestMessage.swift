import SignedXML
import TelemetryCore

@testable import DERSimulator

/// A message to the channel, good unless a test says otherwise.
///
/// Written out here, and not by the daemon's code, so that both must agree with CAISO's form and not only with each other.
struct TestMessage {
  static let userName = "CN=dertelemetryd test x0001,OU=people,O=CAISO,C=US"
  /// Noon of some day; what a desk is told is always the time.
  static let now = UTCInstant(seconds: 1_795_348_800)

  var userName = Self.userName
  var created = Self.now.timestamp(.milliseconds)
  var expires: String? = (Self.now + .seconds(900)).timestamp(.milliseconds)
  var signer = "client"
  var signed = ["Body", "Header"]
  var algorithms = SignatureAlgorithms.rsaSHA1
  var extraHeader = ""
  var body: String

  init(body: String) { self.body = body }

  /// A DocAttach message.
  init(attaching payload: String) {
    self.init(attachingText: Base64.encode(Gzip.compress(Array(payload.utf8))))
  }

  init(attachingText text: [UInt8]) {
    body = """
      <ISOAttachment xmlns="http://www.caiso.com/soa/2006-10-26/ISOAttachment.xsd"><AttachmentValue>\
      \(String(decoding: text, as: UTF8.self))</AttachmentValue></ISOAttachment>
      """
  }

  var unsigned: [UInt8] {
    let information = expires.map {
      """
      <CAISOMessageInfo><MessageID>m-1</MessageID><Timestamp><Created>\(created)</Created><Expires>\($0)</Expires>\
      </Timestamp></CAISOMessageInfo>
      """
    }
    return Array(
      """
      <?xml version="1.0" encoding="UTF-8"?>
      <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" \
      xmlns:u="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"><s:Header>\
      <CAISOWSHeader xmlns="http://www.caiso.com/soa/2006-09-30/CAISOWSHeader.xsd" u:Id="Header"><CAISOUsernameToken>\
      <Username>\(userName)</Username><Nonce>bm9uY2U=</Nonce><Created>\(created)</Created></CAISOUsernameToken>\
      \(information ?? "")</CAISOWSHeader>\(extraHeader)</s:Header><s:Body u:Id="Body">\(body)</s:Body></s:Envelope>
      """.utf8)
  }

  func bytes() throws -> [UInt8] {
    let certificates = try TestCertificates.shared()
    let signer = try MessageSigner(
      certificatePEM: certificates.bytes(signer + ".crt"), keyPEM: certificates.bytes(signer + ".key"),
      algorithms: algorithms)
    return try signer.sign(unsigned, elements: signed)
  }

  /// The call as it reaches the desk over a connection of the test client.
  func call(path: String = "/") throws -> OperatorCall {
    OperatorCall(path: path, body: try bytes(), clientCertificate: try TestCertificates.shared().der("client"))
  }
}
