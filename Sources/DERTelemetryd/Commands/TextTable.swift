/// Rows of text in columns as wide as their widest cell; what looks like a number stands to the right.
struct TextTable {
  let lines: [String]

  init(_ header: [String], rows: [[String]]) {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    let isNumeric = header.indices.map { column in
      !rows.isEmpty && rows.allSatisfy { $0[column].allSatisfy { "0123456789.-".contains($0) } }
    }
    lines = all.map { row in
      let cells = row.indices.map { column in
        let padding = String(repeating: " ", count: widths[column] - row[column].count)
        return isNumeric[column] ? padding + row[column] : row[column] + padding
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
