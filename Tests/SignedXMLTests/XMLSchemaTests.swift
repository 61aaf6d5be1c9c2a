import Foundation
import SignedXML
import Testing

@Suite struct XMLSchemaTests {
  private static let whole = Array(
    """
    <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:a" elementFormDefault="qualified">
    <xs:element name="a"><xs:complexType><xs:sequence><xs:element name="b" type="xs:int" maxOccurs="unbounded"/>
    </xs:sequence></xs:complexType></xs:element></xs:schema>
    """.utf8)

  private func schema(_ bytes: [UInt8] = whole, path: String = "a.xsd") throws -> XMLSchema {
    try XMLSchema(bytes, path: path)
  }

  private func faults(_ text: String) throws -> [XMLSchema.Fault] {
    try schema().faults(in: XMLDocument(parsing: Array(text.utf8), byteLimit: 1 << 20))
  }

  @Test func aMessageThatIsAsItShouldBeHasNoFault() throws {
    #expect(try schema().targetNamespace == "urn:a")
    #expect(try faults("<a xmlns='urn:a'><b>1</b><b>2</b></a>") == [])
  }

  @Test func aFaultNamesLinePlaceAndReason() throws {
    let found = try faults("<a xmlns='urn:a'>\n<b>1</b>\n<b>two</b>\n<c/></a>")
    #expect(found.map(\.line) == [3, 4])
    #expect(found.map(\.place) == [[1], [2]])
    #expect(found.first?.reason.contains("'two' is not a valid value of the atomic type 'xs:int'") == true)
    #expect(found.last?.reason.contains("'{urn:a}c': This element is not expected") == true)
  }

  @Test func anotherRootOrNamespaceIsAFaultOfTheRoot() throws {
    for text in ["<b xmlns='urn:a'>1</b>", "<a><b>1</b></a>"] {
      #expect(try faults(text).map(\.place) == [[]], "\(text)")
    }
  }

  @Test func theNumberOfFaultsIsBounded() throws {
    let rows = String(repeating: "<b>x</b>", count: 5_000)
    #expect(try faults("<a xmlns='urn:a'>\(rows)</a>").count == 100)
  }

  @Test(arguments: [
    "", "no XML", "<a/>", "<!DOCTYPE a><a/>",
    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:x/></xs:schema>",
  ])
  func whatIsNoSchemaIsNamed(_ text: String) {
    #expect(throws: XMLProblem.self) { _ = try schema(Array(text.utf8)) }
  }

  @Test func aSchemaCutOffAnywhereIsNone() {
    for length in 0..<Self.whole.count {
      #expect(throws: XMLProblem.self, "\(length) bytes") { _ = try schema(Array(Self.whole[..<length])) }
    }
  }

  @Test(arguments: UInt64(0)..<20)
  func aSchemaWithChangedBytesNeverTraps(seed: UInt64) throws {
    var random = Seeded(seed: seed)
    let message = try XMLDocument(parsing: Array("<a xmlns='urn:a'><b>1</b></a>".utf8), byteLimit: 1 << 20)
    for _ in 0..<50 {
      do {
        _ = try schema(random.changed(Self.whole)).faults(in: message)
      } catch {
        #expect(error is XMLProblem)
      }
    }
  }

  private static let part =
    "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:simpleType name='t'>"
    + "<xs:restriction base='xs:int'/></xs:simpleType></xs:schema>"

  /// A schema that includes another one, from a folder with these files.
  private func faultsOfX(including name: String, _ files: [String: String] = ["part.xsd": part]) throws -> Int {
    let folder = NSTemporaryDirectory() + "schema \(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { _ = try? FileManager.default.removeItem(atPath: folder) }
    for (name, text) in files { try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
    let whole = """
      <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="\(name)"/>\
      <xs:element name="e" type="t"/></xs:schema>
      """
    let message = try XMLDocument(parsing: Array("<e>x</e>".utf8), byteLimit: 64)
    return try schema(Array(whole.utf8), path: folder + "/whole.xsd").faults(in: message).count
  }

  @Test func includesAreFoundBesideTheSchema() throws {
    #expect(try faultsOfX(including: "part.xsd") > 0)
    for name in ["missing.xsd", "/dev/zero", "."] {
      #expect(throws: XMLProblem.self, "\(name)") { try faultsOfX(including: name) }
    }
  }

  @Test func anIncludedFileIsOfBoundedSize() throws {
    let padding = "<!--\(String(repeating: " ", count: XMLSchema.byteLimit))-->"
    #expect(throws: XMLProblem.self) { try faultsOfX(including: "part.xsd", ["part.xsd": Self.part + padding]) }
    let less = Self.part + "<!--\(String(repeating: " ", count: 1_000))-->"
    #expect(try faultsOfX(including: "part.xsd", ["part.xsd": less]) > 0)
  }

  /// A socket that nobody must connect to.
  @Test func nothingIsFetchedOverANetwork() throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    try #require(listener >= 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && getsockname(listener, $0, &length) == 0 && listen(listener, 1) == 0
      }
    }
    try #require(isListening)
    let place = "127.0.0.1:\(UInt16(bigEndian: address.sin_port))/part.xsd"
    for scheme in ["http", "ftp", "HTTP"] {
      #expect(throws: XMLProblem.self) { try faultsOfX(including: "\(scheme)://\(place)") }
      #expect(accept(listener, nil, nil) == -1, "\(scheme)")
    }
  }
}
