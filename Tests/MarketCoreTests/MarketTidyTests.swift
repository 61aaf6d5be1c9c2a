import Foundation
import Testing

/// The market's core is as pure as the other: no clock, no chance, no voice, and no import but the core itself.
@Suite struct MarketTidyTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private static func sources() throws -> [(path: String, text: String)] {
    let folder = root.appending(path: "Sources/MarketCore")
    let paths = try #require(FileManager.default.enumerator(atPath: folder.path()))
    let files = try paths.compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted().map {
      (path: $0, text: try String(contentsOf: folder.appending(path: $0), encoding: .utf8))
    }
    try #require(!files.isEmpty)
    return files
  }

  @Test func theMarketCoreImportsTheCoreAlone() throws {
    for (path, text) in try Self.sources() {
      let imports = text.split(separator: "\n").filter { $0.hasPrefix("import ") || $0.contains(" import ") }
        .filter { !$0.hasPrefix("//") && !$0.hasPrefix(" ") }
      let others = imports.filter { !["import TelemetryCore", "package import TelemetryCore"].contains($0) }
      #expect(others == [], "\(path)")
    }
  }

  @Test func theMarketCoreHasNoTimeNoChanceAndNoVoice() throws {
    for (path, text) in try Self.sources() {
      let code = text.split(separator: "\n").filter { !$0.drop { $0 == " " }.hasPrefix("//") }.joined(separator: "\n")
      for word in ["await ", "Clock()", "Clock.now", ".random", "print(", "Task {"] {
        let isThere = code.contains(word)
        #expect(!isThere, "\(path): \(word)")
      }
    }
  }
}
