import SignedXML
import TelemetryCore
import Testing

@testable import DERSimulator

@Suite struct OperatorGateTests {
  @Test(arguments: [SignatureAlgorithms.rsaSHA1, .rsaSHA256])
  func aGoodMessagePasses(algorithms: SignatureAlgorithms) throws {
    var message = TestMessage(attaching: TestPayload.meterData())
    message.algorithms = algorithms
    #expect(try refusal(of: message) == nil)
  }

  @Test(arguments: [
    "", "CN=somebody else x0002,OU=people,O=CAISO,C=US", "C=US,O=CAISO,OU=people,CN=dertelemetryd test x0001",
    "CN=dertelemetryd test x0001, OU=people, O=CAISO, C=US", "cn=dertelemetryd test x0001,OU=people,O=CAISO,C=US",
  ])
  func anotherUserNameThanTheCertificatesSubjectIsRefused(userName: String) throws {
    var message = TestMessage(attaching: TestPayload.meterData())
    message.userName = userName
    #expect(try refusal(of: message) == "CAISOUsernameToken Validation Error.")
  }

  @Test func aSecondUserNameIsRefused() throws {
    var message = TestMessage(attaching: TestPayload.meterData())
    message.userName += "</Username><Username>" + TestMessage.userName
    #expect(try refusal(of: message) == "CAISOUsernameToken Validation Error.")
  }

  @Test func aMessageWithoutASignatureIsRefused() throws {
    let message = TestMessage(attaching: TestPayload.meterData())
    try expectSignatureRefused(message.unsigned)
  }

  @Test(arguments: ["foreign", "expired"])
  func theSignatureOfACertificateThatIsNotTrustedIsRefused(signer: String) throws {
    var message = TestMessage(attaching: TestPayload.meterData())
    message.signer = signer
    try expectSignatureRefused(try message.bytes())
  }

  @Test func theSignatureOfAnotherCertificateThanTheConnectionsIsRefused() throws {
    var message = TestMessage(attaching: TestPayload.meterData())
    message.userName = "CN=localhost,O=DERTelemetrydtest"
    let call = OperatorCall(
      path: "/", body: try message.bytes(), clientCertificate: try TestCertificates.shared().der("server"))
    let reason = try #require(try TestDesk().refusal(of: call))
    #expect(reason.hasPrefix("Signature validation status: false"))
    #expect(reason.contains("another certificate"))
  }

  @Test(arguments: [["Body"], ["Header"]])
  func anUnsignedBodyOrHeaderIsRefused(signed: [String]) throws {
    var message = TestMessage(attaching: TestPayload.meterData())
    message.signed = signed
    try expectSignatureRefused(try message.bytes())
  }

  @Test func aBodyThatWasChangedAfterSigningIsRefused() throws {
    let message = TestMessage(body: TestPayload.status("1"))
    let bytes = try message.bytes()
    let text = String(decoding: bytes, as: UTF8.self)
    let changed = text.replacing("<mRID>1</mRID>", with: "<mRID>2</mRID>")
    #expect(changed != text)
    try expectSignatureRefused(Array(changed.utf8))
  }

  @Test func aMessageOfTheFutureIsRefused() throws {
    var message = TestMessage(attaching: TestPayload.meterData())
    message.created = (TestMessage.now + .seconds(301)).timestamp(.milliseconds)
    #expect(try #require(try refusal(of: message)).contains("yet to come"))
  }

  @Test func aMessageThatHasExpiredIsRefused() throws {
    var message = TestMessage(attaching: TestPayload.meterData())
    message.created = (TestMessage.now - .seconds(900)).timestamp(.milliseconds)
    message.expires = TestMessage.now.timestamp(.milliseconds)
    #expect(try #require(try refusal(of: message)).contains("expired"))
  }

  @Test func aMessageThatNeverExpiresIsAccepted() throws {
    var message = TestMessage(attaching: TestPayload.meterData())
    message.expires = nil
    #expect(try refusal(of: message) == nil)
  }

  @Test(arguments: ["", "yesterday", "2026-11-22T11:05:00", "2026-11-22"])
  func aTimeThatIsNoneIsRefused(text: String) throws {
    var message = TestMessage(attaching: TestPayload.meterData())
    message.expires = text
    #expect(try refusal(of: message) != nil)
    message.expires = nil
    message.created = text
    #expect(try refusal(of: message) != nil)
  }

  private func refusal(of message: TestMessage) throws -> String? { try TestDesk().refusal(of: message.call()) }

  private func expectSignatureRefused(_ bytes: [UInt8]) throws {
    let call = OperatorCall(
      path: "/", body: bytes, clientCertificate: try TestCertificates.shared().der("client"))
    #expect(try #require(try TestDesk().refusal(of: call)).hasPrefix("Signature validation status: false"))
  }
}
