import Testing

@testable import TelemetryCore

@Suite struct AnswerReaderTests {
  /// A promise about one kind of answer.
  struct Case<Answer: Sendable>: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var fields: AnswerFields
    var answer: Answer

    init(_ promise: String, _ fields: AnswerFields, _ answer: Answer) {
      testDescription = promise
      self.fields = fields
      self.answer = answer
    }
  }

  private static func ok(_ texts: [AnswerText: [String]], rows: [[RowField: String]] = []) -> AnswerFields {
    AnswerFields(httpStatus: 200, texts: texts, rows: rows)
  }

  private static func fault(_ text: String, code: String = "soap:Server", event: [String] = []) -> AnswerFields {
    AnswerFields(
      httpStatus: 500, excerpt: "<Envelope>", texts: [.faultText: [text], .faultCode: [code], .faultEvent: event])
  }

  private static let throttlePage = AnswerFields(
    httpStatus: 200, excerpt: "<html><h1>CAISO acceptable use policy VIOLATION</h1></html>", problem: "not XML")

  private func reader() throws -> AnswerReader { AnswerReader(try #require(WireFixtures.profile())) }

  private static let submissions: [Case<SubmitAnswer>] = [
    Case("a batch ID is a receipt", ok([.batchID: [" B1\n"]]), .taken(OperatorBatchID("B1"))),
    Case("the same batch ID twice is one", ok([.batchID: ["B1", "B1"]]), .taken(OperatorBatchID("B1"))),
    Case(
      "two batch IDs are no receipt", ok([.batchID: ["B1", "B2"]]),
      .failed(.unreadable(reason: "2 batch IDs: no description"))),
    Case("a known result needs no batch", ok([.result: ["SCSS0001"]]), .taken(nil)),
    Case(
      "another result without a batch says nothing", ok([.result: ["X"], .description: ["hm"]]),
      .failed(.unreadable(reason: "0 batch IDs: hm"))),
    Case(
      "an error refuses it for good", ok([.severity: ["ERROR"], .description: ["bad  row"], .batchID: ["B1"]]),
      .rejected(reason: "bad row")),
    Case("an empty answer says nothing", ok([:]), .failed(.unreadable(reason: "0 batch IDs: no description"))),
    Case(
      "an answer cut short says nothing, even with a batch ID",
      AnswerFields(httpStatus: 200, problem: "cut", texts: [.batchID: ["B1"]]), .failed(.unreadable(reason: "cut"))),
    Case(
      "a batch ID with an error status is no receipt", AnswerFields(httpStatus: 502, texts: [.batchID: ["B1"]]),
      .failed(.unreadable(reason: "HTTP 502: "))),
    Case(
      "an endless batch ID is none", ok([.batchID: [String(repeating: "B", count: 200)]]),
      .failed(.unreadable(reason: "a batch ID of 200 bytes"))),
    Case("the throttle page is known by its text", throttlePage, .failed(.throttled)),
    Case("so is the throttle status", AnswerFields(httpStatus: 429), .failed(.throttled)),
    Case(
      "a bad signature is about us, not the values", fault("Signature validation status: false"),
      .failed(.refused(reason: "HTTP 500: Signature validation status: false"))),
    Case(
      "a missing right is about us", AnswerFields(httpStatus: 403, excerpt: "no"),
      .failed(.refused(reason: "HTTP 403: no"))),
    Case(
      "what the operator's application says about it counts", fault("Fault", event: ["bad interval"]),
      .rejected(reason: "bad interval")),
    Case("a client fault is ours", fault("schema", code: "soap:Client.Schema"), .rejected(reason: "schema")),
    Case("a server fault says nothing", fault("out of memory"), .failed(.unreadable(reason: "out of memory"))),
    Case(
      "a gateway's page says nothing", AnswerFields(httpStatus: 502, excerpt: "Bad Gateway", problem: "not XML"),
      .failed(.unreadable(reason: "not XML"))),
    Case(
      "a description that quotes the policy throttles even beside a batch",
      ok([.description: ["Acceptable Use Policy Violation"], .batchID: ["B"]]), .failed(.throttled)),
  ]

  @Test(arguments: submissions)
  func submissionIsJudged(_ example: Case<SubmitAnswer>) throws {
    #expect(try reader().submitAnswer(example.fields) == example.answer)
  }

  private static let row: [RowField: String] = [
    .resource: "R", .measurement: "L", .intervalEnding: "2025-06-02T07:05:00Z", .value: "0.1425", .message: "too high",
  ]
  private static let ending = UTCInstant(seconds: 1_748_847_900)

  private static func changed(_ field: RowField, _ text: String?) -> [RowField: String] {
    var changed = row
    changed[field] = text
    return changed
  }

  private static let states: [Case<StatusAnswer>] = [
    Case("the word for success", ok([.statusWord: ["SUCCESS"], .batchID: ["B1"]]), .accepted),
    Case("success without a batch ID is about the one asked", ok([.statusWord: ["SUCCESS"]]), .accepted),
    Case("any other word means not finished", ok([.statusWord: ["PROCESSING"], .batchID: ["B1"]]), .pending),
    Case(
      "success of another batch is not ours", ok([.statusWord: ["SUCCESS"], .batchID: ["B2"]]),
      .failed(.unreadable(reason: "the answer is about another batch"))),
    Case("no word is no answer", ok([.batchID: ["B1"]]), .failed(.unreadable(reason: "0 status words"))),
    Case(
      "two words are no answer", ok([.statusWord: ["SUCCESS", "ERROR"]]),
      .failed(.unreadable(reason: "2 status words"))),
    Case(
      "rows with their key are named",
      ok([.statusWord: ["ERROR"], .general: ["whole"]], rows: [row]),
      .errors(
        rows: [
          RowError(
            resource: ResourceID("R"), measurement: MeasurementType("LOAD"), intervalEnding: ending, message: "too high"
          )
        ], general: ["whole"])),
    Case(
      "a row without its key is a general error", ok([.statusWord: ["ERROR"]], rows: [changed(.intervalEnding, "x")]),
      .errors(rows: [], general: ["too high"])),
    Case("an error without a word why", ok([.statusWord: ["ERROR"]]), .errors(rows: [], general: [])),
    Case("a fault says nothing about the batch", fault("No data found"), .failed(.unreadable(reason: "No data found"))),
    Case("throttled", throttlePage, .failed(.throttled)),
    Case(
      "a row that quotes the policy does not throttle",
      ok([.statusWord: ["ERROR"]], rows: [changed(.message, "Acceptable Use Policy Violation")]),
      .errors(
        rows: [
          RowError(
            resource: ResourceID("R"), measurement: MeasurementType("LOAD"), intervalEnding: ending,
            message: "Acceptable Use Policy Violation")
        ], general: [])),
  ]

  @Test(arguments: states)
  func statusIsJudged(_ example: Case<StatusAnswer>) throws {
    #expect(try reader().statusAnswer(example.fields, asked: OperatorBatchID("B1")) == example.answer)
  }

  private static func held(_ value: Int64?, _ unit: WireUnit? = nil) -> HeldValue {
    HeldValue(
      resource: ResourceID("R"), measurement: MeasurementType("LOAD"), intervalEnding: ending, value: value, unit: unit)
  }

  private static let retrievals: [Case<RetrieveAnswer>] = [
    Case(
      "rows are values", ok([.known: [""], .description: []], rows: [row]),
      .failed(.unreadable(reason: "not an answer to this question: "))),
    Case("rows of a known answer are values", ok([.known: ["x"]], rows: [row]), .held([held(142_500)])),
    Case("a known answer without rows holds none", ok([.known: ["x"]]), .held([])),
    Case("the no-data fault holds none", fault("x", event: ["No data found for the criteria"]), .held([])),
    Case("another fault says nothing", fault("database down"), .failed(.unreadable(reason: "database down"))),
    Case(
      "a foreign document says nothing", AnswerFields(httpStatus: 200, excerpt: "<other/>"),
      .failed(.unreadable(reason: "not an answer to this question: <other/>"))),
    Case(
      "an empty body says nothing", AnswerFields(httpStatus: 200, problem: "empty"),
      .failed(.unreadable(reason: "empty"))),
    Case(
      "one row without its key spoils the answer", ok([.known: ["x"]], rows: [row, changed(.resource, nil)]),
      .failed(.unreadable(reason: "a row without its key"))),
    Case(
      "a value finer than ours is told as finely", ok([.known: ["x"]], rows: [changed(.value, "0.14250001")]),
      .held([held(14_250_001_000, WireUnit(symbol: "MWh", digits: 11))])),
    Case(
      "a value finer than a millijoule is there, but not ours",
      ok([.known: ["x"]], rows: [changed(.value, "0.142500000001")]), .held([held(nil)])),
    Case(
      "a value too large is there, but not ours", ok([.known: ["x"]], rows: [changed(.value, "99999999999999999999")]),
      .held([held(nil)])),
    Case("a row without a value is there", ok([.known: ["x"]], rows: [changed(.value, nil)]), .held([held(nil)])),
    Case("the same row twice is one", ok([.known: ["x"]], rows: [row, row]), .held([held(142_500)])),
    Case(
      "two values for one interval say nothing", ok([.known: ["x"]], rows: [row, changed(.value, "1")]),
      .failed(.unreadable(reason: "two values for one interval"))),
    Case(
      "values in another unit say nothing", ok([.known: ["x"]], rows: [changed(.unit, "KWH")]),
      .failed(.unreadable(reason: "values in KWH, not in MWH"))),
    Case("values in our unit count", ok([.known: ["x"]], rows: [changed(.unit, "MWH")]), .held([held(142_500)])),
    Case("throttled", throttlePage, .failed(.throttled)),
  ]

  @Test(arguments: retrievals)
  func retrieveIsJudged(_ example: Case<RetrieveAnswer>) throws {
    #expect(try reader().retrieveAnswer(example.fields) == example.answer)
  }

  @Test func anExpressionThatIsLeftOutIsNotAsked() {
    let questions = AnswerRules(submit: SubmitRules(batchID: "//b")).questions(.submit)
    #expect(questions.texts == [.batchID: "//b"])
    #expect(questions.rows == nil)
  }
}
