import MarketCore
import TelemetryCore
import Testing

@Suite struct OASISRequestTests {
  /// Pacific time of 2026: clocks go forward on 8 March and back on 1 November.
  static let pacific = TimeZoneTransitions(
    firstOffsetSeconds: -28_800,
    transitions: [
      .init(instant: UTCInstant(seconds: 1_772_964_000), offsetSeconds: -25_200),
      .init(instant: UTCInstant(seconds: 1_793_523_600), offsetSeconds: -28_800),
    ])
  /// At 2026-11-23T20:00:00Z.
  static let circumstances = OASISRequest.Circumstances(
    now: UTCInstant(seconds: 1_795_464_000), zone: pacific, versions: ["PRC_LMP": "7"])

  private static func request(_ text: String) throws -> OASISRequest { try OASISRequest(text, circumstances) }

  private static func problem(_ text: String) throws -> String {
    try #require(throws: OASISRequestProblem.self) { try OASISRequest(text, circumstances) }.description
  }

  @Test func theRequestOfTheTextGetsWhatCAISORequires() throws {
    let text = "GET /oasis/singleZip?queryname=AS_RESULTS&market_run_id=RTM&startdatetime=2026-11-23"
    let request = try Self.request(String(text.dropFirst(4)))
    #expect(
      request.queries() == [
        "queryname=AS_RESULTS&market_run_id=RTM&startdatetime=20261123T08:00-0000&anc_type=ALL&anc_region=ALL"
          + "&enddatetime=20261124T08:00-0000&version=1&resultformat=6"
      ])
    #expect(
      request.additions == [
        "/oasisapi/SingleZip in place of /oasis/singleZip: the servlet as CAISO writes it, over https",
        "anc_type=ALL: AS_RESULTS requires it", "anc_region=ALL: AS_RESULTS requires it",
        "startdatetime=20261123T08:00-0000 in place of 2026-11-23: the form that OASIS takes",
        "enddatetime=20261124T08:00-0000: the end of trade date 2026-11-23",
        "version=1: every report requires its version", "resultformat=6: asks for CSV",
      ])
    #expect(request.notes.count == 1 && request.notes[0].contains("five-minute dispatch comes from ADS"))
  }

  @Test func whatThePersonWroteStaysAsItIs() throws {
    let text =
      "https://oasis.caiso.com/oasisapi/SingleZip?resultformat=5&queryname=PRC_LMP&market_run_id=DAM&node=A%20B"
      + "&startdatetime=20261120T08:00-0000&enddatetime=20261121T08:00-0000&version=1"
    let request = try Self.request(text)
    #expect(request.additions.isEmpty)
    #expect(request.queries() == [text.split(separator: "?").last.map { String($0) }])
  }

  @Test func aVersionThatIsSetStandsBeforeOurs() throws {
    let request = try Self.request("queryname=PRC_LMP&node=N")
    #expect(request.value("version") == "7" && request.value("market_run_id") == "DAM")
  }

  @Test(arguments: [
    ("2026-03-08", "20260308T08:00-0000", "20260309T07:00-0000"),
    ("2026-11-01", "20261101T07:00-0000", "20261102T08:00-0000"),
    ("2026-07-04", "20260704T07:00-0000", "20260705T07:00-0000"),
  ])
  func aTradeDateIsAsLongAsItIs(_ date: String, _ start: String, _ end: String) throws {
    let request = try Self.request("queryname=AS_RESULTS&startdatetime=\(date)")
    #expect(OASISInstant.text(request.start) == start && OASISInstant.text(request.end) == end)
    let both = try Self.request("queryname=AS_RESULTS&startdatetime=\(date)&enddatetime=\(date)")
    #expect(both.end == request.end)
  }

  @Test func longRequestsGoInChunksOfThirtyDaysThatMeet() throws {
    let request = try Self.request("queryname=AS_RESULTS&startdatetime=2026-01-01&enddatetime=2026-03-31")
    let spans = request.queries().map { query in
      query.split(separator: "&").filter { $0.contains("datetime=") }.map { String($0.split(separator: "=")[1]) }
    }
    #expect(
      spans == [
        ["20260101T08:00-0000", "20260131T08:00-0000"], ["20260131T08:00-0000", "20260302T08:00-0000"],
        ["20260302T08:00-0000", "20260401T07:00-0000"],
      ])
  }

  @Test(arguments: [
    ("market_run_id=RTM", "has no `queryname`"), ("queryname=PRC_LMP", "has no `node`"),
    ("queryname=AS_RESULTS&market_run_id=RTD", "expected one of DAM, HASP, RTM"),
    ("queryname=AS_RESULTS&startdatetime=11/23/2026", "has startdatetime=11/23/2026: expected `YYYYMMDDThh:mm-0000`"),
    ("queryname=AS_RESULTS&startdatetime=2026-11-23&enddatetime=2026-11-22", "which is not after its start"),
    ("queryname=AS_RESULTS&startdatetime=...", "has startdatetime=...: expected"),
    ("queryname=A&queryname=B", "has `queryname` twice"), ("queryname", "expected NAME=VALUE"),
    ("queryname=%G1", "expected NAME=VALUE"), ("/oasisapi/GroupZip?groupid=X", "is for GroupZip"),
    ("/else?queryname=A", "is for /else"),
    ("queryname=AS_RESULTS&startdatetime=1990-01-01&enddatetime=2026-01-01", "expected at most 3000"),
  ])
  func whatCannotBeSentIsSaid(_ text: String, _ words: String) throws {
    let problem = try Self.problem(text)
    #expect(problem.contains(words), "\(problem)")
  }

  @Test func turnsAreSpacedForAllProcessesAndForgottenAtABoot() throws {
    let now = UptimeInstant(milliseconds: 1_000)
    let spacing = Milliseconds.seconds(5)
    let first = try #require(CallSpacing.take(nil, boot: "b", now: now, spacing: spacing))
    #expect(first.turn == now)
    let second = try #require(
      CallSpacing.take(CallSpacing(first.next.text), boot: "b", now: now + Milliseconds(1), spacing: spacing))
    #expect(second.turn == now + spacing)
    let later = UptimeInstant(milliseconds: 60_000)
    #expect(CallSpacing.take(second.next, boot: "b", now: later, spacing: spacing)?.turn == later)
    #expect(CallSpacing.take(second.next, boot: "other", now: now, spacing: spacing)?.turn == now)
    let hostile = CallSpacing("b 9223372036854775807")
    #expect(hostile != nil && CallSpacing.take(hostile, boot: "b", now: now, spacing: spacing) == nil)
    #expect(CallSpacing("") == nil && CallSpacing("b -1") == nil && CallSpacing("b x y") == nil)
  }
}
