/// A JSON text from outside as a tree (RFC 8259), within bounds.
///
/// Numbers stay texts: what a number means is decided where it is read, by exact decimals.
package indirect enum JSONValue: Sendable, Hashable {
  case null
  case boolean(Bool)
  case number(String)
  case text(String)
  case list([JSONValue])
  /// The first of two members of one name counts; a receiver that writes two says two things.
  case object([String: JSONValue])

  package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
  }

  static let depthLimit = 32
  static let valueLimit = 200_000

  package init(_ bytes: [UInt8]) throws(Problem) {
    var reader = JSONReader(bytes)
    self = try reader.document()
  }

  /// What a pointer such as `/transactions/0/id` leads to (RFC 6901); nil where there is nothing.
  package subscript(pointer: String) -> JSONValue? {
    var value = self
    for token in pointer.split(separator: "/", omittingEmptySubsequences: true) {
      let name = String(token).replacing("~1", with: "/").replacing("~0", with: "~")
      switch value {
      case .object(let members):
        guard let member = members[name] else { return nil }
        value = member
      case .list(let items):
        guard let index = Int(name), items.indices.contains(index) else { return nil }
        value = items[index]
      default: return nil
      }
    }
    return value
  }

  /// A text, a number as it stands, or true or false.
  package var scalar: String? {
    switch self {
    case .text(let text), .number(let text): text
    case .boolean(let flag): flag ? "true" : "false"
    case .null, .list, .object: nil
    }
  }

  package var items: [JSONValue]? {
    if case .list(let items) = self { return items }
    return nil
  }

  /// The scalar itself, or each of a list of them.
  package var scalars: [String] { items.map { $0.compactMap(\.scalar) } ?? scalar.map { [$0] } ?? [] }
}

/// Reads one document; every read is bounds-checked and every level is counted.
private struct JSONReader {
  private let bytes: [UInt8]
  private var place = 0
  private var valueCount = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONValue.Problem) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    guard place == bytes.count else { throw problem("something follows the document") }
    return value
  }

  private func problem(_ reason: String) -> JSONValue.Problem {
    JSONValue.Problem(description: "is no JSON: \(reason), at byte \(place)")
  }

  private mutating func skipSpace() {
    while place < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[place]) { place += 1 }
  }

  private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard next == byte else { return false }
    place += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONValue.Problem) -> JSONValue {
    guard depth < JSONValue.depthLimit else { throw problem("it is nested too deeply") }
    valueCount += 1
    guard valueCount <= JSONValue.valueLimit else { throw problem("it has too many values") }
    skipSpace()
    switch next {
    case 0x7B: return try object(depth)
    case 0x5B: return try list(depth)
    case 0x22: return .text(try text())
    case 0x74: return try word("true", .boolean(true))
    case 0x66: return try word("false", .boolean(false))
    case 0x6E: return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONValue.Problem) -> JSONValue {
    let expected = Array(word.utf8)
    guard bytes[place...].starts(with: expected) else { throw problem("no such word") }
    place += expected.count
    return value
  }

  private mutating func object(_ depth: Int) throws(JSONValue.Problem) -> JSONValue {
    place += 1
    var members: [String: JSONValue] = [:]
    if take(0x7D) { return .object(members) }
    repeat {
      skipSpace()
      guard next == 0x22 else { throw problem("a member has no name") }
      let name = try text()
      guard take(0x3A) else { throw problem("a colon is missing") }
      let value = try value(depth: depth + 1)
      if members[name] == nil { members[name] = value }
    } while take(0x2C)
    guard take(0x7D) else { throw problem("an object does not end") }
    return .object(members)
  }

  private mutating func list(_ depth: Int) throws(JSONValue.Problem) -> JSONValue {
    place += 1
    var items: [JSONValue] = []
    if take(0x5D) { return .list(items) }
    repeat { items.append(try value(depth: depth + 1)) } while take(0x2C)
    guard take(0x5D) else { throw problem("a list does not end") }
    return .list(items)
  }

  private mutating func number() throws(JSONValue.Problem) -> JSONValue {
    let start = place
    func isDigit(_ byte: UInt8?) -> Bool { byte.map { (0x30...0x39).contains($0) } ?? false }
    if next == 0x2D { place += 1 }
    let first = place
    while isDigit(next) { place += 1 }
    guard place > first, bytes[first] != 0x30 || place == first + 1 else { throw problem("no value") }
    if next == 0x2E {
      place += 1
      let fraction = place
      while isDigit(next) { place += 1 }
      guard place > fraction else { throw problem("a number ends with its point") }
    }
    if next == 0x65 || next == 0x45 {
      place += 1
      if next == 0x2B || next == 0x2D { place += 1 }
      let exponent = place
      while isDigit(next) { place += 1 }
      guard place > exponent else { throw problem("a number ends with its exponent") }
    }
    return .number(String(decoding: bytes[start..<place], as: UTF8.self))
  }

  // MARK: Texts

  private mutating func text() throws(JSONValue.Problem) -> String {
    place += 1
    var units: [UInt8] = []
    while let byte = next {
      place += 1
      switch byte {
      case 0x22:
        guard let text = String(validating: units, as: UTF8.self) else { throw problem("a text is no UTF-8") }
        return text
      case 0x5C: try escape(into: &units)
      case 0..<0x20: throw problem("a control character stands in a text")
      default: units.append(byte)
      }
    }
    throw problem("a text does not end")
  }

  private mutating func escape(into units: inout [UInt8]) throws(JSONValue.Problem) {
    guard let byte = next else { throw problem("a text does not end") }
    place += 1
    switch byte {
    case 0x22, 0x5C, 0x2F: units.append(byte)
    case 0x62: units.append(0x08)
    case 0x66: units.append(0x0C)
    case 0x6E: units.append(0x0A)
    case 0x72: units.append(0x0D)
    case 0x74: units.append(0x09)
    case 0x75: units += Array(String(try scalar()).utf8)
    default: throw problem("no such escape")
    }
  }

  /// Four hexadecimal digits, or a pair of surrogates.
  private mutating func scalar() throws(JSONValue.Problem) -> Character {
    var code = try hexadecimal()
    if (0xD800..<0xDC00).contains(code) {
      guard place + 1 < bytes.count, bytes[place] == 0x5C, bytes[place + 1] == 0x75 else {
        throw problem("half a character")
      }
      place += 2
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw problem("half a character") }
      code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(code) else { throw problem("half a character") }
    return Character(scalar)
  }

  private mutating func hexadecimal() throws(JSONValue.Problem) -> UInt32 {
    guard place + 4 <= bytes.count else { throw problem("a text does not end") }
    let digits = bytes[place..<place + 4]
    place += 4
    guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw problem("no such escape") }
    return code
  }
}

// MARK: Writing

extension JSONValue {
  /// A text as JSON has it, with its quotation marks.
  package static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
