import SignedXML
import TelemetryCore
import Testing

@testable import DERTelemetryd

/// What each answer of the operator makes of the interval that it is about: raw bytes in, the interval's state out.
@Suite(.timeLimit(.minutes(5))) struct EveryAnswerTests {
  struct Row: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var answer: [UInt8]
    var state: String

    init(_ name: String, _ answer: String, _ state: String) { self.init(name, bytes: Array(answer.utf8), state) }

    init(_ name: String, bytes: [UInt8], _ state: String) {
      testDescription = name
      answer = bytes
      self.state = state
    }
  }

  // MARK: Answers to a submission, as they come over the wire

  private static let submissions: [Row] = taken + refusedForGood + notLookedAt + sayingNothing + halves + hostile

  private static let taken = [
    Row("a receipt", HTTP.answer(Answers.receipt), "validating"),
    Row("a receipt inside an attachment", HTTP.answer(Answers.attached(Answers.receiptDocument)), "validating"),
    Row("a receipt under another content type", HTTP.answer(Answers.receipt, type: "text/plain"), "validating"),
    Row("a receipt with status 202", HTTP.answer(Answers.receipt, "202 Accepted"), "validating"),
    Row("a receipt in pieces", HTTP.chunked(Answers.receipt), "validating"),
    Row("a receipt that ends with the connection", HTTP.untilClosed(Answers.receipt), "validating"),
    Row("success without a batch ID", HTTP.answer(Answers.old(result: "SCSS0001", severity: "INFO")), "unknown"),
  ]

  private static let refusedForGood = [
    Row("an error about the message", HTTP.answer(Answers.old(result: "ERR1", severity: "ERROR")), "rejected"),
    Row(
      "a fault with the application's words",
      HTTP.answer(Answers.fault(event: "Interval is not open"), "500 Internal Server Error"), "rejected"),
    Row(
      "a fault with the newer form of them",
      HTTP.answer(Answers.newFault("Unknown resource"), "500 Internal Server Error"),
      "rejected"),
    Row(
      "a fault that is the client's",
      HTTP.answer(Answers.fault("bad element", code: "soap:Client"), "500 Internal Server Error"), "rejected"),
  ]

  private static let notLookedAt = [
    Row("429", HTTP.answer("", "429 Too Many Requests"), "queued"),
    Row("429 with a time to wait", HTTP.answer("", "429 Too Many Requests", more: "Retry-After: 7"), "queued"),
    Row(
      "the throttle page with status 200", HTTP.answer(Answers.page("CAISO Acceptable Use Policy Violation")), "queued"),
    Row(
      "the throttle page with status 503",
      HTTP.answer(Answers.page("CAISO Acceptable Use Policy Violation"), "503 Service Unavailable"), "queued"),
    Row("401", HTTP.answer("", "401 Unauthorized"), "queued"),
    Row("403", HTTP.answer(Answers.page("Forbidden"), "403 Forbidden"), "queued"),
    Row("404", HTTP.answer(Answers.page("Not found"), "404 Not Found"), "queued"),
    Row("no right to the page", HTTP.answer(Answers.page("You are not authorized to access this page.")), "queued"),
    Row(
      "a wrong signature",
      HTTP.answer(Answers.fault(event: "Signature validation status: false"), "500 Internal Server Error"), "queued"),
    Row(
      "a wrong user name",
      HTTP.answer(Answers.fault(event: "CAISOUsernameToken Validation Error."), "500 Internal Server Error"), "queued"),
    Row(
      "no right to the entity", HTTP.answer(Answers.attached("Invalid role and/or Entity list identifier.")), "queued"),
  ]

  private static let sayingNothing = [
    Row("a fault of the gateway", HTTP.answer(Answers.fault("timeout"), "500 Internal Server Error"), "unknown"),
    Row("502 with a page", HTTP.answer(Answers.page("Bad Gateway"), "502 Bad Gateway"), "unknown"),
    Row("200 and nothing", HTTP.answer(""), "unknown"),
    Row("204", "HTTP/1.1 204 No Content\r\n\r\n", "unknown"),
    Row("a page of somebody else", HTTP.answer(Answers.page("Welcome")), "unknown"),
    Row("another document", HTTP.answer("{\"ok\": true}", type: "application/json"), "unknown"),
    Row("a redirect", HTTP.answer("", "302 Found", more: "Location: https://localhost:1/"), "unknown"),
    Row(
      "two batch IDs",
      HTTP.answer(Answers.receipt.replacing("<Batch>", with: "<Batch><mRID>B-1</mRID></Batch><Batch>")),
      "unknown"),
    Row("a receipt with a status of failure", HTTP.answer(Answers.receipt, "500 Internal Server Error"), "unknown"),
    Row("an envelope with an empty body", HTTP.answer(Answers.envelope("")), "unknown"),
    Row(
      "a receipt in other namespaces", HTTP.answer(Answers.receipt.replacing("_v1.xsd#", with: "_v2.xsd#")), "unknown"),
  ]

  private static let halves = [
    Row("no answer at all", "", "unknown"),
    Row("half a head", "HTTP/1.1 200 OK\r\nContent-Le", "unknown"),
    Row("a head alone", "HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n", "unknown"),
    Row("half a receipt", String(HTTP.answer(Answers.receipt).dropLast(40)), "unknown"),
    Row("half a receipt in pieces", String(HTTP.chunked(Answers.receipt).dropLast(40)), "unknown"),
    Row("a receipt in pieces without the last one", String(HTTP.chunked(Answers.receipt).dropLast(5)), "unknown"),
    Row(
      "half a receipt that ends with the connection", HTTP.untilClosed(String(Answers.receipt.dropLast(40))), "unknown"),
    Row("half a receipt that says that it is whole", HTTP.answer(String(Answers.receipt.dropLast(40))), "unknown"),
    Row(
      "half an attachment", HTTP.answer(Answers.attached(bytes: Array(Answers.compressedReceipt.dropLast(8)))),
      "unknown"),
    Row("an attachment that is no Base64", HTTP.answer(Answers.attached(text: "***")), "unknown"),
  ]

  private static let hostile = [
    Row("something that is no HTTP", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "unknown"),
    Row(
      "a receipt compressed though nobody asked for it",
      bytes: Array("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n".utf8)
        + Answers.compressedReceipt, "unknown"),
    Row(
      "an answer that says it is longer than any", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n<a>",
      "unknown"),
    Row("an answer that is longer than any", HTTP.answer(String(repeating: " ", count: 17 << 20)), "unknown"),
    Row(
      "an attachment that grows without end",
      HTTP.answer(Answers.attached(bytes: Gzip.compress([UInt8](repeating: 0x20, count: 65 << 20)))), "unknown"),
    Row("entities that grow without end", HTTP.answer(Answers.laughs), "unknown"),
    Row("an entity from elsewhere", HTTP.answer(Answers.elsewhere), "unknown"),
    Row("bytes that are no text", bytes: Array(HTTP.answer("").utf8) + [0xFF, 0xFE, 0x00], "unknown"),
    Row(
      "an endless batch ID", HTTP.answer(Answers.receipt.replacing("B-17", with: String(repeating: "B", count: 200))),
      "unknown"),
  ]

  @Test(arguments: submissions)
  func anAnswerToASubmissionLeavesTheIntervalInItsState(_ row: Row) async throws {
    var waiting = try WaitingPipeline()
    let number = try #require(waiting.call)
    let content = try #require(waiting.content)
    let server = try await ScriptedServer(.answerBytes(row.answer))
    let channel = try ChannelFixtures.channel(ChannelFixtures.settings(port: server.port))
    let call = try channel.prepareSubmission(payload: channel.payload(content), ChannelFixtures.identity)
    let outcome = await channel.send(call.envelope, to: .submit)
    try await server.stop()
    waiting.take(.submitEnded(number, outcome.map(channel.readSubmit), answerDigest: Digest()))
    #expect(waiting.state == row.state, "\(outcome.map(channel.readSubmit))")
  }

  @Test func whatCannotBeSentStaysQueued() throws {
    var waiting = try WaitingPipeline()
    waiting.take(
      .submitEnded(try #require(waiting.call), .notSent(reason: "connection refused"), answerDigest: Digest()))
    #expect(waiting.state == "queued")
  }

  @Test func anAnswerToAnOlderCallChangesNothing() throws {
    let channel = try ChannelFixtures.channel(ChannelFixtures.settings())
    let receipt = channel.readSubmit(RawAnswer(httpStatus: 200, body: Array(Answers.receipt.utf8)))
    var waiting = try WaitingPipeline()
    let older = try #require(waiting.call)
    waiting.take(.submitEnded(older, .noAnswer(reason: "too slow"), answerDigest: Digest()))
    #expect(waiting.state == "unknown")
    waiting.take(.submitEnded(older, .answered(receipt), answerDigest: Digest()))
    #expect(waiting.state == "unknown", "it comes too late to be believed: the operator is asked")
  }

  // MARK: Answers to the question what became of a batch

  private static let verdicts = [
    Row("SUCCESS", Answers.status("SUCCESS"), "accepted"),
    Row("SUCCESS inside an attachment", Answers.attached(Answers.statusDocument("SUCCESS")), "accepted"),
    Row("not yet", Answers.status("PENDING"), "validating"),
    Row("a word that nobody knows", Answers.status("HALTED"), "validating"),
    Row("ERROR that names the row", Answers.status("ERROR", Answers.rowError), "rejected"),
    Row(
      "ERROR that names another row", Answers.status("ERROR", Answers.rowError.replacing("12:05", with: "12:10")),
      "unknown"),
    Row("ERROR that names none", Answers.status("ERROR"), "unknown"),
    Row("SUCCESS of another batch", Answers.status("SUCCESS").replacing("B-17", with: "B-18"), "validating"),
    Row("SUCCESS and ERROR", Answers.status("SUCCESS</description><description>ERROR"), "validating"),
    Row("half of SUCCESS", String(Answers.status("SUCCESS").dropLast(30)), "validating"),
    Row("a fault", Answers.fault(event: "No data found"), "validating"),
    Row("the throttle page", Answers.page("CAISO Acceptable Use Policy Violation"), "validating"),
    Row("nothing", "", "validating"),
  ]

  @Test(arguments: verdicts)
  func anAnswerAboutABatchLeavesTheIntervalInItsState(_ row: Row) throws {
    let channel = try ChannelFixtures.channel(ChannelFixtures.settings())
    let batch = OperatorBatchID("B-17")
    var waiting = try WaitingPipeline()
    waiting.awaitQuestion(after: .answered(.taken(batch)))
    let answer = channel.readStatus(RawAnswer(httpStatus: 200, body: row.answer), asked: batch)
    waiting.take(.statusEnded(try #require(waiting.call), .answered(answer), answerDigest: Digest()))
    #expect(waiting.state == row.state, "\(answer)")
  }

  // MARK: Answers to the question what is held

  @Test(arguments: [
    ("the value", "", 0, "accepted"), ("the value among others", "12:10", 0, "accepted"),
    ("another value", "", 1, "unknown"), ("another interval's", "12:05", 0, "unknown"),
  ])
  func whatTheOperatorHoldsDecides(_ name: String, _ replaced: String, _ more: Int64, _ state: String) throws {
    let channel = try ChannelFixtures.channel(ChannelFixtures.settings())
    var waiting = try WaitingPipeline()
    waiting.awaitQuestion(after: .noAnswer(reason: "the connection closed"))
    var content = try #require(waiting.content)
    content.rows[0].value += more
    var payload = String(decoding: channel.payload(content), as: UTF8.self)
    if replaced == "12:05" { payload = payload.replacing("T12:05:00Z", with: "T12:10:00Z") }
    if replaced == "12:10" {
      let value = payload.ranges(of: "<MeasurementValue>").first.map { payload[$0.lowerBound...] } ?? ""
      let whole = String(value.prefix(upTo: try #require(value.firstRange(of: "</MeasurementValue>")).upperBound))
      payload = payload.replacing(whole, with: whole + whole.replacing("12:05", with: "12:10"))
    }
    let answer = channel.readRetrieve(RawAnswer(httpStatus: 200, body: Array(Answers.attached(payload).utf8)))
    waiting.take(.retrieveEnded(try #require(waiting.call), .answered(answer)))
    #expect(waiting.state == state, "\(name): \(answer)")
  }

  @Test(arguments: [
    ("no data", Answers.fault(event: "No data found for the request")), ("a fault", Answers.fault("timeout")),
    ("nothing", ""), ("the throttle page", Answers.page("CAISO Acceptable Use Policy Violation")),
    ("a page", Answers.page("Welcome")),
  ])
  func oneAnswerWithoutTheValueDecidesNothing(_ name: String, _ body: String) throws {
    let channel = try ChannelFixtures.channel(ChannelFixtures.settings())
    var waiting = try WaitingPipeline()
    waiting.awaitQuestion(after: .noAnswer(reason: "the connection closed"))
    let answer = channel.readRetrieve(RawAnswer(httpStatus: 500, body: Array(body.utf8)))
    waiting.take(.retrieveEnded(try #require(waiting.call), .answered(answer)))
    #expect(waiting.state == "unknown", "\(name): \(answer)")
  }
}
