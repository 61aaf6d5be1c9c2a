package import TelemetryCore

/// The rows of a report, by the names of their columns: the order of columns is nobody's promise.
package struct OASISTable: Sendable, Hashable {
  package private(set) var columns: [String]
  /// Each as long as the columns; empty where a row has none.
  package private(set) var rows: [[String]]

  package init(columns: [String] = [], rows: [[String]] = []) {
    self.columns = columns
    self.rows = rows
  }

  package func index(of column: String) -> Int? { columns.firstIndex(of: column) }

  /// The first of some columns that there is.
  package func firstIndex(of names: [String]) -> Int? { names.lazy.compactMap { self.index(of: $0) }.first }

  package mutating func append(_ other: Self) {
    if columns.isEmpty { columns = other.columns }
    guard columns != other.columns else { return rows += other.rows }
    for column in other.columns where index(of: column) == nil {
      columns.append(column)
      for row in rows.indices { rows[row].append("") }
    }
    let places = columns.map { other.index(of: $0) }
    rows += other.rows.map { row in places.map { place in place.map { row[$0] } ?? "" } }
  }

  // MARK: Time

  /// Where the start of an interval stands, in universal time.
  package static let startColumns = ["INTERVALSTARTTIME_GMT", "INTERVAL_START_GMT", "STARTTIME_GMT"]

  package func start(of row: [String]) -> UTCInstant? {
    firstIndex(of: Self.startColumns).flatMap { UTCInstant(timestamp: row[$0]) }
  }

  /// In the order of time, by universal time.
  ///
  /// The hour that a clock shows twice has the label 25 and is not the last of its day. Rows of one instant stay in the
  /// order of all their other cells.
  package var sorted: Self {
    var sorted = self
    let keyed = rows.map { (start: start(of: $0)?.milliseconds ?? 0, row: $0) }
    sorted.rows = keyed.sorted { left, right in
      left.start != right.start ? left.start < right.start : left.row.lexicographicallyPrecedes(right.row)
    }.map(\.row)
    return sorted
  }

  /// The same rows once: those that two chunks both have, where they meet.
  package var withoutRepetition: Self {
    var seen: Set<[String]> = []
    return Self(columns: columns, rows: rows.filter { seen.insert($0).inserted })
  }

  // MARK: Values

  /// Columns in which a report states its value; what is left of a row is what the value is of.
  package static let valueColumns: Set<String> = ["MW", "VALUE", "PRC"]

  package func value(of row: [String]) -> String? { firstIndex(of: ["MW", "VALUE", "PRC"]).map { row[$0] } }

  /// What a row is about: all cells but the value.
  package func key(of row: [String]) -> String {
    zip(columns, row).filter { !Self.valueColumns.contains($0.0) && $0.0 != "POS" && $0.0 != "GROUP" }
      .map { "\($0.0)=\($0.1)" }.sorted().joined(separator: "\u{1F}")
  }
}
