/// Settings as a tree of the words that a person writes, for YAML and JSON alike.
package indirect enum SettingsTree: Sendable, Equatable {
  case text(String)
  case number(Int64)
  case list([SettingsTree])
  /// In the order in which they are shown.
  case mapping([Pair])

  package struct Pair: Sendable, Equatable {
    package var key: String
    package var value: SettingsTree
  }

  /// Leaves out what has no value.
  static func mapping(_ pairs: KeyValuePairs<String, SettingsTree?>) -> Self {
    .mapping(pairs.compactMap { key, value in value.map { Pair(key: key, value: $0) } })
  }

  package subscript(key: String) -> SettingsTree? {
    guard case .mapping(let pairs) = self else { return nil }
    return pairs.first { $0.key == key }?.value
  }
}

extension SettingsTree: Encodable {
  private struct Key: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .text(let text):
      var container = encoder.singleValueContainer()
      try container.encode(text)
    case .number(let number):
      var container = encoder.singleValueContainer()
      try container.encode(number)
    case .list(let items):
      var container = encoder.unkeyedContainer()
      for item in items { try container.encode(item) }
    case .mapping(let pairs):
      var container = encoder.container(keyedBy: Key.self)
      for pair in pairs { try container.encode(pair.value, forKey: Key(stringValue: pair.key)) }
    }
  }
}

// MARK: YAML

extension SettingsTree {
  /// One YAML document, without a mark at its start.
  package var yaml: String { lines.joined(separator: "\n") + "\n" }

  private var lines: [String] {
    switch self {
    case .text(let text): [Self.scalar(text)]
    case .number(let number): ["\(number)"]
    case .list(let items):
      items.isEmpty
        ? ["[]"]
        : items.flatMap { item in
          item.lines.enumerated().map { ($0.offset == 0 ? "- " : "  ") + $0.element }
        }
    case .mapping(let pairs): pairs.isEmpty ? ["{}"] : pairs.flatMap(\.lines)
    }
  }

  private static func scalar(_ text: String) -> String {
    let isPlain =
      text.unicodeScalars.allSatisfy {
        $0.isASCII && ($0.properties.isAlphabetic || "0123456789_./ -".unicodeScalars.contains($0))
      }
      && text.first.map { $0.isLetter || $0.isNumber || $0 == "/" } ?? false && text.last != " "
      && !["null", "Null", "NULL"].contains(text)
    return isPlain ? text : quoted(text)
  }

  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F: "\\x" + hex(scalar.value)
      default: String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }

  private static func hex(_ value: UInt32) -> String {
    (value < 0x10 ? "0" : "") + String(value, radix: 16, uppercase: true)
  }
}

extension SettingsTree.Pair {
  fileprivate var lines: [String] {
    switch value {
    case .text, .number: ["\(key): \(value.yaml.dropLast())"]
    case .list(let items) where items.isEmpty: ["\(key): []"]
    case .mapping(let pairs) where pairs.isEmpty: ["\(key): {}"]
    case .list, .mapping: ["\(key):"] + value.yaml.split(separator: "\n").map { "  \($0)" }
    }
  }
}
