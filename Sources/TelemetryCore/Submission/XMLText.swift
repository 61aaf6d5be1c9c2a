/// Writes XML into bytes, the same bytes for the same calls.
struct XMLText {
  private(set) var bytes: [UInt8] = []

  static let declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"

  /// Writes a whole message of ours, without its declaration, as an element of this one.
  mutating func write(message: [UInt8]) {
    let isDeclared = message.starts(with: Self.declaration.utf8)
    bytes += isDeclared ? message.dropFirst(Self.declaration.utf8.count) : message[...]
  }

  mutating func write(_ markup: String) { bytes.append(contentsOf: markup.utf8) }

  /// Writes text so that a parser reads back the same characters.
  ///
  /// Control characters that XML 1.0 (section 2.2) has no way to write become `?`.
  mutating func writeEscaped(_ text: String) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): write("&amp;")
      case UInt8(ascii: "<"): write("&lt;")
      case UInt8(ascii: ">"): write("&gt;")
      case UInt8(ascii: "\""): write("&quot;")
      case 0x09: write("&#9;")
      case 0x0A: write("&#10;")
      case 0x0D: write("&#13;")
      case 0x00..<0x20: bytes.append(UInt8(ascii: "?"))
      default: bytes.append(byte)
      }
    }
  }
}
