import SignedXML
import Testing

@testable import DERSimulator
@testable import TelemetryCore

@Suite struct SubmitTests {
  @Test func aGoodSubmissionIsTakenAndItsRowsAreKept() throws {
    var office = try TestDesk()
    let payload = TestPayload.meterData([
      ("2026-11-22T11:05:00Z", "0.142500"), ("2026-11-22T11:10:00Z", "-0.000001"),
    ])
    let answer = try office.answer(payload, path: "/submit")
    #expect(answer.status == 200)
    let batch = try #require(office.desk.received.batches.first)
    #expect(try TestAnswers().submit(answer) == .taken(OperatorBatchID(batch.id)))
    #expect(batch.rows.map(\.value) == ["0.142500", "-0.000001"])
    #expect(batch.rows.map(\.intervalEnding) == [1_795_345_500, 1_795_345_800])
    #expect(batch.rows.allSatisfy { $0.resource == TestPayload.resource && $0.measurement == "GEN" })
    #expect(batch.sender == TestMessage.userName)
    #expect(batch.faults.isEmpty)
  }

  @Test func whatTheDaemonWouldWriteIsAccepted() throws {
    var office = try TestDesk()
    let rows = [
      ("GEN", 0, 5), ("GEN", 300, -7), ("LOAD", 0, 1_234_567), ("LOAD", 300, 0),
    ].map { type, offset, value in
      SubmissionRow(
        resource: ResourceID("A&B <1>"), measurement: MeasurementType(type),
        intervalEnding: IntervalEnding(seconds: 1_795_345_500 + Int64(offset), length: TestDesk.five), value: value)
    }
    let content = SubmissionContent(
      id: SubmissionID("1"), created: TestMessage.now, schedulingCoordinator: SchedulingCoordinatorID("EXSC"),
      intervalLength: TestDesk.five, rows: rows)
    let payload = try TestDesk.form().profile.payload(content)
    #expect(try office.answer(String(decoding: payload, as: UTF8.self)).status == 200)
    let kept = try #require(office.desk.received.batches.first)
    #expect(kept.rows.map(\.value) == ["0.000005", "-0.000007", "1.234567", "0.000000"])
    #expect(kept.rows.map(\.resource) == Array(repeating: "A&B <1>", count: 4))
  }

  struct Wrong: CustomTestStringConvertible {
    var from: String
    var to: String
    var reason: String
    var testDescription: String { "\(from) → \(to)" }
  }

  @Test(arguments: [
    Wrong(from: "<value>0.142500</value>", to: "<value>0.1425</value>", reason: "6 digits"),
    Wrong(from: "<value>0.142500</value>", to: "<value>0.1425000</value>", reason: "6 digits"),
    Wrong(from: "<value>0.142500</value>", to: "<value>00.142500</value>", reason: "6 digits"),
    Wrong(from: "<value>0.142500</value>", to: "<value>+0.142500</value>", reason: "6 digits"),
    Wrong(from: "<value>0.142500</value>", to: "<value>-0.000000</value>", reason: "6 digits"),
    Wrong(from: "<value>0.142500</value>", to: "<value> 0.142500</value>", reason: "6 digits"),
    Wrong(from: "<value>0.142500</value>", to: "<value>1.4e-1</value>", reason: "6 digits"),
    Wrong(from: "<value>0.142500</value>", to: "<value>99999999999999.142500</value>", reason: "6 digits"),
    Wrong(from: "<value>0.142500</value>", to: "<value/>", reason: "empty"),
    Wrong(from: "<value>0.142500</value>", to: "", reason: "where value is expected"),
    Wrong(
      from: "<value>0.142500</value>", to: "<value>0.142500</value><quality>1</quality>", reason: "unknown element"),
    Wrong(from: "<value>", to: "<value unit=\"MWh\">", reason: "unknown attribute"),
    Wrong(from: "<value>", to: "<value xmlns=\"urn:other\">", reason: "namespace"),
    Wrong(from: "MeterData_v1.xsd#", to: "MeterData_v2.xsd#", reason: "namespace"),
    Wrong(from: "11:05:00Z<", to: "11:06:00Z<", reason: "not on the grid of 300 s"),
    Wrong(from: "11:05:00Z<", to: "11:05:00.000Z<", reason: "not a time in the form"),
    Wrong(from: "11:05:00Z<", to: "11:05:00+00:00<", reason: "not a time in the form"),
    Wrong(from: "11:05:00Z<", to: "noon<", reason: "not a time in the form"),
    Wrong(from: ">GEN<", to: ">CBL<", reason: "no measurement type"),
    Wrong(from: "<mRID>EXAMPL_7_DERA1</mRID>", to: "<mRID></mRID>", reason: "empty"),
    Wrong(from: "<Source>DERGW1<", to: "<Source>SOMEBODY<", reason: "source"),
    Wrong(from: "<Version>v00000000<", to: "<Version>v20171001<", reason: "Version"),
    Wrong(from: "<MessagePayload>", to: "<MessagePayload>text", reason: "holds the text"),
    Wrong(from: "MeterData", to: "SomethingElse", reason: "no service"),
    Wrong(from: "</MeterData>", to: "", reason: "cannot be read"),
    Wrong(from: "<MeterData", to: "<!DOCTYPE MeterData [<!ENTITY a \"b\">]><MeterData", reason: "DOCTYPE"),
  ])
  func aPayloadThatTheProfileDoesNotHaveIsRejectedWithTheReason(wrong: Wrong) throws {
    let good = TestPayload.meterData()
    let payload = good.replacing(wrong.from, with: wrong.to)
    #expect(payload != good)
    let office = try TestDesk()
    let decision = office.desk.answer(try TestMessage(attaching: payload).call(), at: office.now)
    #expect(decision.answer.status == 500)
    #expect(decision.batch == nil)
    let reason = try #require(decision.answer.note.reason)
    #expect(reason.contains(wrong.reason), "\(reason)")
    guard case .rejected = try TestAnswers().submit(decision.answer) else {
      Issue.record("the daemon does not understand the rejection")
      return
    }
  }

  @Test func aSubmissionWithoutAValueIsRejected() throws {
    let payload = TestPayload.meterData().replacing(/<RegisteredResource>.*<\/RegisteredResource>/, with: "")
    #expect(try TestDesk().refusal(of: TestMessage(attaching: payload).call()) != nil)
  }

  @Test func meterDataOutsideAnAttachmentIsRejected() throws {
    let payload = TestPayload.meterData().replacing(/<\?xml.*\?>\n/, with: "")
    let reason = try TestDesk().refusal(of: TestMessage(body: payload).call())
    #expect(reason == "Meter data must come as an attachment.")
  }

  @Test func theAddressAndTheMessageMustNameTheSameService() throws {
    let message = TestMessage(attaching: TestPayload.meterData())
    #expect(try TestDesk().refusal(of: message.call(path: "/retrieve")) != nil)
    #expect(try TestDesk().refusal(of: message.call(path: "/submit")) == nil)
  }

  @Test(arguments: [(true, false), (false, true)])
  func aHashThatIsSentMustBeThatOfTheAttachment(isRight: Bool, isRefused: Bool) throws {
    let text = Base64.encode(Gzip.compress(Array(TestPayload.meterData().utf8)))
    let hash = Base64.encode(Array(repeating: 7, count: 20))
    var message = TestMessage(attachingText: text)
    message.extraHeader = """
      <attachmentHash xmlns="http://www.caiso.com/mrtu/soa/schemas/2005/09/attachmenthash"><hashValue>\
      \(isRight ? TestHash.sha1(text) : String(decoding: hash, as: UTF8.self))</hashValue></attachmentHash>
      """
    #expect(try (TestDesk().refusal(of: message.call()) == "The attachment does not match its hash.") == isRefused)
  }
}

@Suite struct StatusTests {
  @Test func aBatchIsPendingUntilItsValidationHasEnded() throws {
    var office = try TestDesk()
    let batch = try #require(try office.answer(TestPayload.meterData()).note.batch)
    office.now = TestMessage.now + Milliseconds(999)
    #expect(try TestAnswers().status(office.answer(TestPayload.status(batch)), of: batch) == .pending)
    office.now = TestMessage.now + Milliseconds(1_000)
    #expect(try TestAnswers().status(office.answer(TestPayload.status(batch)), of: batch) == .accepted)
  }

  @Test func theQuestionMayStandInTheBodyItself() throws {
    var office = try TestDesk()
    let batch = try #require(try office.answer(TestPayload.meterData()).note.batch)
    let answer = try office.answer(TestMessage(body: TestPayload.status(batch)), path: "/status")
    #expect(answer.note.outcome == .pending)
  }

  @Test func aBatchWithWrongRowsEndsInErrorAndNamesThem() throws {
    var office = try TestDesk()
    let payload = TestPayload.meterData([
      ("2026-11-22T11:05:00Z", "0.100000"), ("2026-11-22T11:05:00Z", "0.200000"), ("2026-11-22T12:05:00Z", "0.300000"),
    ])
    let batch = try #require(try office.answer(payload).note.batch)
    office.now = TestMessage.now + .seconds(1)
    let answer = try TestAnswers().status(office.answer(TestPayload.status(batch)), of: batch)
    guard case .errors(let rows, []) = answer else {
      Issue.record("\(answer)")
      return
    }
    #expect(rows.map(\.intervalEnding) == [UTCInstant(seconds: 1_795_345_500), UTCInstant(seconds: 1_795_349_100)])
    #expect(rows.map(\.message) == ["The batch has this interval twice.", "The interval has not ended."])
    #expect(rows.allSatisfy { $0.resource.name == TestPayload.resource && $0.measurement.name == "GEN" })
    #expect(try office.answer(TestPayload.retrieve()).note.outcome == .nothing)
  }

  @Test func aBatchThatNeverCameIsAFault() throws {
    let reason = try TestDesk().refusal(of: TestMessage(attaching: TestPayload.status("12")).call())
    #expect(reason == "No data found: there is no batch 12.")
  }
}

@Suite struct RetrieveTests {
  private let payload = TestPayload.meterData([
    ("2026-11-22T11:05:00Z", "0.100000"), ("2026-11-22T11:10:00Z", "-0.200000"),
  ])

  private func retrieved(_ question: String, from office: inout TestDesk) throws -> [Int64: Int64?] {
    let answer = try TestAnswers().retrieve(office.answer(question))
    guard case .held(let values) = answer else { throw Refusal("\(answer)") }
    #expect(values.allSatisfy { $0.resource.name == TestPayload.resource })
    return Dictionary(uniqueKeysWithValues: values.map { ($0.intervalEnding.seconds, $0.value) })
  }

  @Test func onlyValuesOfBatchesThatPassedAreTold() throws {
    var office = try TestDesk()
    try office.answer(payload)
    #expect(try retrieved(TestPayload.retrieve(), from: &office) == [:])
    office.now = TestMessage.now + .seconds(1)
    #expect(
      try retrieved(TestPayload.retrieve(), from: &office) == [1_795_345_500: 100_000, 1_795_345_800: -200_000])
  }

  @Test func aRevisionReplacesTheValue() throws {
    var office = try TestDesk()
    try office.answer(payload)
    try office.answer(TestPayload.meterData([("2026-11-22T11:05:00Z", "0.100001")]))
    office.now = TestMessage.now + .seconds(1)
    #expect(
      try retrieved(TestPayload.retrieve(), from: &office) == [1_795_345_500: 100_001, 1_795_345_800: -200_000])
  }

  @Test func theAnswerHoldsWhatWasAskedForAndNothingElse() throws {
    var office = try TestDesk()
    try office.answer(payload)
    try office.answer(TestPayload.meterData(measurement: "LOAD"))
    try office.answer(TestPayload.meterData(resource: "OTHER"))
    office.now = TestMessage.now + .seconds(1)
    let last = "2026-11-22T11:10:00Z"
    #expect(try retrieved(TestPayload.retrieve(from: last, to: last), from: &office) == [1_795_345_800: -200_000])
    #expect(try retrieved(TestPayload.retrieve(to: "2026-11-22T11:05:00Z"), from: &office).count == 1)
    #expect(try retrieved(TestPayload.retrieve(measurement: "LOAD"), from: &office) == [1_795_345_500: 142_500])
    #expect(try office.answer(TestPayload.retrieve(resource: "OTHER")).note.rows == 1)
    #expect(try retrieved(TestPayload.retrieve(resource: "NONE"), from: &office) == [:])
  }

  @Test func nothingHeldIsAFaultThatSaysSo() throws {
    var office = try TestDesk()
    let answer = try office.answer(TestPayload.retrieve(), path: "/retrieve")
    #expect(answer.status == 500)
    #expect(String(decoding: answer.body, as: UTF8.self).contains("<description>No data found</description>"))
  }

  @Test(arguments: [("2026-11-22T11:06:00Z", "2026-11-22T11:10:00Z"), ("2026-11-22T11:10:00Z", "2026-11-22T11:05:00Z")])
  func aTimeOffTheGridOrBackwardsIsRefused(from: String, to: String) throws {
    let question = TestMessage(attaching: TestPayload.retrieve(from: from, to: to))
    #expect(try TestDesk().refusal(of: question.call()) != nil)
  }
}

@Suite struct HeldQuestionTests {
  private let row = RowKey(resource: "R", measurement: "GEN", intervalEnding: 600)

  @Test func anotherCoordinatorsBatchIsNotTold() {
    var batch = ReceivedBatch.example(id: "1", [])
    let question = HeldQuestion(coordinator: "A", resource: nil, measurement: nil, first: nil, last: nil)
    #expect(question.includes(batch, row))
    batch.coordinator = "A"
    #expect(question.includes(batch, row))
    batch.coordinator = "B"
    #expect(!question.includes(batch, row))
  }

  @Test(arguments: [(600, 600, true), (601, 900, false), (0, 599, false), (0, 900, true)] as [(Int64, Int64, Bool)])
  func bothEndsAreIncluded(first: Int64, last: Int64, isIncluded: Bool) {
    let question = HeldQuestion(coordinator: nil, resource: "R", measurement: "GEN", first: first, last: last)
    #expect(question.includes(.example(id: "1", []), row) == isIncluded)
  }
}
