import SignedXML
import Testing

let header = "CAISOWSHeader"

func envelope(payload: String = "1") -> [UInt8] {
  Array(
    """
    <soap:Envelope xmlns:soap="\(WSSecurity.soap)" xmlns:wsu="\(WSSecurity.utility)"><soap:Header>\
    <CAISOWSHeader xmlns="urn:header" wsu:Id="Header"><Username>CN=a &amp; b</Username></CAISOWSHeader></soap:Header>\
    <soap:Body wsu:Id="Body"><Payload xmlns="urn:payload">\(payload)</Payload></soap:Body></soap:Envelope>
    """.utf8)
}

func signed(
  by name: String = "client", _ algorithms: SignatureAlgorithms = .rsaSHA1, elements: [String] = ["Body", "Header"]
) throws -> [UInt8] {
  let signer = try MessageSigner(
    certificatePEM: Credentials.pem("\(name).crt"), keyPEM: Credentials.pem("\(name).key"), algorithms: algorithms)
  return try signer.sign(envelope(), elements: elements)
}

func verify(
  _ bytes: [UInt8], trust: String = "ca.crt", parts: [String] = ["Body", header]
) throws(XMLProblem) -> SignedMessage {
  try SignatureCheck.verify(
    envelope: bytes, byteLimit: 1 << 20, trustedCertificatesPEM: Credentials.pem(trust), requiredParts: parts)
}

func replacing(_ text: String, with other: String, in bytes: [UInt8]) -> [UInt8] {
  Array(String(decoding: bytes, as: UTF8.self).replacing(text, with: other).utf8)
}

@Suite struct SigningTests {
  @Test(arguments: [SignatureAlgorithms.rsaSHA1, .rsaSHA256])
  func signedMessageIsAccepted(_ algorithms: SignatureAlgorithms) throws {
    let message = try verify(try signed(algorithms))
    #expect(message.signedParts == ["Body", header, "BinarySecurityToken"])
    let certificate = Base64.encode(message.certificate)
    let pem = String(decoding: Credentials.pem("client.crt"), as: UTF8.self).filter { !$0.isNewline }
    #expect(pem.contains(String(decoding: certificate, as: UTF8.self)))
  }

  @Test func ellipticKeysSignToo() throws {
    _ = try verify(try signed(by: "elliptic", .ecdsaSHA256), trust: "elliptic.crt")
  }

  @Test func theSameMessageIsSignedTheSameWay() throws {
    #expect(try signed() == signed())
  }

  @Test(arguments: [SignatureAlgorithms.rsaSHA1, .rsaSHA256])
  func theXmlsec1CommandAcceptsOurSignature(_ algorithms: SignatureAlgorithms) throws {
    let good = Credentials.write(try signed(algorithms), to: "good-\(algorithms.digest.count).xml")
    let bad = Credentials.write(
      replacing(">1</Payload>", with: ">2</Payload>", in: try signed(algorithms)),
      to: "bad-\(algorithms.digest.count).xml")
    #expect(xmlsec1(good).status == 0)
    #expect(xmlsec1(bad).status != 0)
  }

  private func xmlsec1(_ path: String) -> (status: Int32, output: String) {
    run([
      "xmlsec1", "--verify", "--pubkey-cert-pem", "\(Credentials.folder)/client.crt",
      "--id-attr:Id", "\(WSSecurity.soap):Body", "--id-attr:Id", "urn:header:CAISOWSHeader",
      "--id-attr:Id", "\(WSSecurity.secext):BinarySecurityToken", path,
    ])
  }

  @Test func aKeyThatIsNotTheCertificatesIsRefusedAtOnce() {
    #expect(throws: XMLProblem.credential(reason: "the private key is not the one of the certificate")) {
      try MessageSigner(
        certificatePEM: Credentials.pem("client.crt"), keyPEM: Credentials.pem("server.key"), algorithms: .rsaSHA1)
    }
  }

  @Test func aKeyOfTheWrongKindIsRefusedAtOnce() {
    #expect(throws: XMLProblem.self) {
      try MessageSigner(
        certificatePEM: Credentials.pem("elliptic.crt"), keyPEM: Credentials.pem("elliptic.key"), algorithms: .rsaSHA1)
    }
  }

  @Test func anAlgorithmWithoutPublicKeyIsRefused() {
    let secret = SignatureAlgorithms(
      signature: "http://www.w3.org/2000/09/xmldsig#hmac-sha1", digest: SignatureAlgorithms.rsaSHA1.digest)
    #expect(throws: XMLProblem.self) { try secret.check() }
  }

  @Test func filesThatAreNoCertificateAreRefused() {
    for bytes in [[], Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8), [0, 255, 10]] {
      #expect(throws: XMLProblem.self) {
        try MessageSigner(certificatePEM: bytes, keyPEM: Credentials.pem("client.key"), algorithms: .rsaSHA1)
      }
    }
  }
}
