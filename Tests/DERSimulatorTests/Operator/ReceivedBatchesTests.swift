import TelemetryCore
import Testing

@testable import DERSimulator

@Suite struct ReceivedBatchesTests {
  @Test func aRowThatComesOnceIsNeitherDuplicateNorRevision() {
    let report = HeldReport(ReceivedBatches([.example(id: "1", [.example(300, "0.10"), .example(600, "0.20")])]))
    #expect(report.summary == .init(rows: 2, distinct: 2, revisions: 0, duplicates: 0, refused: 0, batches: 1))
    #expect(report.lines.map(\.value) == ["0.10", "0.20"])
  }

  @Test func aRowThatComesAgainWithTheSameValueIsADuplicate() {
    let row = ReceivedBatch.Row.example(300, "0.10")
    let report = HeldReport(ReceivedBatches([.example(id: "1", [row]), .example(id: "2", [row])]))
    #expect(report.summary.duplicates == 1)
    #expect(report.lines[0].received == 2)
  }

  @Test func aRowThatComesAgainWithAnotherValueIsARevision() {
    let report = HeldReport(
      ReceivedBatches([
        .example(id: "1", [.example(300, "0.10")]), .example(id: "2", [.example(300, "0.11")]),
        .example(id: "3", [.example(300, "0.10")]),
      ]))
    #expect(report.summary.duplicates == 0)
    #expect(report.summary.revisions == 2)
    #expect(report.lines[0].value == "0.10")
    #expect(report.lines[0].arrivals.map(\.batch) == ["1", "2", "3"])
    #expect(report.lines[0].arrivals.map(\.meaning) == [.first, .revision, .revision])
  }

  @Test func anOldPayloadAfterARevisionIsADuplicate() {
    let first = ReceivedBatch.example(id: "1", [.example(300, "0.10")], payload: "a")
    let revision = ReceivedBatch.example(id: "2", [.example(300, "0.11")], payload: "b")
    let again = ReceivedBatch.example(id: "3", [.example(300, "0.10")], payload: "a")
    let report = HeldReport(ReceivedBatches([first, revision, again]))
    #expect((report.summary.revisions, report.summary.duplicates) == (1, 1))
    #expect(report.lines[0].arrivals.map(\.meaning) == [.first, .revision, .duplicate])
  }

  @Test(arguments: [ReceivedBatch.Fate.forgotten, .refused])
  func sendingAgainWhatWasForgottenOrRefusedIsNoDuplicate(fate: ReceivedBatch.Fate) {
    let row = ReceivedBatch.Row.example(300, "0.10")
    var lost = ReceivedBatch.example(id: "1", [row], payload: "a")
    lost.fate = fate
    let report = HeldReport(ReceivedBatches([lost, .example(id: "2", [row], payload: "a")]))
    #expect((report.summary.refused, report.summary.duplicates) == (1, 0))
    #expect(report.lines[0].arrivals.map(\.meaning) == [.notHeld, .first])
  }

  @Test func sendingAgainARowThatIsHeldBesideRowsAtFaultIsADuplicate() {
    let rows = [ReceivedBatch.Row.example(300, "0.10"), .example(600, "0.20")]
    var partly = ReceivedBatch.example(id: "1", rows, faults: [.init(row: 0, message: "wrong")], payload: "a")
    partly.fate = .partlyHeld
    let report = HeldReport(ReceivedBatches([partly, .example(id: "2", rows, payload: "b")]))
    #expect((report.summary.refused, report.summary.duplicates) == (1, 1))
    #expect(report.lines.map(\.duplicates) == [0, 1])
  }

  @Test func sendingAgainWhatValidationRefusedIsNoDuplicate() {
    let row = ReceivedBatch.Row.example(300, "0.10")
    let refused = ReceivedBatch.example(id: "1", [row], faults: [.init(row: 0, message: "wrong")])
    let report = HeldReport(ReceivedBatches([refused, .example(id: "2", [row])]))
    #expect(report.summary == .init(rows: 2, distinct: 1, revisions: 0, duplicates: 0, refused: 1, batches: 2))
  }

  @Test func valuesInForceAreTheLatestOfTheBatchesThatPassed() {
    let batches = ReceivedBatches([
      .example(id: "1", at: 1_000, [.example(300, "0.1"), .example(600, "0.2")]),
      .example(id: "2", at: 2_000, [.example(300, "0.5")], faults: [.init(row: 0, message: "wrong")]),
      .example(id: "3", at: 3_000, [.example(600, "0.3")]),
      .example(id: "4", at: 9_000, [.example(600, "0.4")]),
    ])
    let values = batches.values(receivedBy: UTCInstant(milliseconds: 3_000)) { _, _ in true }
    #expect(values == [ReceivedBatch.Row.example(300, "").key: "0.1", ReceivedBatch.Row.example(600, "").key: "0.3"])
  }

  @Test func noTwoReceiptsAreEqual() {
    var batches = ReceivedBatches()
    var ids: Set<String> = []
    for place in 0..<20 {
      let id = batches.nextID(at: UTCInstant(seconds: 1_795_345_200))
      #expect(ids.insert(id).inserted)
      batches.receive(.example(id: id, [.example(Int64(300 * place), "0.1")]))
    }
  }
}

@Suite struct HeldReportTextTests {
  @Test func theSumIsTheLastLineAndSaysHowManyDuplicates() throws {
    let row = ReceivedBatch.Row.example(1_795_345_500, "0.1425")
    let report = HeldReport(ReceivedBatches([.example(id: "1", [row]), .example(id: "2", [row])]))
    let json = try report.text(asJSON: true).split(separator: "\n")
    #expect(
      json == [
        """
        {"arrivals":[{"batch":"1","meaning":"first","value":"0.1425"},\
        {"batch":"2","meaning":"duplicate","value":"0.1425"}],"different":0,"duplicates":1,"interval_ending":"2026-11-22T11:05:00Z","measurement":"GEN","received":2,\
        "resource":"EXAMPL_7_DERA1","value":"0.1425"}
        """,
        #"{"batches":2,"distinct":1,"duplicates":1,"refused":0,"revisions":0,"rows":2}"#,
      ])
    let text = try report.text(asJSON: false)
    #expect(text.hasSuffix("rows 2, distinct 1, revisions 0, duplicates 1, refused 0, batches 2\n"))
  }
}

extension ReceivedBatch {
  static func example(
    id: String, at received: Int64 = 1_000, _ rows: [Row], faults: [Fault] = [], payload: String? = nil
  ) -> Self {
    Self(
      id: id, received: received, sender: "CN=a", coordinator: nil, payloadDigest: payload ?? id, rows: rows,
      faults: faults)
  }
}

extension ReceivedBatch.Row {
  static func example(_ intervalEnding: Int64, _ value: String) -> Self {
    Self(resource: "EXAMPL_7_DERA1", measurement: "GEN", intervalEnding: intervalEnding, value: value)
  }
}
