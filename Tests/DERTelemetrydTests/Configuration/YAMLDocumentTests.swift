import Settings
import Testing
import TelemetryCore

@Suite struct YAMLDocumentTests {
  private func problems(_ text: String) -> [String] {
    do {
      _ = try YAMLDocument.node(of: text, file: "f")
      return []
    } catch {
      return error.problems.map(\.description)
    }
  }

  @Test func textsStayTexts() throws {
    let node = try YAMLDocument.node(of: "{a: 1.10, b: no, c: 0x10, d: '~', e: ~, f: , g: 2026-11-23}", file: "f")
    func shown(_ key: String) -> String? { node[key]?.shown }
    #expect(["a", "b", "c", "d", "g"].map(shown) == ["`1.10`", "`no`", "`0x10`", "`~`", "`2026-11-23`"])
    #expect(["e", "f"].map(shown) == ["nothing", "nothing"])
  }

  @Test func placesAreThoseOfAnEditor() throws {
    let node = try YAMLDocument.node(of: "# é\nkey: value\nlist:\n  - [a, \"b\"]\n", file: "f")
    #expect(node["key"]?.place.description == "f:2:6")
    guard case .sequence(let rows) = node["list"]?.content, case .sequence(let row) = rows.first?.content else {
      Issue.record("no list")
      return
    }
    #expect(row.map(\.place.description) == ["f:4:6", "f:4:9"])
  }

  @Test func anEmptyFileIsNothing() throws {
    for text in ["", "# only\n", "\n\n", "---\n"] {
      #expect(try YAMLDocument.node(of: text, file: "f").shown == "nothing")
    }
  }

  @Test func secondDocumentIsRefused() {
    #expect(
      problems("a: 1\n---\nb: 2\n").map { $0.hasPrefix("f:2:1: (file): is not YAML: but found another") } == [true])
  }

  @Test func brokenYAMLNamesItsPlace() {
    #expect(problems("a: 1\n\tb: 2\n").first?.hasPrefix("f:2:1: (file): is not YAML") == true)
    #expect(problems("a: [1\nb: 2\n").first?.hasPrefix("f:2:2: (file): is not YAML") == true)
    #expect(problems("a: b: c\n").first?.hasPrefix("f:1:5: (file): is not YAML: mapping values are not") == true)
    #expect(problems("a: *nothing\n").first?.hasPrefix("f:1:4: (file): is not YAML: found undefined alias") == true)
    #expect(problems("a: 1\n# \u{0}\n").first?.hasPrefix("f:2:3: (file): is not YAML: control characters") == true)
  }

  @Test func keysThatStandTwiceAreAllKept() throws {
    let text = "a: 1\nb: {c: 1, c: 2, 'c': 3}\na: 2\n\"a\": 3\n"
    let node = try YAMLDocument.node(of: text, file: "f")
    guard case .mapping(let pairs) = node.content else { return }
    #expect(pairs.map(\.key) == ["a", "b", "a", "a"])
    #expect(pairs.map(\.place.description) == ["f:1:1", "f:2:1", "f:3:1", "f:4:1"])
    guard case .mapping(let inner) = node["b"]?.content else { return }
    #expect(inner.map(\.key) == ["c", "c", "c"])
    #expect(inner.map(\.place.column) == [5, 11, 17])
  }

  @Test func keysThatStandTwiceAHundredTimesAreBounded() {
    let text = (0..<100).map { "{k\($0): 1, k\($0): 2}" }.joined(separator: ",\n")
    #expect(problems("[\(text)]").map { $0.contains("stand there more than once") } == [true])
  }

  @Test func aListAsAKeyIsRefused() {
    #expect(problems("a: {{x}}\n").map { $0.contains("has a list or mapping as a key") } == [true])
  }

  @Test func aliasesAreBounded() {
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in 1...12 {
      let items = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(items)]\n"
    }
    #expect(problems(text).map { $0.contains("has more than 200000 values") } == [true])
  }

  @Test func depthIsBounded() {
    #expect(problems(String(repeating: "[", count: 40) + String(repeating: "]", count: 40)).count == 1)
    for count in [999, 1_001, 1_000_000] {
      #expect(problems(String(repeating: "[", count: count)).count == 1)
      #expect(problems(String(repeating: "{a: ", count: count)).count == 1)
      #expect(problems(String(repeating: "- ", count: count)).count == 1)
    }
    #expect(problems(String(repeating: "[", count: 990) + String(repeating: "]", count: 990)).count == 1)
  }

  @Test func hugeFilesAreRead() throws {
    let text = (0..<10_000).map { "- {id: s\($0), modbus: {host: h, unit: 1}}" }.joined(separator: "\n")
    guard case .sequence(let nodes) = try YAMLDocument.node(of: text, file: "f").content else { return }
    #expect(nodes.count == 10_000)
  }
}

@Suite struct ConfigurationFuzzTests {
  private typealias Fixtures = ConfigurationFixtures

  private func survives(_ bytes: [UInt8]) {
    let text = String(decoding: bytes, as: UTF8.self)
    for result in [Fixtures.decode(main: text), Fixtures.decode(sites: text)] {
      if case .failure(let problems) = result { #expect(!problems.isEmpty) }
    }
  }

  @Test func everyTruncationIsReadOrRefused() {
    for text in [Fixtures.main, Fixtures.sites] {
      let bytes = Array(text.utf8)
      for count in 0...bytes.count { survives(Array(bytes[..<count])) }
    }
  }

  @Test(arguments: UInt64(0)..<8) func everyMutationIsReadOrRefused(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let letters = Array("-:[]{},&*!|>'\"%@`?#~<\t\n\r \u{0}\u{FEFF}é9.".utf8)
    for _ in 0..<250 {
      var bytes = Array((Bool.random(using: &generator) ? Fixtures.main : Fixtures.sites).utf8)
      for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
        let start = Int.random(in: 0..<bytes.count, using: &generator)
        let end = min(bytes.count, start + Int.random(in: 0...20, using: &generator))
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: bytes[start] = UInt8.random(in: 0...255, using: &generator)
        case 1: bytes.removeSubrange(start..<end)
        case 2: bytes.insert(contentsOf: bytes[start..<end], at: Int.random(in: 0...bytes.count, using: &generator))
        case 3: bytes.insert(letters.randomElement(using: &generator) ?? 0, at: start)
        default: bytes.insert(contentsOf: Array(repeating: UInt8(ascii: "9"), count: 40), at: start)
        }
      }
      survives(bytes)
    }
  }
}
