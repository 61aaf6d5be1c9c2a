import Settings
import SignedXML
import TelemetryCore
import Testing

@testable import DERTelemetryd

/// The plain services: a submission as a MIME message, its answers in either form.
@Suite struct MultipartFlavourTests {
  private func channel() throws -> MeteringChannel {
    try ChannelFixtures.channel(ChannelFixtures.settings(profile: try ChannelFixtures.plainProfile()))
  }

  private func parts(_ bytes: [UInt8]) throws -> (envelope: [UInt8], attachment: [UInt8]?) {
    let type = try #require(try MultipartType(MultipartMessage.contentType(startingWith: "payload")))
    let related = try MultipartMessage(parsing: bytes, type: type).related(type)
    return (related.root.body, related.attachment?.body)
  }

  @Test func aSubmissionIsAnEnvelopeWithAnEmptyBodyAndThenItsAttachment() throws {
    let channel = try channel()
    let payload = channel.payload(ChannelFixtures.content)
    let call = try channel.prepareSubmission(payload: payload, ChannelFixtures.identity)
    let (envelope, attachment) = try parts(call.envelope)
    let text = try #require(attachment)
    #expect(try Gzip.decompress(try #require(Base64.decode(text)), byteLimit: 1 << 20) == payload)
    let xml = String(decoding: envelope, as: UTF8.self)
    #expect(xml.contains("<soap:Body wsu:Id=\"Body\"/>"))
    #expect(xml.contains("<hashValue>\(AttachmentHash.text(of: text))</hashValue>"))
    #expect(xml.contains("<Attachment><id>1</id><compressFlag>YES</compressFlag><compressMethod>gzip</compressMethod>"))
    let signed = try SignatureCheck.verify(
      envelope: envelope, byteLimit: 1 << 20, trustedCertificatesPEM: channel.credentials.trustPEM,
      requiredParts: ["Body", "CAISOWSHeader", "standardAttachmentInfor", "attachmentHash"])
    #expect(signed.signedParts.count == 5)
    #expect(call.envelopeDigest == MeteringChannel.digest(call.envelope))
    #expect(try channel.prepareSubmission(payload: payload, ChannelFixtures.identity) == call)
  }

  @Test func aQuestionStandsInTheBodyWithoutTheHeadersOfAnAttachment() throws {
    let channel = try channel()
    let call = try #require(try channel.prepareStatus(OperatorBatchID("B-17"), ChannelFixtures.identity))
    let text = String(decoding: call.envelope, as: UTF8.self)
    #expect(
      text.contains(
        """
        <soap:Body wsu:Id="Body"><BatchValidationStatus xmlns="http://www.caiso.com/soa/BatchValidationStatus_v1.xsd#">\
        <MessagePayload><BatchStatus><mRID>B-17</mRID></BatchStatus></MessagePayload></BatchValidationStatus></soap:Body>
        """))
    #expect(!text.contains("standardAttachmentInfor") && !text.contains("attachmentHash"))
    let signed = try SignatureCheck.verify(
      envelope: call.envelope, byteLimit: 1 << 20, trustedCertificatesPEM: channel.credentials.trustPEM,
      requiredParts: ["Body", "CAISOWSHeader"])
    #expect(signed.signedParts == ["Body", "CAISOWSHeader", "BinarySecurityToken"])
  }

  // MARK: Answers

  private func answer(_ document: [UInt8], hash: String? = nil, more: String = "") -> RawAnswer {
    let text = Base64.encode(Gzip.compress(document))
    let header = """
      <attachmentHash xmlns="http://www.caiso.com/mrtu/soa/schemas/2005/09/attachmenthash">\
      <hashValue>\(hash ?? AttachmentHash.text(of: text))</hashValue></attachmentHash>
      """
    let envelope = """
      <s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>\(hash == "" ? "" : header)</s:Header>\
      <s:Body>\(more)</s:Body></s:Envelope>
      """
    return RawAnswer(
      httpStatus: 200, body: MultipartMessage(envelope: Array(envelope.utf8), attachment: text).bytes(),
      contentType: MultipartMessage.contentType(startingWith: "payload"))
  }

  private var held: [HeldValue] {
    ChannelFixtures.content.rows.map {
      HeldValue(
        resource: $0.resource, measurement: $0.measurement, intervalEnding: $0.intervalEnding.instant, value: $0.value)
    }
  }

  @Test func anAnswerOfTwoPartsIsRead() throws {
    let channel = try channel()
    let payload = channel.payload(ChannelFixtures.content)
    #expect(channel.readRetrieve(answer(payload)) == .held(held))
    // Whatever our own flavour: the answer says what it is.
    let other = try ChannelFixtures.channel(ChannelFixtures.settings())
    #expect(other.readRetrieve(answer(payload)) == .held(held))
  }

  @Test(arguments: ["", "AAAA"])
  func anAttachmentThatDoesNotMatchItsHashIsNoAnswer(_ hash: String) throws {
    let channel = try channel()
    let read = channel.readRetrieve(answer(channel.payload(ChannelFixtures.content), hash: hash))
    guard case .failed(.unreadable(let reason)) = read else {
      Issue.record("\(read)")
      return
    }
    #expect(reason.contains("does not match its hash"))
  }

  @Test func anAttachmentInTheBodyAndOneBesideItAreNoAnswer() throws {
    let channel = try channel()
    let inside = """
      <ISOAttachment xmlns="http://www.caiso.com/soa/2006-10-26/ISOAttachment.xsd"><AttachmentValue>QQ==\
      </AttachmentValue></ISOAttachment>
      """
    let read = channel.readRetrieve(answer(channel.payload(ChannelFixtures.content), more: inside))
    guard case .failed(.unreadable) = read else {
      Issue.record("\(read)")
      return
    }
  }

  @Test func noCutOfAnAnswerIsAnAbsence() throws {
    let channel = try channel()
    let whole = answer(channel.payload(ChannelFixtures.content))
    for length in 0..<whole.body.count - 2 {
      var cut = whole
      cut.body = Array(whole.body[..<length])
      guard case .failed(.unreadable) = channel.readRetrieve(cut) else {
        Issue.record("an answer after \(length) bytes")
        return
      }
    }
  }

  @Test func noChangedAnswerHoldsOtherValues() throws {
    let channel = try channel()
    let whole = answer(channel.payload(ChannelFixtures.content))
    var state: UInt64 = 12
    for _ in 0..<2_000 {
      var changed = whole
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      changed.body[Int(state >> 33) % changed.body.count] = UInt8(truncatingIfNeeded: state >> 20)
      if case .held(let values) = channel.readRetrieve(changed) { #expect(values == held) }
    }
  }

  // MARK: The profile

  @Test(arguments: [
    ("  questions: attached", "  questions: elsewhere", "envelope.questions"),
    ("  flavour: doc_attach", "  flavour: multipart", "envelope.body"),
    ("  body:                ", "  no_body:             ", "envelope.body"),
    (
      "{ element: AttachmentValue, value: attachment }", "{ element: V, only_with_attachment: true }",
      "envelope.body.content[0].only_with_attachment"
    ),
    (
      "\n    - element: standardAttachmentInfor", "\n    - { element: h, value: attachment_hash }\n    - element: s",
      "envelope.questions"
    ),
  ])
  func aFaultInTheFileIsNamedWithItsPlace(_ right: String, _ wrong: String, _ key: String) throws {
    var text = try BoundedFile.text(of: "\(ChannelFixtures.project)/config/profiles/mri-s.yaml")
    if wrong.contains("attachment_hash") {
      text = text.replacing("  questions: attached", with: "  questions: in_body", maxReplacements: 1)
    }
    #expect(text.contains(right))
    let problems = #expect(throws: ConfigurationProblems.self) {
      try ChannelFixtures.profile(text.replacing(right, with: wrong, maxReplacements: 1))
    }
    #expect(problems?.problems.contains { $0.key == key } == true, "\(problems?.problems ?? [])")
  }
}
