import CSQLite

/// What can be fetched again from the market's side, in one SQLite file: no account stands on it.
///
/// It may be removed at any time. Two processes may use it at once: each waits for the other for some seconds.
package final class MarketDatabase {
  package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
  }

  /// A row of a report, by what it is about.
  package struct Row: Hashable, Sendable {
    /// What it is about: all cells but the value.
    package var key: String
    /// Milliseconds since 1970 of the start of its interval; nil for what has none.
    package var start: Int64?
    package var value: String?
    /// The whole row as JSON.
    package var json: String

    package init(key: String, start: Int64?, value: String?, json: String) {
      self.key = key
      self.start = start
      self.value = value
      self.json = json
    }
  }

  private static let waitMilliseconds: Int32 = 5_000
  private let path: String
  private let connection: OpaquePointer

  /// Opens the file, and makes it where it is not there.
  package init(path: String) throws(Problem) {
    self.path = path
    var connection: OpaquePointer?
    let result = sqlite3_open_v2(
      path, &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
    guard let connection else { throw Problem(description: "\(path): no memory") }
    self.connection = connection
    guard result == SQLITE_OK else { throw problem() }
    sqlite3_busy_timeout(connection, Self.waitMilliseconds)
    try run("PRAGMA journal_mode = WAL")
    try run("PRAGMA synchronous = NORMAL")
    try run(
      """
      CREATE TABLE IF NOT EXISTS report_rows (
        report TEXT NOT NULL, key TEXT NOT NULL, start INTEGER, value TEXT, row TEXT NOT NULL, fetched_at TEXT NOT NULL,
        PRIMARY KEY (report, key)
      ) WITHOUT ROWID
      """)
    try run("CREATE INDEX IF NOT EXISTS report_rows_start ON report_rows (report, start)")
  }

  deinit { sqlite3_close_v2(connection) }

  private func problem() -> Problem {
    Problem(description: "\(path): \(String(cString: sqlite3_errmsg(connection)))")
  }

  private func run(_ sql: String) throws(Problem) {
    guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else { throw problem() }
  }

  // MARK: Rows of reports

  /// Keeps rows, all or none; a row about the same stands in place of the older one.
  ///
  /// Gives how many are new or changed.
  package func keep(_ rows: [Row], of report: String, at instant: String) throws(Problem) -> Int {
    try run("BEGIN IMMEDIATE")
    do throws(Problem) {
      let statement = try Statement(
        """
        INSERT INTO report_rows (report, key, start, value, row, fetched_at) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (report, key) DO UPDATE SET
          start = excluded.start, value = excluded.value, row = excluded.row, fetched_at = excluded.fetched_at
          WHERE row <> excluded.row
        """, connection)
      var count = 0
      for row in rows {
        let texts: [String?] = [report, row.key, row.start.map { "\($0)" }, row.value, row.json, instant]
        guard statement.run(texts) else { throw problem() }
        count += Int(sqlite3_changes(connection))
      }
      try run("COMMIT")
      return count
    } catch {
      // What failed is said; the rest goes with it.
      sqlite3_exec(connection, "ROLLBACK", nil, nil, nil)
      throw error
    }
  }

  /// Removes the rows of all reports that began before an instant, in milliseconds since 1970; gives how many.
  ///
  /// What has no start is replaced by what is about the same, and stays.
  package func remove(before instant: Int64) throws(Problem) -> Int {
    let statement = try Statement(
      "DELETE FROM report_rows WHERE start > 0 AND start < CAST(? AS INTEGER)", connection)
    guard statement.run(["\(instant)"]) else { throw problem() }
    return Int(sqlite3_changes(connection))
  }

  /// The rows of a report that begin in a span of milliseconds since 1970, in the order of time.
  package func rows(of report: String, in span: Range<Int64>) throws(Problem) -> [Row] {
    let statement = try Statement(
      """
      SELECT key, start, value, row FROM report_rows
      WHERE report = ? AND start >= CAST(? AS INTEGER) AND start < CAST(? AS INTEGER) ORDER BY start, key
      """, connection)
    var rows: [Row] = []
    let isWhole = statement.each([report, "\(span.lowerBound)", "\(span.upperBound)"]) { cells in
      rows.append(
        Row(key: cells[0] ?? "", start: cells[1].flatMap { Int64($0) }, value: cells[2], json: cells[3] ?? ""))
    }
    guard isWhole else { throw problem() }
    return rows
  }
}

/// A prepared statement, ended once.
private struct Statement: ~Copyable {
  private let pointer: OpaquePointer

  init(_ sql: String, _ connection: OpaquePointer) throws(MarketDatabase.Problem) {
    var pointer: OpaquePointer?
    guard sqlite3_prepare_v2(connection, sql, -1, &pointer, nil) == SQLITE_OK, let pointer else {
      throw MarketDatabase.Problem(description: String(cString: sqlite3_errmsg(connection)))
    }
    self.pointer = pointer
  }

  deinit { sqlite3_finalize(pointer) }

  private func bind(_ texts: [String?]) -> Bool {
    sqlite3_reset(pointer)
    sqlite3_clear_bindings(pointer)
    return texts.enumerated().allSatisfy { index, text in
      guard let text else { return true }  // what is not bound is NULL
      let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
      return sqlite3_bind_text(pointer, Int32(index + 1), text, -1, transient) == SQLITE_OK
    }
  }

  func run(_ texts: [String?]) -> Bool { bind(texts) && sqlite3_step(pointer) == SQLITE_DONE }

  func each(_ texts: [String?], _ body: ([String?]) -> Void) -> Bool {
    guard bind(texts) else { return false }
    while true {
      switch sqlite3_step(pointer) {
      case SQLITE_ROW:
        body(
          (0..<sqlite3_column_count(pointer)).map { column in
            sqlite3_column_text(pointer, column).map { String(cString: $0) }
          })
      case SQLITE_DONE: return true
      default: return false
      }
    }
  }
}
