import Crypto
import SignedXML
import Testing

@testable import DERSimulator
@testable import TelemetryCore

/// The stand-in of the plain services: a submission is a MIME message, a question stands in the body.
@Suite struct MultipartMessagesTests {
  private static let information = WireElement(
    name: "standardAttachmentInfor", namespace: "http://www.caiso.com/soa/2006-06-13/StandardAttachmentInfor.xsd",
    children: [
      WireElement(
        name: "Attachment", children: [WireElement(name: "compressMethod", text: .constant("gzip"))])
    ], isSigned: true, isAboutAttachment: true)
  private static let hash = WireElement(
    name: "attachmentHash", namespace: "http://www.caiso.com/mrtu/soa/schemas/2005/09/attachmenthash",
    children: [WireElement(name: "hashValue", text: .field(.attachmentHash, .seconds))], isSigned: true,
    isAboutAttachment: true)

  private func desk(_ questions: WireEnvelope.Questions = .inBody) throws -> TestDesk {
    var profile = try TestDesk.form().profile
    profile.envelope.flavour = .multipart
    profile.envelope.questions = questions
    profile.envelope.body = nil
    profile.envelope.headers = [profile.envelope.headers[0], Self.information, Self.hash]
    let form = PayloadForm(
      profile: profile, intervalLength: TestDesk.five, measurements: try TestDesk.form().measurements)
    var office = try TestDesk()
    office.desk = OperatorDesk(
      gate: try TestDesk.gate(), form: form, validationDelay: TestDesk.delay, received: ReceivedBatches())
    return office
  }

  /// A submission in two parts, good unless something is changed.
  private func call(
    _ payload: String = TestPayload.meterData(), hash: String? = nil, header: String? = nil,
    signed: [String] = ["Body", "Header", "Info", "Hash"], body: String = ""
  ) throws -> OperatorCall {
    let text = Base64.encode(Gzip.compress(Array(payload.utf8)))
    let right = String(decoding: Base64.encode(Array(Insecure.SHA1.hash(data: text))), as: UTF8.self)
    var message = TestMessage(body: body)
    message.signed = signed
    message.extraHeader =
      header ?? """
        <standardAttachmentInfor xmlns="http://www.caiso.com/soa/2006-06-13/StandardAttachmentInfor.xsd" u:Id="Info">\
        <Attachment><compressMethod>gzip</compressMethod></Attachment></standardAttachmentInfor>\
        <attachmentHash xmlns="http://www.caiso.com/mrtu/soa/schemas/2005/09/attachmenthash" u:Id="Hash">\
        <hashValue>\(hash ?? right)</hashValue></attachmentHash>
        """
    var call = try message.call(path: "/submit")
    call.body = MultipartMessage(envelope: call.body, attachment: text).bytes()
    call.contentType = MultipartMessage.contentType(startingWith: "payload")
    return call
  }

  @Test func aGoodSubmissionIsTakenAndItsRowsAreGivenBackInTwoParts() throws {
    var office = try desk()
    #expect(office.answer(try call()).status == 200)
    #expect(office.desk.received.batches.first?.rows.map(\.value) == ["0.142500"])
    office.now = office.now + .seconds(60)
    let answer = try office.answer(TestMessage(body: TestPayload.retrieve()), path: "/retrieve")
    #expect(answer.status == 200)
    let type = try #require(try MultipartType(answer.contentType))
    let (root, attachment) = try MultipartMessage(parsing: answer.body, type: type).related(type)
    let text = try #require(attachment?.body)
    #expect(String(decoding: try Payload.open(text), as: UTF8.self).contains("<value>0.142500</value>"))
    let hash = String(decoding: Base64.encode(Array(Insecure.SHA1.hash(data: text))), as: UTF8.self)
    #expect(String(decoding: root.body, as: UTF8.self).contains("<hashValue>\(hash)</hashValue>"))
    let batch = try #require(office.desk.received.batches.first)
    #expect(try office.answer(TestMessage(body: TestPayload.status(batch.id)), path: "/status").status == 200)
  }

  @Test func whatTravelsInAnotherWayIsRefused() throws {
    let office = try desk()
    let refusals: [(OperatorCall, String)] = [
      (try TestMessage(attaching: TestPayload.meterData()).call(), "second part"),
      (try TestMessage(attaching: TestPayload.status("1")).call(), "second part"),
      (try TestMessage(body: TestPayload.meterData().replacing(/<\?.*\?>\s/, with: "")).call(), "second part"),
      (try call(TestPayload.status("1")).atNoPath, "in the body itself"),
      (try call(hash: "AAAA"), "does not match its hash"),
      (try call(header: "", signed: ["Body", "Header"]), "standardAttachmentInfor"),
      (try call(signed: ["Body", "Header", "Info"]), "attachmentHash is not what was signed"),
      (try call(body: TestPayload.status("1")), "beside the attachment"),
    ]
    for (call, reason) in refusals {
      let said = office.refusal(of: call) ?? "taken"
      #expect(said.contains(reason), "\(said)")
    }
    #expect(try TestDesk().refusal(of: call())?.contains("no MIME message") == true)
    #expect(try desk(.attached).refusal(of: TestMessage(body: TestPayload.status("1")).call()) != nil)
    var attaching = try desk(.attached)
    #expect(attaching.answer(try call(TestPayload.retrieve()).atNoPath).note.outcome == .nothing)
  }

  @Test func aMessageCutOffAnywhereIsRefused() throws {
    let office = try desk()
    let whole = try call()
    for length in stride(from: 0, to: whole.body.count - 2, by: 7) {
      var cut = whole
      cut.body = Array(whole.body[..<length])
      #expect(office.refusal(of: cut) != nil, "\(length) bytes")
    }
  }
}

extension OperatorCall {
  fileprivate var atNoPath: Self {
    var call = self
    call.path = "/"
    return call
  }
}
