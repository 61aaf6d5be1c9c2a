import Foundation
import MarketFiles
import Testing

@Suite struct MarketDatabaseTests {
  private static func withDatabase(_ body: (String) throws -> Void) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "market-\(UUID().uuidString).sqlite").path()
    defer { for ending in ["", "-wal", "-shm"] { _ = try? FileManager.default.removeItem(atPath: path + ending) } }
    try body(path)
  }

  private static func row(_ key: String, _ start: Int64, _ value: String) -> MarketDatabase.Row {
    MarketDatabase.Row(key: key, start: start, value: value, json: "{\"v\":\"\(value)\"}")
  }

  @Test func whatIsKeptIsThereAfterItWasClosedAndTheSameAgainIsNothingNew() throws {
    try Self.withDatabase { path in
      let rows = [Self.row("b", 2_000, "2"), Self.row("a", 1_000, "1"), Self.row("late", 9_000, "9")]
      #expect(try MarketDatabase(path: path).keep(rows, of: "R", at: "t1") == 3)
      let database = try MarketDatabase(path: path)
      #expect(try database.keep(rows, of: "R", at: "t2") == 0)
      #expect(try database.keep([Self.row("a", 1_000, "7")], of: "R", at: "t3") == 1)
      #expect(try database.rows(of: "R", in: 0..<9_000).map(\.value) == ["7", "2"])
      #expect(try database.rows(of: "other", in: 0..<9_000).isEmpty)
    }
  }

  @Test func twoAtOnceLoseNothing() throws {
    try Self.withDatabase { path in
      let (one, two) = (try MarketDatabase(path: path), try MarketDatabase(path: path))
      for number in 0..<50 {
        _ = try one.keep([Self.row("one \(number)", 1, "1")], of: "R", at: "t")
        _ = try two.keep([Self.row("two \(number)", 1, "1")], of: "R", at: "t")
      }
      #expect(try one.rows(of: "R", in: 0..<2).count == 100)
    }
  }

  @Test func aFileThatIsNoDatabaseIsSaid() throws {
    try Self.withDatabase { path in
      try Data(repeating: 0x41, count: 4_096).write(to: URL(filePath: path))
      let problem = try #require(throws: MarketDatabase.Problem.self) { try MarketDatabase(path: path) }
      #expect(problem.description.contains(path) && problem.description.contains("not a database"))
    }
  }
}
