/// What a text in a configuration file has to look like, and what it then means.
///
/// Forms are values, so that a new kind of key needs a form and no change of ``ConfigurationReader``.
package struct ConfigurationForm<Value: Sendable>: Sendable {
  /// Follows "expected": a noun with its range and an example of the right form.
  package var expectation: String
  /// Nil where the text is not of this form.
  package var parse: @Sendable (String) -> Value?

  package init(_ expectation: String, parse: @escaping @Sendable (String) -> Value?) {
    self.expectation = expectation
    self.parse = parse
  }

  package func map<Other: Sendable>(
    _ transform: @escaping @Sendable (Value) -> Other
  ) -> ConfigurationForm<Other> {
    let parse = parse
    return ConfigurationForm<Other>(expectation) { parse($0).map(transform) }
  }
}

extension ConfigurationForm<String> {
  /// Any text that is not empty and has no control characters.
  package static func text(such example: String, limit: Int = 255) -> Self {
    Self("a text of 1 to \(limit) characters, such as `\(example)`") { text in
      guard !text.isEmpty, text.unicodeScalars.count <= limit else { return nil }
      return text.unicodeScalars.contains(where: \.isControl) ? nil : text
    }
  }

  /// A text that may also be empty, such as a SOAP action.
  package static func textOrEmpty(such example: String, limit: Int = 255) -> Self {
    let text = Self.text(such: example, limit: limit)
    return Self("a text of at most \(limit) characters, such as `\(example)`") { $0.isEmpty ? $0 : text.parse($0) }
  }

  /// A name that is safe in file names, journal fields, XML and on a command line.
  package static func name(such example: String, limit: Int = 64) -> Self {
    let kinds = "letters, digits, `_`, `-` and `.`, beginning with a letter or digit"
    return Self("a name of 1 to \(limit) \(kinds), such as `\(example)`") { text in
      guard let first = text.utf8.first, first.isLetterOrDigit, text.utf8.count <= limit else { return nil }
      return text.utf8.allSatisfy { $0.isLetterOrDigit || "_-.".utf8.contains($0) } ? text : nil
    }
  }
}

extension ConfigurationForm<Int> {
  package static func integer(_ range: ClosedRange<Int>, such example: Int) -> Self {
    let numbers = "a whole number from \(range.lowerBound) to \(range.upperBound), such as \(example)"
    return Self(range.count == 1 ? "the number \(range.lowerBound)" : numbers) { text in
      guard let number = ExactDecimal.parse(text, digits: 0).flatMap({ Int(exactly: $0) }) else { return nil }
      return range.contains(number) ? number : nil
    }
  }
}

extension ConfigurationForm<Int64> {
  /// An exact decimal as a whole number of 10^-digits: with four digits, `0.9873` is 9,873.
  package static func decimal(digits: Int, _ range: ClosedRange<Int64>, such example: String) -> Self {
    let least = ExactDecimal.format(range.lowerBound, digits: digits)
    let most = ExactDecimal.format(range.upperBound, digits: digits)
    let form = "a number from \(least) to \(most) with at most \(digits) digits after the point, such as \"\(example)\""
    return Self(form) { text in
      guard let number = ExactDecimal.parse(text, digits: digits), range.contains(number) else { return nil }
      return number
    }
  }
}

extension ConfigurationForm<Bool> {
  /// Only `true` and `false`: what YAML 1.1 also takes for truth, such as `no` and `on`, reads like a name.
  package static var boolean: Self {
    Self("true or false") { text in text == "true" ? true : text == "false" ? false : nil }
  }
}

extension ConfigurationForm {
  /// One of some words, each with its meaning.
  package static func oneOf(_ words: KeyValuePairs<String, Value>) -> Self {
    let meanings = words.map { (word: $0.key, value: $0.value) }
    let list = meanings.map { "`\($0.word)`" }.joined(separator: " or ")
    return Self(list) { text in meanings.first { $0.word == text }?.value }
  }
}

extension UInt8 {
  var isDigit: Bool { (0x30...0x39).contains(self) }
  var isLetterOrDigit: Bool { isDigit || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
}
