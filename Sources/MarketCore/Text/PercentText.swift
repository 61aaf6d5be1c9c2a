/// Texts in the query of a URL (RFC 3986, 2.1).
package enum PercentText {
  /// Leaves letters, digits and `-._~:,` as they are.
  package static func encode(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
      if byte.isASCIILetterOrDigit || "-._~:,".utf8.contains(byte) {
        encoded.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        encoded += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return encoded
  }

  /// Nil where a percent sign does not begin two hexadecimal digits, or the bytes are not UTF-8.
  package static func decode(_ text: some StringProtocol) -> String? {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == 0x25 else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }
}
