import MarketCore
import TelemetryCore
import Testing

/// Shapes as they were seen of the live service; the texts are our own.
@Suite struct OASISAnswerTests {
  private static let report = OASISReport.named("AS_RESULTS")
  private static let header = "INTERVALSTARTTIME_GMT,INTERVALENDTIME_GMT,OPR_HR,ANC_TYPE,ANC_REGION,MW\n"

  private static func answer(_ content: OASISReply.Content, status: Int = 200) -> OASISAnswer {
    OASISAnswer(OASISReply(status: status, content: content), for: report) { bytes throws(OASISParseFailure) in
      guard bytes.last == 0x3E else { throw OASISParseFailure(reason: "cut short") }
      // Stands for the XML library: a code between two marks.
      let text = String(decoding: bytes, as: UTF8.self)
      let code = text.split(separator: "#")
      guard code.count == 3 else { return rows }
      return MarketElement(
        "OASISReport",
        [
          MarketElement(
            "MessagePayload",
            [
              MarketElement(
                "RTO",
                [
                  MarketElement("DISCLAIMER_ITEM", [MarketElement("DISCLAIMER", text: "d")]),
                  MarketElement(
                    "ERROR",
                    [MarketElement("ERR_CODE", text: String(code[1])), MarketElement("ERR_DESC", text: "said so")]),
                ])
            ])
        ])
    }
  }

  private static let rows = MarketElement(
    "OASISReport",
    [
      MarketElement(
        "MessageHeader", [MarketElement("TimeDate", text: "t"), MarketElement("Source", text: "OASIS")]),
      MarketElement(
        "RTO",
        [
          MarketElement("name", text: "CAISO"),
          MarketElement(
            "REPORT_ITEM",
            [
              MarketElement(
                "REPORT_HEADER", [MarketElement("REPORT", text: "AS"), MarketElement("UOM", text: "MW")]),
              MarketElement(
                "REPORT_DATA",
                [
                  MarketElement("DATA_ITEM", text: "NS_TOT_MW"), MarketElement("RESOURCE_NAME", text: "AS_SP26"),
                  MarketElement("INTERVAL_START_GMT", text: "2026-11-23T08:00:00-00:00"),
                  MarketElement("VALUE", text: "12.5"),
                ]),
            ]),
        ]),
    ])

  private static func member(_ text: String, _ name: String = "x.csv") -> OASISReply.Content {
    .members([OASISReply.Member(name: name, bytes: Array(text.utf8))])
  }

  @Test(arguments: [200, 429])
  func thePageOfTheThrottleIsKnownByWhatItSays(_ status: Int) {
    let page = "<html><body>Acceptable Use Violation: one request every 5 seconds</body></html>"
    guard case .throttled = Self.answer(.notAnArchive(Array(page.utf8)), status: status) else {
      Issue.record("not throttled")
      return
    }
  }

  @Test func noDataUnderTheNameOfTheReportIsNoData() {
    let answer = Self.answer(Self.member("<x>#1000#</x>", "20261123_SLD_REN_FCST_DAM.xml"))
    #expect(answer == .noData("1000 no data: not published yet, or none: said so"))
  }

  @Test func everyCodeIsOfOneKind() {
    var kinds: [String: [Int]] = [:]
    for code in 1000...1021 {
      switch Self.answer(Self.member("<x>#\(code)#</x>", "INVALID_REQUEST.xml")) {
      case .noData: kinds["none", default: []].append(code)
      case .unavailable: kinds["later", default: []].append(code)
      case .refused(let told, let words):
        #expect(told == code && words.hasPrefix("\(code) "))
        kinds["wrong", default: []].append(code)
      default: Issue.record("\(code)")
      }
    }
    #expect(kinds["none"] == [1000] && kinds["later"] == [1003, 1008, 1010, 1012, 1013, 1015])
    #expect(kinds["wrong"]?.count == 15)
  }

  @Test func theHourThatClocksShowTwiceIsInTheOrderOfTime() {
    let rows = [
      "2026-11-01T10:00:00-00:00,2026-11-01T11:00:00-00:00,3,SR,AS_SP26,3",
      "2026-11-01T09:00:00-00:00,2026-11-01T10:00:00-00:00,25,SR,AS_SP26,2",
      "2026-11-01T08:00:00-00:00,2026-11-01T09:00:00-00:00,2,SR,AS_SP26,1",
    ]
    guard case .table(let table) = Self.answer(Self.member(Self.header + rows.joined(separator: "\n"))) else {
      Issue.record("no table")
      return
    }
    #expect(table.rows.compactMap { table.value(of: $0) } == ["1", "2", "3"])
  }

  @Test func allMembersAreReadAndColumnsAreFoundByName() {
    let other = "MW,ANC_REGION,ANC_TYPE,INTERVALSTARTTIME_GMT,EXTRA\n7,AS_NP26,RU,2026-11-23T07:00:00-00:00,e\n"
    let first = Self.header + "2026-11-23T08:00:00-00:00,2026-11-23T08:15:00-00:00,1,SR,AS_SP26,4\n"
    let members = [first, other].map { OASISReply.Member(name: "m", bytes: Array($0.utf8)) }
    guard case .table(let table) = Self.answer(.members(members)) else {
      Issue.record("no table")
      return
    }
    #expect(table.columns.count == 7 && table.rows.map { $0[5] } == ["7", "4"])
    #expect(table.rows[0][1] == "" && table.rows[1][6] == "")
  }

  @Test func rowsOfXMLCarryWhatTheirHeaderSays() {
    guard case .table(let table) = Self.answer(Self.member("<x>")) else {
      Issue.record("no table")
      return
    }
    #expect(table.columns == ["REPORT", "UOM", "DATA_ITEM", "RESOURCE_NAME", "INTERVAL_START_GMT", "VALUE"])
    #expect(table.rows == [["AS", "MW", "NS_TOT_MW", "AS_SP26", "2026-11-23T08:00:00-00:00", "12.5"]])
  }

  @Test(arguments: [
    ("", "is empty"), ("\"\"", "does not begin with names of columns"),
    ("A,B\n1\n", "1 cells under 2 columns: it was cut short"), ("A,B\n1,\"2", "cut short"),
    ("<x>#1000", "is no XML: cut short"), ("A,A\n1,2\n", "does not begin with names"),
    ("MW,ANC_TYPE\n1,SR\n", "AS_RESULTS without ANC_REGION"),
  ])
  func whatIsNoAnswerIsSaid(_ text: String, _ words: String) {
    guard case .unusable(let reason) = Self.answer(Self.member(text)) else {
      Issue.record("taken for an answer: \(text)")
      return
    }
    #expect(reason.contains(words), "\(reason)")
  }

  /// Only the digits of the last value can be lost without a trace in the text: the checksum of the ZIP is for that.
  @Test func everyTruncationOfAReportIsSaidOrHasWholeRows() {
    let text = Array((Self.header + "2026-11-23T08:00:00-00:00,2026-11-23T08:15:00-00:00,1,SR,AS_SP26,4\n").utf8)
    for length in 0..<text.count {
      guard case .table(let table) = Self.answer(.members([.init(name: "t", bytes: Array(text[..<length]))])) else {
        continue
      }
      #expect(table.rows.isEmpty || table.value(of: table.rows[0]) == "4" || length == text.count - 2)
    }
  }

  @Test func otherPagesAreNotTakenForData() {
    guard case .unavailable = Self.answer(.notAnArchive(Array("<html>".utf8)), status: 503),
      case .unusable = Self.answer(.notAnArchive([]), status: 200), case .unusable = Self.answer(.broken("bomb")),
      case .unusable = Self.answer(.members([]))
    else {
      Issue.record("taken for something else")
      return
    }
  }
}
