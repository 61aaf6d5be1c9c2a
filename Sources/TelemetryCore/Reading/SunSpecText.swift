/// Texts in the registers of SunSpec.
enum SunSpecText {
  /// Text of type string, up to its first NUL.
  ///
  /// Bytes that are no text are replaced and control characters dropped, since it ends in journals and terminals.
  static func text(_ words: ArraySlice<UInt16>) -> String {
    let bytes = words.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }.prefix { $0 != 0 }
    var text = String.UnicodeScalarView()
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: continue
      default: text.append(scalar)
      }
    }
    return String(text).trimmingSpaces
  }
}

extension String {
  fileprivate var trimmingSpaces: String {
    let head = drop { $0 == " " }
    guard let last = head.lastIndex(where: { $0 != " " }) else { return "" }
    return String(head[...last])
  }
}
