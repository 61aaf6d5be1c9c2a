import MarketCore
import Testing

@Suite struct JSONValueTests {
  private static let document = #"""
    { "transactions": [ {"id": "A-1", "mw": -0.5e1, "ok": true, "none": null, "text": "a\"\\\/\n\u00e9\ud83d\ude00"} ],
      "x/y": {"~": [1, 2]}, "id": "first", "id": "second" }
    """#

  @Test func aDocumentIsReadAndPointedInto() throws {
    let value = try JSONValue(Array(Self.document.utf8))
    #expect(value["/transactions/0/id"]?.scalar == "A-1")
    #expect(value["/transactions/0/mw"] == .number("-0.5e1"))
    #expect(value["/transactions/0/text"]?.scalar == "a\"\\/\né😀")
    #expect(value["/x~1y/~0/1"]?.scalar == "2")
    #expect(value["/id"]?.scalar == "first")
    #expect(value["/transactions/1"] == nil && value["/transactions/0/id/x"] == nil && value["/nothing"] == nil)
    #expect(value["/transactions/0/none"] == .null && value["/transactions/0/ok"]?.scalar == "true")
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,}", "01", "1.", "-", "1e", "\"a", "\"\\x\"", "\"\\ud800\"", "nul", "[1] 2", "{a:1}",
    "\"\u{1}\"", "+1", ".5", "<html>",
  ])
  func whatIsNoJSONIsRefused(_ text: String) {
    #expect(throws: JSONValue.Problem.self) { try JSONValue(Array(text.utf8)) }
  }

  @Test func noTruncationIsTakenForADocument() throws {
    let bytes = Array(Self.document.utf8)
    for count in 0..<bytes.count {
      #expect(throws: JSONValue.Problem.self) { try JSONValue(Array(bytes[..<count])) }
    }
  }

  @Test func noFlippedBitTraps() {
    let bytes = Array(Self.document.utf8)
    var readCount = 0
    for bit in 0..<bytes.count * 8 {
      var changed = bytes
      changed[bit / 8] ^= 1 << (bit % 8)
      if (try? JSONValue(changed)) != nil { readCount += 1 }
    }
    #expect(readCount > 0 && readCount < bytes.count * 8)
  }

  @Test func depthAndCountAreBounded() throws {
    let deep = String(repeating: "[", count: 100_000)
    #expect(throws: JSONValue.Problem.self) { try JSONValue(Array(deep.utf8)) }
    let many = "[" + String(repeating: "1,", count: 300_000) + "1]"
    #expect(throws: JSONValue.Problem.self) { try JSONValue(Array(many.utf8)) }
  }

  @Test(arguments: ["", "plain", "\"\\\n\r\t\u{1}", "é😀"])
  func whatIsQuotedIsReadBack(_ text: String) throws {
    #expect(try JSONValue(Array(JSONValue.quoted(text).utf8)) == .text(text))
  }
}
