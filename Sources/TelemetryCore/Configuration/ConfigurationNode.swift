/// A place in a file that a person edits.
package struct ConfigurationPlace: Hashable, Sendable, CustomStringConvertible {
  package var file: String
  /// From 1.
  package var line: Int
  /// From 1.
  package var column: Int

  package init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  package var description: String { "\(file):\(line):\(column)" }
}

/// A configuration file as a tree of texts, each with its place.
///
/// Scalars stay texts: what a text means is decided where it is read, so `1.10` is never 1.1 and `no` never false.
package struct ConfigurationNode: Sendable {
  package enum Content: Sendable {
    case scalar(String)
    case sequence([ConfigurationNode])
    case mapping([(key: String, place: ConfigurationPlace, value: ConfigurationNode)])
    /// A key without a value.
    case empty
  }

  package var content: Content
  package var place: ConfigurationPlace

  package init(_ content: Content, at place: ConfigurationPlace) {
    self.content = content
    self.place = place
  }
}

/// Something a person must mend, and how.
package struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
  package var place: ConfigurationPlace
  /// The keys that lead to it, such as `resources[0].id`.
  package var key: String
  /// One sentence: what stands there and what is expected.
  package var message: String

  package init(place: ConfigurationPlace, key: String, message: String) {
    self.place = place
    self.key = key
    self.message = message
  }

  package var description: String { "\(place): \(key): \(message)" }
}
