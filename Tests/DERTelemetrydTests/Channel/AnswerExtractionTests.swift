import SignedXML
import TelemetryCore
import Testing

@testable import DERTelemetryd

/// Answers as the operator's documents describe them, read with the shipped profile.
@Suite struct AnswerExtractionTests {
  private let soap = "http://schemas.xmlsoap.org/soap/envelope/"
  private let start = UTCInstant(seconds: 1_748_847_900)

  private func channel() throws -> MeteringChannel { try ChannelFixtures.channel(ChannelFixtures.settings()) }

  private func envelope(_ body: String, status: Int = 200) -> RawAnswer {
    RawAnswer(
      httpStatus: status,
      body: Array("<s:Envelope xmlns:s=\"\(soap)\"><s:Header/><s:Body>\(body)</s:Body></s:Envelope>".utf8))
  }

  private func attached(_ document: String) -> RawAnswer {
    attached(bytes: Base64.encode(Gzip.compress(Array(document.utf8))))
  }

  private func attached(bytes: [UInt8]) -> RawAnswer {
    envelope(
      """
      <ISOAttachment xmlns="http://www.caiso.com/soa/2006-10-26/ISOAttachment.xsd"><AttachmentValue>\
      \(String(decoding: bytes, as: UTF8.self))</AttachmentValue></ISOAttachment>
      """)
  }

  private let receipt = """
    <StandardOutput xmlns="http://www.caiso.com/soa/StandardOutput_v1.xsd#"><MessagePayload><EventLog>\
    <Batch><mRID>B-17</mRID></Batch><Event><description>Submitted</description></Event><Service/></EventLog>\
    </MessagePayload></StandardOutput>
    """

  private func fault(_ text: String) -> String {
    """
    <s:Fault><faultcode>s:Server</faultcode><faultstring>failed</faultstring><detail>\
    <outputDataType xmlns="http://www.caiso.com/soa/2006-06-13/StandardOutput.xsd"><EventLog><Event>\
    <description>\(text)</description></Event></EventLog></outputDataType></detail></s:Fault>
    """
  }

  private func status(_ word: String, _ more: String = "") -> String {
    """
    <BatchValidationStatus xmlns="http://www.caiso.com/soa/BatchValidationStatus_v1.xsd#"><MessagePayload>\
    <BatchStatus><mRID>B-17</mRID><description>\(word)</description></BatchStatus>\(more)</MessagePayload>\
    </BatchValidationStatus>
    """
  }

  @Test func aReceiptIsReadFromBodyOrAttachment() throws {
    #expect(try channel().readSubmit(envelope(receipt)) == .taken(OperatorBatchID("B-17")))
    #expect(try channel().readSubmit(attached(receipt)) == .taken(OperatorBatchID("B-17")))
  }

  @Test func faultsAreJudgedByTheirText() throws {
    let channel = try channel()
    #expect(
      channel.readSubmit(envelope(fault("Interval is not open"), status: 500))
        == .rejected(reason: "Interval is not open"))
    #expect(
      channel.readSubmit(envelope(fault("CAISOUsernameToken Validation Error."), status: 500))
        == .failed(.refused(reason: "HTTP 500: CAISOUsernameToken Validation Error.")))
    #expect(
      channel.readRetrieve(envelope(fault("No data found for the request"), status: 500)) == .held([]))
  }

  @Test func aThrottlePageIsKnownUnderAnyStatus() throws {
    let page = RawAnswer(
      httpStatus: 200, body: Array("<html><p>CAISO Acceptable Use Policy Violation<br></html>".utf8))
    #expect(try channel().readSubmit(page) == .failed(.throttled))
    #expect(try channel().readRetrieve(page) == .failed(.throttled))
  }

  @Test func aMissingRightInsideTheAttachmentIsKnown() throws {
    let raw = attached("Invalid role and/or Entity list identifier.")
    guard case .failed(.refused) = try channel().readRetrieve(raw) else {
      Issue.record("not refused")
      return
    }
  }

  @Test func rowErrorsCarryTheirKey() throws {
    let rows = """
      <RegisteredResource><ErrorLog><errMessage>too high</errMessage></ErrorLog><Measurements>\
      <measurementType>GEN</measurementType><MeasurementValue><intervalEndTime>2025-06-02T07:05:00Z</intervalEndTime>\
      </MeasurementValue></Measurements><RegisteredGenerator><mRID>R1</mRID></RegisteredGenerator></RegisteredResource>\
      <RegisteredResource><ErrorLog><errMessage>unknown</errMessage></ErrorLog></RegisteredResource>
      """
    let answer = try channel().readStatus(attached(status("ERROR", rows)), asked: OperatorBatchID("B-17"))
    #expect(
      answer
        == .errors(
          rows: [
            RowError(
              resource: ResourceID("R1"), measurement: MeasurementType("GEN"), intervalEnding: start,
              message: "too high")
          ], general: ["unknown"]))
  }

  @Test(arguments: [
    ("SUCCESS", StatusAnswer.accepted), ("VALIDATING", .pending), ("ERROR", .errors(rows: [], general: [])),
  ])
  func statusWordsAreKnown(_ word: String, _ answer: StatusAnswer) throws {
    #expect(try channel().readStatus(attached(status(word)), asked: OperatorBatchID("B-17")) == answer)
  }

  @Test func whatWeSubmittedIsReadBackAsHeld() throws {
    let channel = try channel()
    let payload = String(decoding: channel.payload(ChannelFixtures.content), as: UTF8.self)
    let held = ChannelFixtures.content.rows.map {
      HeldValue(
        resource: $0.resource, measurement: $0.measurement, intervalEnding: $0.intervalEnding.instant,
        value: $0.value)
    }
    #expect(channel.readRetrieve(attached(payload)) == .held(held))
  }

  @Test func anAttachmentThatGrowsWithoutEndIsNotRead() throws {
    let bomb = Gzip.compress([UInt8](repeating: 0x20, count: AnswerExtraction.documentByteLimit + 1))
    #expect(
      try channel().readRetrieve(attached(bytes: Base64.encode(bomb)))
        == .failed(.unreadable(reason: "longer than \(AnswerExtraction.documentByteLimit) bytes")))
  }

  @Test func noCutOfAnAnswerIsAReceiptOrAnAbsence() throws {
    let channel = try channel()
    let submit = attached(receipt)
    let retrieve = attached(String(decoding: channel.payload(ChannelFixtures.content), as: UTF8.self))
    for length in 0..<submit.body.count {
      let cut = RawAnswer(httpStatus: 200, body: Array(submit.body[..<length]))
      guard case .failed(.unreadable) = channel.readSubmit(cut) else {
        Issue.record("a receipt after \(length) bytes")
        return
      }
    }
    for length in 0..<retrieve.body.count {
      let cut = RawAnswer(httpStatus: 200, body: Array(retrieve.body[..<length]))
      guard case .failed(.unreadable) = channel.readRetrieve(cut) else {
        Issue.record("an absence after \(length) bytes")
        return
      }
    }
  }

  /// The check sum of the attachment makes of every change in the values an unreadable answer.
  @Test func noChangedAnswerHoldsOtherValues() throws {
    let channel = try channel()
    let whole = attached(String(decoding: channel.payload(ChannelFixtures.content), as: UTF8.self))
    let held = channel.readRetrieve(whole)
    var state: UInt64 = 11
    for _ in 0..<2_000 {
      var changed = whole
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      changed.body[Int(state >> 33) % changed.body.count] = UInt8(truncatingIfNeeded: state >> 20)
      let answer = channel.readRetrieve(changed)
      if case .held = answer { #expect(answer == held) }
    }
  }
}
