import Settings
import SignedXML
import TelemetryCore
import Testing

@testable import DERTelemetryd

@Suite struct ShippedProfileTests {
  private func yaml() throws -> String {
    try BoundedFile.text(of: "\(ChannelFixtures.project)/config/profiles/mri-s.yaml")
  }

  @Test func itSaysThatItIsNotVerified() throws {
    #expect(try ChannelFixtures.shippedProfile().isVerified == false)
  }

  @Test func allItsExpressionsCanBeUsed() throws {
    #expect(AnswerExtraction(try ChannelFixtures.shippedProfile().answers).problems().isEmpty)
  }

  @Test func thePayloadIsTheOneOfTheInterfaceDocuments() throws {
    let payload = try ChannelFixtures.shippedProfile().payload(ChannelFixtures.content)
    #expect(
      String(decoding: payload, as: UTF8.self) == """
        <?xml version="1.0" encoding="UTF-8"?>
        <MeterData xmlns="http://www.caiso.com/soa/MeterData_v1.xsd#"><MessageHeader>\
        <TimeDate>2025-06-03T19:00:00Z</TimeDate><Source>DERGW1</Source><Version>v00000000</Version></MessageHeader>\
        <MessagePayload><RegisteredResource><Measurements><measurementType>GEN</measurementType>\
        <MeasurementValue><intervalEndTime>2025-06-02T07:05:00Z</intervalEndTime><value>0.142500</value>\
        </MeasurementValue><MeasurementValue><intervalEndTime>2025-06-02T07:10:00Z</intervalEndTime>\
        <value>0.000000</value></MeasurementValue></Measurements><RegisteredGenerator><mRID>EXAMPL_7_DERA1</mRID>\
        </RegisteredGenerator></RegisteredResource><RegisteredResource><Measurements>\
        <measurementType>LOAD</measurementType><MeasurementValue><intervalEndTime>2025-06-02T07:05:00Z</intervalEndTime>\
        <value>0.000017</value></MeasurementValue><MeasurementValue>\
        <intervalEndTime>2025-06-02T07:10:00Z</intervalEndTime><value>-0.000003</value></MeasurementValue>\
        </Measurements><RegisteredGenerator><mRID>EXAMPL_7_DERA1</mRID></RegisteredGenerator></RegisteredResource>\
        </MessagePayload></MeterData>
        """)
  }

  @Test func theEnvelopeCarriesTheHeaderAsClientsSendIt() throws {
    let channel = try ChannelFixtures.channel(ChannelFixtures.settings())
    let call = try #require(try channel.prepareStatus(OperatorBatchID("B-17"), ChannelFixtures.identity))
    let envelope = String(decoding: call.envelope, as: UTF8.self)
    #expect(
      envelope.contains(
        """
        <CAISOWSHeader xmlns="http://www.caiso.com/soa/2006-09-30/CAISOWSHeader.xsd" wsu:Id="Header1">\
        <CAISOUsernameToken><Username>CN=dertelemetryd test x0001,OU=people,O=CAISO,C=US</Username>\
        <Nonce>bm9uY2U=</Nonce><Created>2025-06-03T19:00:00.123Z</Created></CAISOUsernameToken>\
        <CAISOMessageInfo><MessageID>M-1</MessageID><Timestamp><Created>2025-06-03T19:00:00.123Z</Created>\
        <Expires>2025-06-03T19:15:00.123Z</Expires></Timestamp></CAISOMessageInfo></CAISOWSHeader>
        """))
  }

  @Test func theSameCallIsTheSameBytes() throws {
    let channel = try ChannelFixtures.channel(ChannelFixtures.settings())
    let one = try channel.prepareRetrieve(ChannelFixtures.question, ChannelFixtures.identity)
    #expect(try one == channel.prepareRetrieve(ChannelFixtures.question, ChannelFixtures.identity))
    #expect(one.payloadDigest == MeteringChannel.digest(one.payload))
  }

  @Test func signedPartsAreBodyHeaderAndToken() throws {
    let channel = try ChannelFixtures.channel(ChannelFixtures.settings())
    let call = try channel.prepareSubmission(payload: [1, 2, 3], ChannelFixtures.identity)
    let message = try SignatureCheck.verify(
      envelope: call.envelope, byteLimit: 1 << 20, trustedCertificatesPEM: channel.credentials.trustPEM,
      requiredParts: ["Body", "CAISOWSHeader"])
    #expect(message.signedParts == ["Body", "CAISOWSHeader", "BinarySecurityToken"])
  }

  /// One change in the file, and the sentence that names it.
  @Test(arguments: [
    ("value: energy }", "value: enregy }", "content[1].content[0].content[0].content[1].content[1].value"),
    ("value: batch_id }", "value: energy }", "messages.status.content[0].content[0].content[0].value"),
    ("for_each: series", "for_each: site", "messages.submit.content[1].content[0].for_each"),
    ("element: MeterData", "element: Meter Data", "messages.submit.element"),
    ("namespace: http://www.caiso.com/soa/MeterData_v1.xsd#", "namespace: MeterData", "messages.submit.namespace"),
    ("digits: 6", "digits: 12", "unit.digits"),
    ("flavour: doc_attach", "flavour: carrier_pigeon", "envelope.flavour"),
    ("verified: false", "verifed: false", "verified"),
    ("statuses: [429]", "statuses: [1000]", "answers.throttled.statuses[0]"),
  ])
  func aFaultInTheFileIsNamedWithItsPlace(_ right: String, _ wrong: String, _ key: String) throws {
    let text = try yaml()
    #expect(text.contains(right))
    let problems = #expect(throws: ConfigurationProblems.self) {
      try ChannelFixtures.profile(text.replacing(right, with: wrong, maxReplacements: 1))
    }
    let found = problems?.problems ?? []
    #expect(found.contains { $0.key.hasSuffix(key) && $0.place.file == "test.yaml" }, "\(found)")
  }

  @Test func anExpressionThatCannotBeUsedIsFoundBeforeTheFirstCall() throws {
    let text = try yaml().replacing("known: /meter:MeterData", with: "known: /meeter:MeterData")
    let settings = try ChannelFixtures.settings(profile: try ChannelFixtures.profile(text))
    #expect(throws: ChannelFault.self) { try ChannelFixtures.channel(settings) }
  }
}
