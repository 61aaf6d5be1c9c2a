import Yams

/// The text of a YAML file in which some keys wear masks.
///
/// The parser gives up at a key that stands twice in one mapping. A mask of the same length lets it go on with every
/// other place unchanged, and is taken off again when the tree is there.
struct YAMLText {
  /// Keys that stand twice are slips of the hand, and few.
  static let maskLimit = 20

  private(set) var string: String
  /// Mask to name.
  private(set) var masks: [String: String] = [:]

  init(_ string: String) { self.string = string }

  /// Masks the key at a place, false where it is not written there letter by letter.
  mutating func mask(_ name: String, at mark: Mark) -> Bool {
    var scalars = Array(string.unicodeScalars)
    guard var start = Self.offset(of: mark, in: scalars) else { return false }
    if scalars[start] == "\"" || scalars[start] == "'" { start += 1 }
    let letters = Array(name.unicodeScalars)
    let end = start + letters.count
    guard !letters.isEmpty, end <= scalars.count, Array(scalars[start..<end]) == letters else { return false }
    // From the private use area: YAML takes them for letters, and no file has them.
    guard let letter = Unicode.Scalar(UInt32(0xE000 + masks.count)) else { return false }
    scalars.replaceSubrange(start..<end, with: repeatElement(letter, count: letters.count))
    var unicodeScalars = String.UnicodeScalarView()
    unicodeScalars.append(contentsOf: scalars)
    string = String(unicodeScalars)
    masks[String(repeating: Character(letter), count: letters.count)] = name
    return true
  }

  /// Lines end as libyaml ends them.
  private static func offset(of mark: Mark, in scalars: [Unicode.Scalar]) -> Int? {
    var (line, offset) = (1, 0)
    while line < mark.line, offset < scalars.count {
      let isReturnBeforeNewline = scalars[offset] == "\r" && offset + 1 < scalars.count && scalars[offset + 1] == "\n"
      let isBreak = ["\n", "\r", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalars[offset])
      if isBreak && !isReturnBeforeNewline { line += 1 }
      offset += 1
    }
    offset += mark.column - 1
    return mark.line >= 1 && mark.column >= 1 && offset < scalars.count ? offset : nil
  }
}
