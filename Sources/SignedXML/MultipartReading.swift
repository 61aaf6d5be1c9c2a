/// Why a MIME message could not be read.
package struct MultipartProblem: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String
}

/// The header `Content-Type` of a message of several parts.
package struct MultipartType: Hashable, Sendable {
  /// 1 to 70 characters (RFC 2046, section 5.1.1).
  package var boundary: String
  /// The content ID of the part with which reading begins, without its angle brackets; nil for the first one.
  package var start: String?

  private static let byteLimit = 1_000

  /// Nil where the header is of another type; a problem where it is of this type and cannot be used.
  package init?(_ header: String) throws(MultipartProblem) {
    let type = header.prefix { $0 != ";" }.filter { !$0.isWhitespace }.lowercased()
    guard type == "multipart/related" else { return nil }
    guard header.utf8.count <= Self.byteLimit else {
      throw MultipartProblem(description: "the Content-Type is longer than \(Self.byteLimit) bytes")
    }
    let parameters = try Self.parameters(header.drop { $0 != ";" })
    guard let boundary = parameters["boundary"], (1...70).contains(boundary.utf8.count),
      boundary.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }), boundary.last != " "
    else { throw MultipartProblem(description: "the Content-Type names no boundary that can be used") }
    self.boundary = boundary
    start = parameters["start"].map(MultipartMessage.withoutBrackets)
  }

  /// `; name=value` or `; name="value"`, as often as they come (RFC 2045, section 5.1).
  private static func parameters(_ text: Substring) throws(MultipartProblem) -> [String: String] {
    let malformed = MultipartProblem(description: "the Content-Type is malformed")
    var parameters: [String: String] = [:]
    var rest = text.drop(while: \.isWhitespace)
    while !rest.isEmpty {
      guard rest.first == ";" else { throw malformed }
      rest = rest.dropFirst().drop(while: \.isWhitespace)
      if rest.isEmpty { break }
      let name = rest.prefix { $0 != "=" && $0 != ";" }
      rest = rest.dropFirst(name.count)
      guard !name.isEmpty, rest.first == "=" else { throw malformed }
      rest = rest.dropFirst()
      guard let value = rest.first == "\"" ? takeQuoted(&rest) : takeToken(&rest) else { throw malformed }
      guard parameters.updateValue(value, forKey: name.filter { !$0.isWhitespace }.lowercased()) == nil else {
        throw malformed
      }
      rest = rest.drop(while: \.isWhitespace)
    }
    return parameters
  }

  private static func takeToken(_ rest: inout Substring) -> String? {
    let token = rest.prefix { $0 != ";" && !$0.isWhitespace }
    rest = rest.dropFirst(token.count)
    return token.isEmpty ? nil : String(token)
  }

  private static func takeQuoted(_ rest: inout Substring) -> String? {
    var value = ""
    rest = rest.dropFirst()
    while let character = rest.popFirst() {
      if character == "\"" { return value }
      guard character != "\\" else {
        guard let escaped = rest.popFirst() else { return nil }
        value.append(escaped)
        continue
      }
      value.append(character)
    }
    return nil
  }
}

extension MultipartMessage {
  /// More than any answer of the operator has.
  package static let partLimit = 8
  private static let headerByteLimit = 8 << 10

  /// Takes a whole message apart in one pass.
  ///
  /// A message without its last delimiter was cut off, and is none. Lines end in CR LF or, as some write them, in LF alone.
  package init(parsing bytes: [UInt8], type: MultipartType) throws(MultipartProblem) {
    let delimiter = Array("--\(type.boundary)".utf8)
    var parts: [Part] = []
    var partStart: Int?
    var lineStart = 0
    while lineStart < bytes.count {
      let lineEnd = bytes[lineStart...].firstIndex(of: 0x0A) ?? bytes.count
      switch Self.delimiter(bytes[lineStart..<lineEnd], delimiter) {
      case nil: break
      case let isLast?:
        if let partStart {
          guard parts.count < Self.partLimit else {
            throw MultipartProblem(description: "more than \(Self.partLimit) parts")
          }
          parts.append(try Self.part(bytes[partStart..<Self.contentEnd(bytes, from: partStart, to: lineStart)]))
        }
        if isLast {
          guard !parts.isEmpty else { throw MultipartProblem(description: "a message without parts") }
          self.parts = parts
          return
        }
        partStart = min(lineEnd + 1, bytes.count)
      }
      lineStart = lineEnd + 1
    }
    throw MultipartProblem(description: "the message ends before its last part does")
  }

  /// Whether a line is a delimiter, and whether it is the last one.
  private static func delimiter(_ line: ArraySlice<UInt8>, _ delimiter: [UInt8]) -> Bool? {
    guard line.starts(with: delimiter) else { return nil }
    var rest = line.dropFirst(delimiter.count)
    let isLast = rest.starts(with: "--".utf8)
    if isLast { rest = rest.dropFirst(2) }
    return rest.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) ? isLast : nil
  }

  /// The line break before a delimiter belongs to the delimiter.
  private static func contentEnd(_ bytes: [UInt8], from start: Int, to delimiter: Int) -> Int {
    var end = delimiter
    if end > start, bytes[end - 1] == 0x0A { end -= 1 }
    if end > start, bytes[end - 1] == 0x0D { end -= 1 }
    return end
  }

  private static func part(_ bytes: ArraySlice<UInt8>) throws(MultipartProblem) -> Part {
    var part = Part(contentID: "", contentType: "", body: [])
    var fields: [String] = []
    var rest = bytes
    while true {
      guard bytes.count - rest.count <= headerByteLimit else {
        throw MultipartProblem(description: "a part's head is longer than \(headerByteLimit) bytes")
      }
      guard let end = rest.firstIndex(of: 0x0A) else { throw MultipartProblem(description: "a part without a body") }
      var line = rest[..<end]
      if line.last == 0x0D { line = line.dropLast() }
      rest = rest[(end + 1)...]
      if line.isEmpty { break }
      let text = String(decoding: line.prefix(headerByteLimit), as: UTF8.self)
      let isFolded = line.first == 0x20 || line.first == 0x09
      if isFolded, let last = fields.popLast() { fields.append(last + text) } else { fields.append(text) }
    }
    for field in fields { part.take(field) }
    part.body = Array(rest)
    return part
  }

  fileprivate static func withoutBrackets(_ text: String) -> String {
    guard text.count >= 2, text.first == "<", text.last == ">" else { return text }
    return String(text.dropFirst().dropLast())
  }

  /// The part with which reading begins, and the one that may stand beside it.
  package func related(_ type: MultipartType) throws(MultipartProblem) -> (root: Part, attachment: Part?) {
    let roots = parts.indices.filter { index in type.start.map { parts[index].contentID == $0 } ?? (index == 0) }
    guard roots.count == 1 else {
      throw MultipartProblem(description: "the part to start with stands there \(roots.count) times")
    }
    guard parts.count <= 2 else { throw MultipartProblem(description: "two attachments") }
    var others = parts
    let root = others.remove(at: roots[0])
    return (root, others.first)
  }
}

extension MultipartMessage.Part {
  fileprivate mutating func take(_ field: String) {
    let name = field.prefix { $0 != ":" }
    let value = field.dropFirst(name.count + 1).drop(while: \.isWhitespace)
    switch name.lowercased() {
    case "content-id": contentID = MultipartMessage.withoutBrackets(String(value))
    case "content-type": contentType = String(value)
    default: break
    }
  }
}
