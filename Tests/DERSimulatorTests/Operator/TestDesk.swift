import Foundation
import SignedXML
import Testing

@testable import DERSimulator
@testable import TelemetryCore

/// A desk with the shipped profile and intervals of five minutes, and messages for it.
struct TestDesk {
  static let five = IntervalLength.fiveMinutes
  static let delay = Milliseconds(1_000)

  var desk: OperatorDesk
  var now = TestMessage.now

  init(received: ReceivedBatches = ReceivedBatches()) throws {
    desk = OperatorDesk(
      gate: try Self.gate(), form: try Self.form(), validationDelay: Self.delay, received: received)
  }

  static func gate() throws -> OperatorGate {
    OperatorGate(trustedCertificates: try TestCertificates.shared().bytes("ca.crt"), userName: .compact)
  }

  static func form() throws -> PayloadForm {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
    return try PayloadForm.load(
      profile: root.appending(path: "config/profiles/mri-s.yaml").path(), intervalLength: five,
      measurements: ["GEN", "LOAD"])
  }

  /// What the desk says to a good message with this payload; what it takes in is kept.
  @discardableResult
  mutating func answer(_ payload: String, path: String = "/") throws -> OperatorAnswer {
    try answer(TestMessage(attaching: payload), path: path)
  }

  @discardableResult
  mutating func answer(_ message: TestMessage, path: String = "/") throws -> OperatorAnswer {
    answer(try message.call(path: path))
  }

  @discardableResult
  mutating func answer(_ call: OperatorCall) -> OperatorAnswer {
    let decision = desk.answer(call, at: now)
    if let batch = decision.batch { desk.keep(batch) }
    return decision.answer
  }

  /// Why a message is refused; nil where it is not.
  func refusal(of call: OperatorCall) -> String? {
    let decision = desk.answer(call, at: now)
    guard decision.answer.status == 500, decision.batch == nil else { return nil }
    return decision.answer.note.reason
  }
}

/// Payloads as the shipped profile has them, written out by hand.
enum TestPayload {
  static let resource = "EXAMPL_7_DERA1"

  static func meterData(
    _ intervals: [(String, String)] = [("2026-11-22T11:05:00Z", "0.142500")], measurement: String = "GEN",
    resource: String = Self.resource
  ) -> String {
    let values = intervals.map {
      "<MeasurementValue><intervalEndTime>\($0)</intervalEndTime><value>\($1)</value></MeasurementValue>"
    }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <MeterData xmlns="http://www.caiso.com/soa/MeterData_v1.xsd#"><MessageHeader>\
      <TimeDate>2026-11-22T11:06:00Z</TimeDate><Source>DERGW1</Source><Version>v00000000</Version></MessageHeader>\
      <MessagePayload><RegisteredResource><Measurements><measurementType>\(measurement)</measurementType>\
      \(values.joined())</Measurements><RegisteredGenerator><mRID>\(resource)</mRID></RegisteredGenerator>\
      </RegisteredResource></MessagePayload></MeterData>
      """
  }

  static func status(_ batch: String) -> String {
    """
    <BatchValidationStatus xmlns="http://www.caiso.com/soa/BatchValidationStatus_v1.xsd#"><MessagePayload>\
    <BatchStatus><mRID>\(batch)</mRID></BatchStatus></MessagePayload></BatchValidationStatus>
    """
  }

  static func retrieve(
    from first: String = "2026-11-22T00:00:00Z", to last: String = "2026-11-23T00:00:00Z", measurement: String = "GEN",
    resource: String = Self.resource
  ) -> String {
    """
    <RequestMeterData xmlns="http://www.caiso.com/soa/RequestMeterData_v1.xsd#"><MessageHeader>\
    <TimeDate>2026-11-22T11:06:00Z</TimeDate><Source>DERGW1</Source><Version>v00000000</Version></MessageHeader>\
    <MessagePayload><SCID>EXSC</SCID><mRID>\(resource)</mRID><measurementType>\(measurement)</measurementType>\
    <timeIntervalLength>5</timeIntervalLength><intervalEndTimeFrom>\(first)</intervalEndTimeFrom>\
    <intervalEndTimeTo>\(last)</intervalEndTimeTo></MessagePayload></RequestMeterData>
    """
  }
}

/// Reads an answer by the rules of the shipped profile, as the daemon would.
struct TestAnswers {
  let profile: WireProfile

  init() throws { profile = try TestDesk.form().profile }

  func fields(_ answer: OperatorAnswer, _ service: ChannelService) throws -> AnswerFields {
    let questions = profile.answers.questions(service)
    var fields = AnswerFields(
      httpStatus: answer.status, excerpt: String(decoding: answer.body.prefix(4_096), as: UTF8.self))
    var documents = [answer.body]
    let outer: XMLDocument
    do throws(XMLProblem) {
      outer = try XMLDocument(parsing: answer.body, byteLimit: 1 << 24)
    } catch {
      fields.problem = "\(error)"
      return fields
    }
    if let path = questions.attachment,
      let text = try outer.texts(at: path, namespaces: questions.namespaces).first
    {
      documents.append(try Payload.open(text.utf8))
      fields.excerpt += String(decoding: documents[1].prefix(4_096), as: UTF8.self)
    }
    for bytes in documents {
      let document = try XMLDocument(parsing: bytes, byteLimit: 1 << 24)
      for (name, expression) in questions.texts {
        fields.texts[name, default: []] += try document.texts(at: expression, namespaces: questions.namespaces)
      }
      guard let rows = questions.rows else { continue }
      let names = Dictionary(uniqueKeysWithValues: rows.fields.map { ($0.key.rawValue, $0.value) })
      let records = try document.records(
        at: rows.each, fields: names, namespaces: questions.namespaces, limit: 1_000)
      for record in records {
        fields.rows.append(
          Dictionary(
            uniqueKeysWithValues: record.compactMap { name, text in RowField(rawValue: name).map { ($0, text) } }))
      }
    }
    return fields
  }

  func submit(_ answer: OperatorAnswer) throws -> SubmitAnswer {
    AnswerReader(profile).submitAnswer(try fields(answer, .submit))
  }

  func status(_ answer: OperatorAnswer, of batch: String) throws -> StatusAnswer {
    AnswerReader(profile).statusAnswer(try fields(answer, .status), asked: OperatorBatchID(batch))
  }

  func retrieve(_ answer: OperatorAnswer) throws -> RetrieveAnswer {
    AnswerReader(profile).retrieveAnswer(try fields(answer, .retrieve))
  }
}
