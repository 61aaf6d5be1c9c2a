import SignedXML
import Testing

@Suite struct MultipartMessageTests {
  private static let own = MultipartMessage(envelope: Array("<a>\n</a>\n".utf8), attachment: Array("QUJD".utf8))
  private static let ownType = MultipartMessage.contentType(startingWith: MultipartMessage.envelopeID)

  private func parse(_ text: String, _ header: String = "multipart/related; boundary=b") throws -> MultipartMessage {
    let type = try #require(try MultipartType(header))
    return try MultipartMessage(parsing: Array(text.utf8), type: type)
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let type = try #require(try MultipartType(Self.ownType))
    #expect(type.start == "payload")
    let message = try MultipartMessage(parsing: Self.own.bytes(), type: type)
    #expect(message == Self.own)
    let related = try message.related(type)
    #expect(related.root.body == Array("<a>\n</a>\n".utf8))
    #expect(related.attachment?.body == Array("QUJD".utf8))
    #expect(related.attachment?.contentID == "attachment.uue")
  }

  @Test func theFormIsTheOneOfKnownClients() {
    #expect(
      String(decoding: Self.own.bytes(), as: UTF8.self) == """
        --DERTelemetryd-part\r
        Content-Type: text/xml; charset=utf-8\r
        Content-ID: <payload>\r
        \r
        <a>
        </a>
        \r
        --DERTelemetryd-part\r
        Content-Type: text/plain; charset=us-ascii\r
        Content-ID: <attachment.uue>\r
        \r
        QUJD\r
        --DERTelemetryd-part--\r

        """)
    #expect(
      Self.ownType
        == #"multipart/related; type="text/xml"; start="<payload>"; boundary="DERTelemetryd-part""#)
  }

  @Test func othersWriteItInOtherWays() throws {
    let header = #"Multipart/Related;start=<r@x> ; Boundary="a \"b'(c)"; type=text/xml"#
    let text = """
      a preamble
      --a "b'(c) \t
      content-type: application/octet-stream

      QUJD
      --a "b'(c)
      CONTENT-ID:
       <r@x>
      X-Other: 1

      <a/>
      --a "b'(c)--
      an epilogue
      --a "b'(c)
      """
    let message = try parse(text, header)
    let related = try message.related(try #require(try MultipartType(header)))
    #expect(related.root.body == Array("<a/>".utf8))
    #expect(related.attachment?.body == Array("QUJD".utf8))
  }

  @Test func whatOnlyLooksLikeADelimiterIsContent() throws {
    let message = try parse("--b\n\n--bc\n --b\nx--b--\n--b--")
    #expect(message.parts.map(\.body) == [Array("--bc\n --b\nx--b--".utf8)])
  }

  @Test(arguments: ["text/xml", "", "multipart/mixed; boundary=b", "multipart/relatedly; boundary=b"])
  func anotherTypeIsNone(_ header: String) throws {
    #expect(try MultipartType(header) == nil)
  }

  @Test(arguments: [
    "", "; boundary", "; boundary=", "; boundary=\"\"", "; boundary=\"b", "; boundary=b; boundary=c", "; =b",

    "; boundary=\"a\nb\"", "; boundary=\"b \"", "; boundary=\(String(repeating: "b", count: 71))", "; boundary=\"b\\",
    "; boundary=b; x=\(String(repeating: "x", count: 1_000))",
  ])
  func aTypeThatCannotBeUsedIsAProblem(_ parameters: String) {
    #expect(throws: MultipartProblem.self) { try MultipartType("multipart/related\(parameters)") }
  }

  @Test(arguments: ["", "--b--", "--b\n\nx", "--b\nno body\n--b--", "--c\n\nx\n--c--", "x--b\n\n--b-"])
  func whatIsNoMessageIsAProblem(_ text: String) {
    #expect(throws: MultipartProblem.self) { try parse(text) }
  }

  @Test func partsAndHeadsAreBounded() throws {
    let part = "--b\n\nx\n"
    #expect(try parse(String(repeating: part, count: 8) + "--b--").parts.count == 8)
    #expect(throws: MultipartProblem.self) { try parse(String(repeating: part, count: 9) + "--b--") }
    let head = String(repeating: "X: y\n", count: 2_000)
    #expect(throws: MultipartProblem.self) { try parse("--b\n\(head)\nx\n--b--") }
  }

  @Test(arguments: ["--b\n\nx\n--b\n\ny\n--b\n\nz\n--b--"])
  func twoAttachmentsAreOneTooMany(_ text: String) throws {
    let type = try #require(try MultipartType("multipart/related; boundary=b"))
    #expect(throws: MultipartProblem.self) { try parse(text).related(type) }
    let missing = try #require(try MultipartType("multipart/related; boundary=b; start=r"))
    #expect(throws: MultipartProblem.self) { try parse("--b\n\nx\n--b--").related(missing) }
  }

  @Test func aMessageCutOffAnywhereIsNone() throws {
    let bytes = Self.own.bytes()
    let type = try #require(try MultipartType(Self.ownType))
    // Without the line break after it the last delimiter is whole.
    for length in 0..<bytes.count - 2 {
      #expect(throws: MultipartProblem.self, "\(length) bytes") {
        try MultipartMessage(parsing: Array(bytes[..<length]), type: type)
      }
    }
  }

  @Test(arguments: UInt64(0)..<20)
  func changedBytesNeverTrap(seed: UInt64) throws {
    var random = Seeded(seed: seed)
    let type = try #require(try MultipartType(Self.ownType))
    for _ in 0..<200 {
      do throws(MultipartProblem) {
        let message = try MultipartMessage(parsing: random.changed(Self.own.bytes()), type: type)
        _ = try message.related(type)
      } catch {
        #expect(!error.description.isEmpty)
      }
      do throws(MultipartProblem) {
        let header = String(decoding: random.changed(Array(Self.ownType.utf8)), as: UTF8.self)
        if let type = try MultipartType(header) { #expect((1...70).contains(type.boundary.utf8.count)) }
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
  }
}
