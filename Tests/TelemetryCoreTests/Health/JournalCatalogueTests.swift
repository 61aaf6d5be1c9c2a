import Foundation
import TelemetryCore
import Testing

/// That code, docs/journal.md and the catalogue for `journalctl -x` say the same of each message.
@Suite struct JournalCatalogueTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// What a page or the catalogue says of a message.
  private struct Entry {
    var heading: String
    /// Words without marks, so that the two can be laid side by side.
    var words: [Substring]
  }

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  private static func words(_ text: String) -> [Substring] {
    text.replacing("`", with: "").replacing("**", with: "").split { $0 == " " || $0 == "\n" }
  }

  /// By name: the line with priorities, fields and id, and what follows.
  private static func page() throws -> [String: Entry] {
    let sections = try text("docs/journal.md").split(separator: "\n### ").dropFirst()
    return try sections.reduce(into: [:]) { entries, section in
      let parts = section.split(separator: "\n\n").map(String.init)
      let name = try #require(parts.first).replacing("`", with: "")
      let body = parts.dropFirst(2).filter { !$0.hasPrefix("## ") }.joined(separator: "\n")
      #expect(entries[name] == nil)
      entries[name] = Entry(heading: try #require(parts.dropFirst().first), words: words(body))
    }
  }

  /// By id: the subject, and what follows the headers.
  private static func catalogue() throws -> [String: Entry] {
    let entries = try text("deploy/systemd/dertelemetryd.catalog").split(separator: "\n-- ").dropFirst()
    return try entries.reduce(into: [:]) { found, entry in
      let parts = entry.split(separator: "\n\n", maxSplits: 1)
      let head = try #require(parts.first).split(separator: "\n")
      let subject = try #require(head.first { $0.hasPrefix("Subject: ") }).dropFirst(9)
      let id = String(try #require(head.first))
      #expect(found[id] == nil)
      found[id] = Entry(heading: String(subject), words: words(String(try #require(parts.last))))
    }
  }

  @Test func eachMessageIsExplainedTheSameInThePageAndInTheCatalogue() throws {
    let (page, catalogue) = (try Self.page(), try Self.catalogue())
    for kind in Announcement.Kind.allCases {
      let section = try #require(page[kind.rawValue], "docs/journal.md has no \(kind.rawValue)")
      let entry = try #require(catalogue[kind.id], "the catalogue has no \(kind.rawValue)")
      let priorities = kind.priorities.map { "\($0)" }.joined(separator: ", ")
      let fields = kind.fields.map { "`\($0.rawValue)`" }.joined(separator: ", ")
      let heading = "\(entry.heading). \(priorities) · \(fields.isEmpty ? "no field" : fields) · `\(kind.id)`"
      #expect(section.heading == heading)
      #expect(section.words == entry.words, "\(kind.rawValue)")
      #expect(section.words.joined(separator: " ").contains("What to do: "), "\(kind.rawValue)")
    }
    #expect(page.count == Announcement.Kind.allCases.count)
    #expect(catalogue.count == Announcement.Kind.allCases.count)
  }

  @Test func eachMessageHasAnIdOfItsOwn() {
    let ids = Announcement.Kind.allCases.map(\.id)
    #expect(Set(ids).count == ids.count)
    for id in ids { #expect(id.wholeMatch(of: /[0-9a-f]{32}/) != nil) }
    for kind in Announcement.Kind.allCases { #expect(!kind.priorities.isEmpty, "\(kind)") }
  }
}
