import Foundation
import Testing

/// The architecture as a test: what the compiler cannot hold, this does.
@Suite struct TidyTests {
  private struct SourceFile {
    /// Relative to the root of the project.
    var path: String
    var lines: [Substring]
  }

  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func files(under folder: String) throws -> [SourceFile] {
    let base = root.appending(path: folder)
    let paths = try #require(FileManager.default.enumerator(atPath: base.path()))
    let files = try paths.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().map { path in
      let text = try String(contentsOf: base.appending(path: path), encoding: .utf8)
      return SourceFile(path: "\(folder)/\(path)", lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    }
    // An empty folder would pass every test.
    try #require(!files.isEmpty)
    return files
  }

  /// A line without its comment and without what stands in quotes.
  private static func code(_ line: Substring) -> String {
    guard !line.drop(while: { $0 == " " }).hasPrefix("//") else { return "" }
    var code: [UInt8] = []
    var (isQuoted, isEscaped) = (false, false)
    for byte in line.utf8 {
      let isQuote = byte == UInt8(ascii: "\"") && !isEscaped
      isEscaped = isQuoted && byte == UInt8(ascii: "\\") && !isEscaped
      if isQuote { isQuoted.toggle() } else if !isQuoted { code.append(byte) }
      if code.suffix(2) == Array("//".utf8) { return String(decoding: code.dropLast(2), as: UTF8.self) }
    }
    return String(decoding: code, as: UTF8.self)
  }

  /// Where a word stands by itself, not as a part of a longer one.
  private static func contains(_ word: [UInt8], in line: [UInt8]) -> Bool {
    func isLetter(_ byte: UInt8?) -> Bool {
      guard let byte else { return false }
      return byte == UInt8(ascii: "_") || Character(Unicode.Scalar(byte)).isLetter || (0x30...0x39).contains(byte)
    }
    guard line.count >= word.count else { return false }
    return (0...line.count - word.count).contains { start in
      let end = start + word.count
      guard line[start] == word[0], line[start..<end].elementsEqual(word) else { return false }
      let follows = isLetter(word.first) && start > 0 && isLetter(line[start - 1])
      return !follows && !(isLetter(word.last) && end < line.count && isLetter(line[end]))
    }
  }

  private static func finds(
    _ words: [String], in files: [SourceFile], of part: (Substring) -> String = code
  ) -> [String] {
    let bytes = words.map { (word: $0, bytes: Array($0.utf8)) }
    return files.flatMap { file in
      file.lines.enumerated().compactMap { number, line in
        let code = Array(part(line).utf8)
        let word = bytes.first { contains($0.bytes, in: code) }?.word
        return word.map { "\(file.path):\(number + 1): \($0)" }
      }
    }
  }

  /// `import` is also a direction of energy: only where it stands between spaces is it the declaration.
  private static func imports(_ line: Substring) -> String {
    code(line).split { " ;".contains($0) }.contains("import") ? "import" : ""
  }

  @Test func theCoreImportsNothing() throws {
    let found = Self.finds(["import"], in: try Self.files(under: "Sources/TelemetryCore"), of: Self.imports)
    #expect(found == [])
  }

  @Test func theCoreHasNoTimeNoChanceAndNoVoice() throws {
    let words = [
      "await", "async", "Task", "actor", "ContinuousClock", "SuspendingClock", ".now", ".random",
      "SystemRandomNumberGenerator", "shuffled", "shuffle", "print", "debugPrint", "dump", "readLine", "#file",
    ]
    let found = Self.finds(words, in: try Self.files(under: "Sources/TelemetryCore"))
    #expect(found == [])
  }

  @Test func nothingEscapesTheCompiler() throws {
    let words = [
      "@unchecked", "nonisolated(unsafe)", "@preconcurrency", "try!", "as!", "fatalError", "@testable", "public",
      "@_implementationOnly", "@_spi", "@_exported",
    ]
    let found = Self.finds(words, in: try Self.files(under: "Sources"))
    #expect(found == [])
  }

  @Test func noErrorVanishes() throws {
    let found = try Self.files(under: "Sources").filter { file in
      file.lines.map { Self.code($0).filter { $0 != " " } }.joined().contains("catch{}")
    }
    #expect(found.map(\.path) == [])
  }

  /// Whatever is said has a kind, and so a page that explains it.
  @Test func nothingIsWrittenIntoTheJournalWithoutAKind() throws {
    let words = ["trace", "debug", "info", "notice", "warning", "error", "critical"].flatMap { level in
      ["logger.\(level)(", ").\(level)("]
    }
    let found = Self.finds(words, in: try Self.files(under: "Sources/DERTelemetryd"))
    #expect(found == [])
  }

  @Test func nothingIsLeftForLater() throws {
    let words = ["TODO", "FIXME", "XXX", "HACK"]
    let tests = try Self.files(under: "Tests").filter { !$0.path.hasSuffix("/TidyTests.swift") }
    let found = Self.finds(words, in: try Self.files(under: "Sources") + tests, of: { String($0) })
    #expect(found == [])
  }

  @Test func noFileIsLongerThanAReaderCanHold() throws {
    let long = try Self.files(under: "Sources").filter { $0.lines.count > 500 }.map { "\($0.path): \($0.lines.count)" }
    #expect(long == [])
  }
}
