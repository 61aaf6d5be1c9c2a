/// Everything that was found wrong with a configuration, sorted by place.
package struct ConfigurationProblems: Error, Hashable, Sendable {
  package private(set) var problems: [ConfigurationProblem] = []
  /// How many more there were than anyone would read.
  package private(set) var omittedCount = 0

  /// A file of a million wrong lines still gives a list of bounded length.
  package static let limit = 1_000

  package init(_ problems: [ConfigurationProblem] = []) { append(problems) }

  package var isEmpty: Bool { problems.isEmpty }

  package mutating func append(_ problem: ConfigurationProblem) {
    guard problems.count < Self.limit else { return omittedCount += 1 }
    problems.append(problem)
  }

  package mutating func append(_ more: [ConfigurationProblem]) {
    for problem in more { append(problem) }
  }

  package mutating func append(_ more: Self) {
    append(more.problems)
    omittedCount += more.omittedCount
  }

  /// Files in the order of their names, each from top to bottom.
  package var sorted: Self {
    var sorted = self
    sorted.problems.sort { ($0.place, $0.key, $0.message) < ($1.place, $1.key, $1.message) }
    return sorted
  }
}

extension ConfigurationPlace: Comparable {
  package static func < (left: Self, right: Self) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}

extension ConfigurationNode {
  /// What stands here, for a person: a text in quotes, cut where it is long, or the kind of thing it is.
  package var shown: String {
    switch content {
    case .scalar(let text): Self.shown(text)
    case .sequence: "a list"
    case .mapping: "a mapping"
    case .empty: "nothing"
    }
  }

  private static let shownLimit = 60

  /// A text as it may stand in a message: bounded, on one line, and nothing in it that steers a terminal.
  package static func shown(_ text: String) -> String {
    var shown = ""
    var count = 0
    for scalar in text.unicodeScalars {
      guard count < shownLimit else { return "`\(shown)…` (\(text.utf8.count) bytes)" }
      if scalar.isControl {
        shown += scalar.escaped
      } else {
        shown.unicodeScalars.append(scalar)
      }
      count += 1
    }
    return "`\(shown)`"
  }
}
