package import TelemetryCore
import Yams

/// Makes a tree of texts of a YAML file.
///
/// YAML is used for its shape only: tags and the types that YAML would guess are not looked at.
package enum YAMLDocument {
  /// A tree of one file: 10,000 sites of 15 values each.
  static let nodeLimit = 200_000
  /// Deeper than any configuration and far from the end of a stack.
  static let depthLimit = 32

  /// Reads one document; `file` is how messages name it.
  package static func node(of text: String, file: String) throws(ConfigurationProblems) -> ConfigurationNode {
    var text = YAMLText(text)
    let root = try compose(&text, file: file)
    guard let root else {
      return ConfigurationNode(.empty, at: ConfigurationPlace(file: file, line: 1, column: 1))
    }
    var conversion = Conversion(file: file, masks: text.masks)
    let node = conversion.node(root, depth: 0)
    guard conversion.problems.isEmpty else { throw conversion.problems.sorted }
    return node
  }

  /// A duplicate key ends the parser's work, so it is masked and the work begun again, for a person wants to see
  /// everything at once.
  ///
  /// Each mask costs a pass over the file, hence the bound.
  private static func compose(_ text: inout YAMLText, file: String) throws(ConfigurationProblems) -> Node? {
    while true {
      do {
        // Said outright: the default reads the environment and prints.
        return try Yams.compose(yaml: text.string, .basic, .default, .utf8)
      } catch YamlError.duplicatedKeysInMapping(let names, let context) {
        if let name = names.first, text.masks.count < YAMLText.maskLimit, text.mask(name, at: context.mark) { continue }
        let place = ConfigurationPlace(file: file, line: max(1, context.mark.line), column: max(1, context.mark.column))
        throw problem(place, "has keys that stand there more than once: \(names.joined(separator: ", "))")
      } catch let error as YamlError {
        throw syntaxProblem(error, file: file)
      } catch {
        throw problem(ConfigurationPlace(file: file, line: 1, column: 1), "cannot be read as YAML: \(error)")
      }
    }
  }

  private static func syntaxProblem(_ error: YamlError, file: String) -> ConfigurationProblems {
    switch error {
    case .scanner(let context, let message, let mark, _), .parser(let context, let message, let mark, _),
      .composer(let context, let message, let mark, _):
      let around = context.map { ", \($0.text.trimmed) that begins in line \($0.mark.line)" } ?? ""
      let place = ConfigurationPlace(file: file, line: mark.line, column: mark.column)
      return problem(place, "is not YAML: \(message.trimmed)\(around)\(hint(message))")
    case .reader(let message, let offset, _, let yaml):
      let before = yaml.prefix(offset ?? 0).unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      let place = ConfigurationPlace(file: file, line: max(1, before.count), column: (before.last?.count ?? 0) + 1)
      return problem(place, "is not YAML: \(message.trimmed)")
    default:
      return problem(ConfigurationPlace(file: file, line: 1, column: 1), "cannot be read as YAML")
    }
  }

  /// The mistakes that people really make behind the parser's words.
  private static func hint(_ message: String) -> String {
    if message.contains("cannot start any token") {
      return " (a tab, or `@`, `%` or a back quote before a text? indent with spaces and quote the text)"
    }
    if message.contains("mapping values are not allowed") {
      return " (a key further in than its neighbours, or a text with `: ` that needs quotes?)"
    }
    if message.contains("another document") { return " (a line `---` in the middle? write one file for each)" }
    return ""
  }

  private static func problem(_ place: ConfigurationPlace, _ message: String) -> ConfigurationProblems {
    ConfigurationProblems([ConfigurationProblem(place: place, key: "(file)", message: message)])
  }
}

extension String {
  fileprivate var trimmed: String {
    String(trimmingPrefix(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}

/// One tree made of another, with a bound on what aliases can blow it up to.
private struct Conversion {
  let file: String
  let masks: [String: String]
  var problems = ConfigurationProblems()
  private var count = 0

  init(file: String, masks: [String: String]) {
    self.file = file
    self.masks = masks
  }

  mutating func node(_ node: Node, depth: Int) -> ConfigurationNode {
    let place = place(of: node)
    count += 1
    guard count <= YAMLDocument.nodeLimit else {
      return refuse(place, "has more than \(YAMLDocument.nodeLimit) values")
    }
    guard depth <= YAMLDocument.depthLimit else { return refuse(place, "goes deeper than any configuration") }
    switch node {
    case .scalar(let scalar): return ConfigurationNode(content(scalar), at: place)
    case .sequence(let sequence):
      var nodes: [ConfigurationNode] = []
      for item in sequence where !isExhausted { nodes.append(self.node(item, depth: depth + 1)) }
      return ConfigurationNode(.sequence(nodes), at: place)
    case .mapping(let mapping):
      var pairs: ConfigurationNode.Pairs = []
      for (key, value) in mapping where !isExhausted {
        guard let name = name(of: key) else { continue }
        pairs.append((name, self.place(of: key), self.node(value, depth: depth + 1)))
      }
      return ConfigurationNode(.mapping(pairs), at: place)
    case .alias: return refuse(place, "refers to something that is not there")
    }
  }

  private var isExhausted: Bool { count > YAMLDocument.nodeLimit }

  private func content(_ scalar: Node.Scalar) -> ConfigurationNode.Content {
    let isNothing = scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    return isNothing ? .empty : .scalar(scalar.string)
  }

  private mutating func name(of key: Node) -> String? {
    guard case .scalar(let scalar) = key else {
      _ = refuse(place(of: key), "has a list or mapping as a key: expected a text (did a text lose its quotes?)")
      return nil
    }
    return masks[scalar.string] ?? scalar.string
  }

  private func place(of node: Node) -> ConfigurationPlace {
    ConfigurationPlace(file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }

  private mutating func refuse(_ place: ConfigurationPlace, _ message: String) -> ConfigurationNode {
    if !problems.problems.contains(where: { $0.message == message }) {
      problems.append(ConfigurationProblem(place: place, key: "(file)", message: message))
    }
    return ConfigurationNode(.empty, at: place)
  }
}
