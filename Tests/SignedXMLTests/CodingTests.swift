import SignedXML
import Testing

@Suite struct Base64Tests {
  /// RFC 4648, section 10.
  @Test(
    arguments: zip(
      ["", "f", "fo", "foo", "foob", "fooba", "foobar"],
      ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]))
  func matchesThePublishedVectors(_ plain: String, _ text: String) {
    #expect(String(decoding: Base64.encode(Array(plain.utf8)), as: UTF8.self) == text)
    #expect(Base64.decode(text.utf8) == Array(plain.utf8))
  }

  @Test func everyByteComesBack() {
    let bytes = (0..<1_024).map { UInt8(truncatingIfNeeded: $0 * 7) }
    #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    #expect(!Base64.encode(bytes).contains(0x0A))
  }

  @Test func brokenLinesAreJoined() {
    #expect(Base64.decode("Zm9v\r\n Ym\tFy\n".utf8) == Array("foobar".utf8))
  }

  @Test(arguments: ["Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Zm9v=", "Zg==Zg==", "Zm9-", "Zm9vé", "Zm8=Zg=="])
  func otherTextsAreRefused(_ text: String) {
    #expect(Base64.decode(text.utf8) == nil)
  }
}

@Suite struct GzipTests {
  private let text = Array(String(repeating: "<value>0.142500</value>\n", count: 5_000).utf8)

  @Test func theSameBytesComeBack() throws {
    for bytes in [[], [0], text] {
      #expect(try Gzip.decompress(Gzip.compress(bytes), byteLimit: text.count) == bytes)
    }
  }

  @Test func theHeaderCarriesNoTime() {
    #expect(Array(Gzip.compress(text)[..<8]) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
  }

  @Test func theGzipCommandReadsItAndIsRead() throws {
    let path = Credentials.write(Gzip.compress(text), to: "ours.gz")
    #expect(run(["gzip", "-dc", path]).output.utf8.count == text.count)
    let plain = Credentials.write(text, to: "theirs")
    _ = run(["gzip", "-kf", plain])
    #expect(try Gzip.decompress(Credentials.pem("theirs.gz"), byteLimit: text.count) == text)
  }

  @Test func severalMembersAreOneText() throws {
    #expect(try Gzip.decompress(Gzip.compress([1, 2]) + Gzip.compress([3]), byteLimit: 3) == [1, 2, 3])
  }

  @Test func growthIsBounded() {
    let bomb = Gzip.compress([UInt8](repeating: 0, count: 20 << 20))
    #expect(throws: GzipProblem.tooLong(byteLimit: 1 << 20)) { try Gzip.decompress(bomb, byteLimit: 1 << 20) }
  }

  @Test func everyCutAndEveryFlippedBitOfTheDataIsRefused() {
    let whole = Gzip.compress(Array("0.1425 0.1425 0.1426".utf8))
    for length in 0..<whole.count {
      #expect(throws: GzipProblem.damaged) { try Gzip.decompress(Array(whole[..<length]), byteLimit: 1 << 20) }
    }
    for bit in (10 * 8)..<(whole.count * 8) {
      var changed = whole
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: GzipProblem.self) { try Gzip.decompress(changed, byteLimit: 1 << 20) }
    }
  }

  @Test func trailingBytesAreRefused() {
    #expect(throws: GzipProblem.damaged) { try Gzip.decompress(Gzip.compress([1]) + [0], byteLimit: 10) }
  }
}
