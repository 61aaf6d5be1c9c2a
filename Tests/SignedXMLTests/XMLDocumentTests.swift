import SignedXML
import Testing

@Suite struct XMLDocumentTests {
  private func document(_ text: String) throws(XMLProblem) -> XMLDocument {
    try XMLDocument(parsing: Array(text.utf8), byteLimit: 1 << 20)
  }

  @Test func textsAreFoundByXPathInDocumentOrder() throws {
    let found = try document("<a xmlns='urn:a'><b>1</b><c><b>2 &amp; 3</b></c></a>")
      .texts(at: "//x:b", namespaces: ["x": "urn:a"])
    #expect(found == ["1", "2 & 3"])
  }

  @Test func anExpressionMayYieldOneText() throws {
    let texts = try document("<a><b/><b/></a>").texts(at: "count(//b)", namespaces: [:])
    #expect(texts == ["2"])
  }

  @Test func rowsCarryTheFieldsTheyHave() throws {
    let rows = try document("<a><r n='1'><v>5</v></r><r n='2'/></a>")
      .records(at: "/a/r", fields: ["name": "@n", "value": "v"], namespaces: [:], limit: 2)
    #expect(rows == [["name": "1", "value": "5"], ["name": "2"]])
  }

  @Test func moreRowsThanAllowedAreAProblemNotAPart() throws {
    let three = try document("<a><r/><r/><r/></a>")
    #expect(throws: XMLProblem.tooManyRows(limit: 2)) {
      try three.records(at: "/a/r", fields: [:], namespaces: [:], limit: 2)
    }
  }

  @Test(arguments: ["//", "p:unknown", "nonsense()", "a[", ""])
  func anExpressionThatCannotBeUsedIsNamed(_ expression: String) {
    #expect(throws: XMLProblem.self) { try XMLDocument.check(expression, namespaces: ["x": "urn:x"]) }
  }

  @Test func aGoodExpressionPassesTheCheck() throws {
    try XMLDocument.check("/x:a/x:b[1]/@c", namespaces: ["x": "urn:x"])
  }

  @Test(arguments: [
    "<!DOCTYPE a><a/>",
    "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
    "<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/a.dtd'><a/>",
    """
    <!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>
    <!ENTITY d '&c;&c;&c;&c;&c;&c;&c;&c;'>]><l>&d;</l>
    """,
  ])
  func aDocumentTypeIsRefused(_ text: String) {
    #expect(throws: XMLProblem.documentType) { _ = try XMLDocument(parsing: Array(text.utf8), byteLimit: 1 << 20) }
  }

  @Test func moreBytesThanAllowedAreNotRead() {
    #expect(throws: XMLProblem.tooLong(byteLimit: 3)) {
      _ = try XMLDocument(parsing: Array("<a/>".utf8), byteLimit: 3)
    }
  }

  @Test(arguments: ["", " ", "<a>", "<a></b>", "plain", "<a>&unknown;</a>", "\u{0}", "<a/><b/>"])
  func whatIsNotXMLIsRefused(_ text: String) {
    #expect(throws: XMLProblem.self) { _ = try XMLDocument(parsing: Array(text.utf8), byteLimit: 100) }
  }

  @Test func depthIsBounded() {
    let deep = String(repeating: "<a>", count: 100_000)
    #expect(throws: XMLProblem.self) { _ = try XMLDocument(parsing: Array(deep.utf8), byteLimit: 1 << 20) }
  }

  @Test func everyCutIsRefused() {
    let whole = Array(
      "<?xml version=\"1.0\"?><a xmlns:x='urn:x'><x:b c=\"1\">t&amp;</x:b><!-- c --><![CDATA[d]]></a>".utf8)
    for length in 0..<whole.count {
      #expect(throws: XMLProblem.self) { _ = try XMLDocument(parsing: Array(whole[..<length]), byteLimit: 1 << 20) }
    }
  }

  @Test func aLongAnswerIsReadInOrder() throws {
    let rows = (0..<20_000).map { "<r><v>\($0)</v></r>" }.joined()
    let records = try document("<a>\(rows)</a>")
      .records(at: "//r", fields: ["value": "v"], namespaces: [:], limit: 20_000)
    #expect(records.count == 20_000)
    #expect(records.last == ["value": "19999"])
  }
}
