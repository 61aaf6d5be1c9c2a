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

  @Test func includesAreFoundBesideTheSchemaAndNothingIsFetched() throws {
    let folder = NSTemporaryDirectory() + "schema \(ProcessInfo.processInfo.processIdentifier)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { _ = try? FileManager.default.removeItem(atPath: folder) }
    let part =
      "<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'><xs:simpleType name='t'><xs:restriction base='xs:int'/>"
    try Data("\(part)</xs:simpleType></xs:schema>".utf8).write(to: URL(filePath: folder + "/part.xsd"))
    func including(_ name: String) throws -> XMLSchema {
      let text = """
        <xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:include schemaLocation="\(name)"/>\
        <xs:element name="e" type="t"/></xs:schema>
        """
      return try schema(Array(text.utf8), path: folder + "/whole.xsd")
    }
    let message = try XMLDocument(parsing: Array("<e>x</e>".utf8), byteLimit: 64)
    #expect(try including("part.xsd").faults(in: message).isEmpty == false)
    for name in ["missing.xsd", "http://127.0.0.1:9/part.xsd", "/dev/zero", "."] {
      #expect(throws: XMLProblem.self, "\(name)") { _ = try including(name) }
    }
  }
}
