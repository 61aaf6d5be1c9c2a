import SignedXML
import Testing

@Suite struct SignatureCheckTests {
  @Test func aChangedBodyIsRefused() throws {
    let message = replacing(">1</Payload>", with: ">2</Payload>", in: try signed())
    #expect(throws: XMLProblem.self) { try verify(message) }
  }

  @Test func aChangedHeaderIsRefused() throws {
    let message = replacing("CN=a", with: "CN=c", in: try signed())
    #expect(throws: XMLProblem.self) { try verify(message) }
  }

  @Test func aCertificateOfAnotherAuthorityIsRefused() throws {
    let message = try signed(by: "foreign")
    #expect(throws: XMLProblem.self) { try verify(message) }
    _ = try verify(message, trust: "foreign-ca.crt")
  }

  @Test func anExpiredCertificateIsRefused() throws {
    let message = try signed(by: "expired")
    #expect(throws: XMLProblem.signature(reason: "the certificate is not trusted: certificate has expired")) {
      try verify(message)
    }
  }

  @Test func aPartThatIsNotSignedIsRefused() throws {
    let message = try signed(elements: ["Body"])
    #expect(throws: XMLProblem.signature(reason: "CAISOWSHeader is not what was signed")) { try verify(message) }
    #expect(try verify(message, parts: ["Body"]).signedParts == ["Body", "BinarySecurityToken"])
  }

  @Test func aSignedBodyMovedAsideDoesNotVouchForAnotherOne() throws {
    let body = "<soap:Body wsu:Id=\"Body\"><Payload xmlns=\"urn:payload\">1</Payload></soap:Body>"
    let forged = "<soap:Body wsu:Id=\"Other\"><Payload xmlns=\"urn:payload\">9</Payload></soap:Body>"
    let moved = replacing(
      "</soap:Header>\(body)", with: "<aside>\(body)</aside></soap:Header>\(forged)", in: try signed())
    #expect(throws: XMLProblem.signature(reason: "Body is not what was signed")) { try verify(moved) }
    let twice = replacing(body, with: body + forged, in: try signed())
    #expect(throws: XMLProblem.self) { try verify(twice) }
  }

  @Test func aSecondHeaderOfTheSameNameIsRefused() throws {
    let forged = "<CAISOWSHeader xmlns=\"urn:header\"><Username>CN=z</Username></CAISOWSHeader></soap:Header>"
    let message = replacing("</soap:Header>", with: forged, in: try signed())
    #expect(throws: XMLProblem.signature(reason: "2 headers named CAISOWSHeader")) { try verify(message) }
  }

  @Test func anIDThatStandsTwiceIsRefused() throws {
    let message = replacing(
      "</soap:Header>", with: "<aside wsu:Id=\"Body\"/></soap:Header>", in: try signed())
    #expect(throws: XMLProblem.signature(reason: "the ID Body stands twice or is no ID")) { try verify(message) }
  }

  @Test func anotherCertificateInTheTokenIsRefused() throws {
    let mine = String(decoding: Base64.encode(try verify(try signed()).certificate), as: UTF8.self)
    let other = try verify(try signed(by: "foreign"), trust: "foreign-ca.crt").certificate
    let message = replacing(
      mine, with: String(decoding: Base64.encode(other), as: UTF8.self), in: try signed())
    #expect(throws: XMLProblem.self) { try verify(message, trust: "foreign-ca.crt") }
  }

  @Test func anUnsignedMessageIsRefused() {
    #expect(throws: XMLProblem.self) { try verify(envelope()) }
  }

  @Test func noCutOfAMessageIsAccepted() throws {
    let message = try signed()
    for length in stride(from: 0, to: message.count - 1, by: 7) {
      #expect(throws: XMLProblem.self) { try verify(Array(message[..<length])) }
    }
  }

  /// Whatever a changed message is taken for, it is never another payload.
  @Test func noChangedMessageIsTakenForAnother() throws {
    let message = try signed()
    var random = Seeded(seed: 7)
    for _ in 0..<1_500 {
      let changed = random.changed(message)
      guard (try? verify(changed)) != nil else { continue }
      let document = try XMLDocument(parsing: changed, byteLimit: 1 << 20)
      #expect(try document.texts(at: "//p:Payload", namespaces: ["p": "urn:payload"]) == ["1"])
    }
  }
}
