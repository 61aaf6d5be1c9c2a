/// Rows out of comma-separated values (RFC 4180), of bounded size.
package enum CSVReading {
  package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    /// From 1.
    package var line: Int
    package var reason: String
    package var description: String { "line \(line): \(reason)" }
  }

  package static let cellLimit = 5_000_000

  /// All rows, each with its cells; empty lines are left out.
  package static func rows(of text: String) throws(Problem) -> [(line: Int, cells: [String])] {
    var rows: [(line: Int, cells: [String])] = []
    var scanner = Scanner(bytes: Array(text.utf8))
    while let row = try scanner.row() {
      if !(row.cells.count == 1 && row.cells[0].isEmpty) { rows.append(row) }
    }
    return rows
  }

  private struct Scanner {
    let bytes: [UInt8]
    var offset = 0
    var line = 1
    var count = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func row() throws(Problem) -> (line: Int, cells: [String])? {
      guard offset < bytes.count else { return nil }
      let first = line
      var cells: [String] = []
      while true {
        count += 1
        guard count <= CSVReading.cellLimit else { throw Problem(line: line, reason: "more cells than any report has") }
        cells.append(try cell())
        guard offset < bytes.count, bytes[offset] == 0x2C else { break }
        offset += 1
      }
      skipLineEnd()
      return (first, cells)
    }

    private mutating func skipLineEnd() {
      if offset < bytes.count, bytes[offset] == 0x0D { offset += 1 }
      if offset < bytes.count, bytes[offset] == 0x0A { offset += 1 }
      line += 1
    }

    private mutating func cell() throws(Problem) -> String {
      guard offset < bytes.count, bytes[offset] == 0x22 else {
        let start = offset
        while offset < bytes.count, ![0x2C, 0x0A, 0x0D].contains(bytes[offset]) { offset += 1 }
        return try text(Array(bytes[start..<offset]))
      }
      var content: [UInt8] = []
      offset += 1
      while offset < bytes.count {
        let byte = bytes[offset]
        offset += 1
        if byte == 0x0A { line += 1 }
        guard byte == 0x22 else {
          content.append(byte)
          continue
        }
        guard offset < bytes.count, bytes[offset] == 0x22 else {
          guard offset == bytes.count || [0x2C, 0x0A, 0x0D].contains(bytes[offset]) else {
            throw Problem(line: line, reason: "text behind a closing quote")
          }
          return try text(content)
        }
        content.append(0x22)
        offset += 1
      }
      throw Problem(line: line, reason: "a quote is opened and not closed: the text was cut short")
    }

    private func text(_ bytes: [UInt8]) throws(Problem) -> String {
      if let text = String(validating: bytes, as: UTF8.self) { return text }
      throw Problem(line: line, reason: "not UTF-8")
    }
  }
}
