import Foundation
import TelemetryCore
import Testing

/// The words around the code: what they name must exist.
@Suite struct DocumentationTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Those whose every word is checked.
  private static let guides = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"]

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  private static func paths(under folder: String, ending: String) throws -> [String] {
    let files = try #require(FileManager.default.enumerator(atPath: root.appending(path: folder).path()))
    let paths = files.compactMap { $0 as? String }.filter { $0.hasSuffix(ending) }.sorted()
    // An empty folder would pass every test.
    try #require(!paths.isEmpty)
    return paths.map { "\(folder)/\($0)" }
  }

  private static func documents() throws -> [String] { guides + (try paths(under: "docs", ending: ".md")) }

  /// What stands between single backticks, outside of blocks of code.
  private static func quotes(in text: String) -> [String] {
    var isBlock = false
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      if line.hasPrefix("```") { isBlock.toggle() }
      return !isBlock && !line.hasPrefix("```")
    }
    let parts = lines.joined(separator: "\n").split(separator: "`", omittingEmptySubsequences: false)
    return parts.enumerated().filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
  }

  private static func isPath(_ quote: String) -> Bool {
    let folders = ["Sources/", "Tests/", "config/", "data/", "deploy/", "docs/", "scripts/", ".ci/"]
    let files = ["Makefile", "Package.swift"] + guides
    let isPlain = !quote.contains { " *<>{}\n".contains($0) }
    return isPlain && (files.contains(quote) || folders.contains { quote.hasPrefix($0) })
  }

  /// What `make` is told to do, where it stands in quotes or begins a line of a block.
  private static func makeTargets(in text: String) -> [String] {
    text.matches(of: /(?:`|\n)make ([a-z-]+)/).map { String($0.output.1) }
  }

  @Test func everyPathThatIsNamedExists() throws {
    for document in try Self.documents() {
      for quote in Self.quotes(in: try Self.text(document)) where Self.isPath(quote) {
        let exists = FileManager.default.fileExists(atPath: Self.root.appending(path: quote).path())
        #expect(exists, "\(document) names \(quote)")
      }
    }
  }

  @Test func everyMakeTargetThatIsNamedExists() throws {
    let makefile = try Self.text("Makefile")
    for document in try Self.documents() {
      for target in Self.makeTargets(in: try Self.text(document)) {
        let exists = makefile.contains("\n\(target):")
        #expect(exists, "\(document) names make \(target)")
      }
    }
  }

  @Test func theReadmeNamesBothCommandsAndEveryCommandOfTheDaemon() throws {
    let readme = try Self.text("README.md")
    #expect(Set(Self.makeTargets(in: readme)).isSuperset(of: ["run", "test"]))
    let list = try #require(
      try Self.text("Sources/DERTelemetryd/Main.swift").firstMatch(of: /(?s)subcommands: \[(.*?)\]/))
    let types = list.output.1.split(separator: ",").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
      .filter { !$0.isEmpty }
    let sources = try Self.paths(under: "Sources/DERTelemetryd/Commands", ending: ".swift").map(Self.text)
    #expect(types.count > 3)
    for type in types.map({ $0.replacing(".self", with: "") }) {
      let source = try #require(sources.first { $0.contains("struct \(type):") })
      let name = source.firstMatch(of: /commandName: "(.*?)"/).map { String($0.output.1) } ?? type.lowercased()
      let isNamed = readme.contains("| `\(name)")
      #expect(isNamed, "README.md does not name \(name)")
    }
  }

  /// In roff, whose marks say what is a word that a person types.
  @Test func theManualNamesEveryCommandAndEveryKey() throws {
    let manual = try Self.text("docs/man/dertelemetryd.8")
    let list = try #require(
      try Self.text("Sources/DERTelemetryd/Main.swift").firstMatch(of: /(?s)subcommands: \[(.*?)\]/))
    let sources = try Self.paths(under: "Sources/DERTelemetryd/Commands", ending: ".swift").map(Self.text)
    let types = list.output.1.matches(of: /(\w+)\.self/).map { String($0.output.1) }
    #expect(types.count > 3)
    for type in types {
      let source = try #require(sources.first { $0.contains("struct \(type):") })
      let name = source.firstMatch(of: /commandName: "(.*?)"/).map { String($0.output.1) } ?? type.lowercased()
      let isNamed = manual.split(separator: "\n").contains { line in
        line.hasPrefix(".B") && line.split { " ,\"".contains($0) }.contains { $0 == name }
      }
      #expect(isNamed, "docs/man/dertelemetryd.8 does not name \(name)")
    }
    let keys = try Self.paths(under: "Sources/TelemetryCore/Configuration", ending: ".swift").map(Self.text).flatMap {
      $0.matches(of: /(?:value|required|optional|mappings|Mapping|list|readService)\(\s*"([a-z_]+)"/).map {
        String($0.output.1)
      }
    }
    let page = try Self.text("docs/man/dertelemetryd.yaml.5").split { " ,\n()\"".contains($0) }
    #expect(Set(keys).count > 20)
    for key in Set(keys).sorted() {
      #expect(page.contains { $0 == key }, "docs/man/dertelemetryd.yaml.5 does not name \(key)")
    }
  }

  @Test func everyPromiseNamesTestsThatExist() throws {
    let tests = try Self.paths(under: "Tests", ending: ".swift").flatMap { path in
      try Self.text(path).matches(of: /(?s)@Test.*?func (\w+)\(/).map { String($0.output.1) }
    }
    let known = Set(tests)
    let promises = try Self.text("ARCHITECTURE.md").split(separator: "\n\n").filter { $0.hasPrefix("**P") }
    #expect(promises.map { $0.prefix(4).dropFirst(2) } == (1...9).map { "P\($0)" })
    for promise in promises {
      let part = try #require(promise.firstRange(of: "Tests: "))
      let named = Self.quotes(in: String(promise[part.upperBound...]))
      #expect(!named.isEmpty)
      let unknown = named.filter { !known.contains($0) }
      #expect(unknown == [], "ARCHITECTURE.md names tests that are none")
    }
  }

  @Test func theTableOfRecordsHasEveryKind() throws {
    let architecture = try Self.text("ARCHITECTURE.md")
    for kind in RecordKind.allCases {
      let hasRow = architecture.contains("\n| \(kind.rawValue) | `\(kind)` | ")
      #expect(hasRow, "ARCHITECTURE.md has no row for \(kind)")
    }
    #expect(architecture.matches(of: /\n\| \d+ \| `/).count == RecordKind.allCases.count)
  }

  @Test func theReadmeExplainsEveryState() throws {
    let readme = try Self.text("README.md")
    for state in ObligationState.allCases.map(\.name) + ["measuring"] {
      let hasRow = readme.contains("\n| `\(state)` | ")
      #expect(hasRow, "README.md has no row for \(state)")
    }
  }

  @Test func noDocumentLeavesTheProject() throws {
    // In parts, so that this file does not name them either.
    let elsewhere = ["/wor" + "k", "../sha" + "red", "TO" + "DO"]
    for document in try Self.documents() {
      let text = try Self.text(document)
      let found = elsewhere.filter { text.contains($0) }
      #expect(found == [], "\(document) leaves the project")
    }
  }

  @Test func theReadmeFitsItsReader() throws {
    #expect(try Self.text("README.md").split(separator: "\n", omittingEmptySubsequences: false).count <= 251)
  }
}
