import TelemetryCore

/// A JSON document that a receiver wants: names and shape are the receiver's, the values are ours.
///
/// In a profile it is written as the document itself. A text that begins with `$` is one of our values; with `:number`
/// behind it, it is written without quotation marks. A mapping with `for_each: hour` and `item` is a list.
package indirect enum JSONTemplate: Sendable, Hashable {
  case constant(String)
  case value(String, isNumber: Bool)
  case list([JSONTemplate])
  case hours(JSONTemplate)
  case object([Member])

  package struct Member: Sendable, Hashable {
    var name: String
    var value: JSONTemplate
  }

  /// The values that a template may ask for, and those of an hour.
  package struct Fields: Sendable {
    var names: Set<String>
    var ofHour: Set<String>
  }

  private static let depthLimit = 16

  // MARK: Reading

  static func read(_ node: ConfigurationNode, _ fields: Fields) throws(ConfigurationProblems) -> Self {
    var problems = ConfigurationProblems()
    let template = read(node, fields, path: "body", depth: 0, &problems)
    guard problems.isEmpty else { throw problems.sorted }
    return template
  }

  private static func read(
    _ node: ConfigurationNode, _ fields: Fields, path: String, depth: Int, _ problems: inout ConfigurationProblems
  ) -> Self {
    func report(_ message: String) {
      problems.append(ConfigurationProblem(place: node.place, key: path, message: message))
    }
    guard depth < depthLimit else {
      report("is nested too deeply: expected at most \(depthLimit) levels")
      return .constant("")
    }
    switch node.content {
    case .empty: return .constant("")
    case .scalar(let text):
      guard text.hasPrefix("$") else { return .constant(text) }
      let words = text.dropFirst().split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(words.first ?? "")
      guard fields.names.contains(name), words.count == 1 || words[1] == "number" else {
        let known = fields.names.sorted().map { "`$\($0)`" }.joined(separator: ", ")
        report("expected one of the values known here, with or without `:number`: \(known); found \(node.shown)")
        return .constant("")
      }
      return .value(name, isNumber: words.count == 2)
    case .sequence(let nodes):
      return .list(
        nodes.enumerated().map { read($1, fields, path: "\(path)[\($0)]", depth: depth + 1, &problems) })
    case .mapping(let entries):
      if let item = hour(entries) {
        guard !fields.ofHour.isEmpty else {
          report("there are no hours here")
          return .constant("")
        }
        let inner = Fields(names: fields.names.union(fields.ofHour), ofHour: [])
        return .hours(read(item, inner, path: "\(path).item", depth: depth + 1, &problems))
      }
      return .object(
        entries.map { entry in
          Member(
            name: entry.key,
            value: read(entry.value, fields, path: "\(path).\(entry.key)", depth: depth + 1, &problems))
        })
    }
  }

  private static func hour(_ entries: ConfigurationNode.Pairs) -> ConfigurationNode? {
    guard entries.count == 2, let word = entries.first(where: { $0.key == "for_each" }),
      let item = entries.first(where: { $0.key == "item" }), case .scalar("hour") = word.value.content
    else { return nil }
    return item.value
  }

  // MARK: Writing

  /// The same bytes for the same values, in the order of the profile.
  package func render(_ values: [String: String], hours: [[String: String]] = []) -> [UInt8] {
    Array((text(values, hours) + "\n").utf8)
  }

  private func text(_ values: [String: String], _ hours: [[String: String]]) -> String {
    switch self {
    case .constant(let text): return JSONValue.quoted(text)
    case .value(let name, let isNumber):
      let value = values[name] ?? ""
      // Only what is a number is ever written as one.
      let isPlain = isNumber && ExactDecimal.parse(value, digits: 9) != nil && !value.hasPrefix("00")
      return isPlain ? value : JSONValue.quoted(value)
    case .list(let items): return "[" + items.map { $0.text(values, hours) }.joined(separator: ",") + "]"
    case .hours(let item):
      return "[" + hours.map { item.text(values.merging($0) { $1 }, []) }.joined(separator: ",") + "]"
    case .object(let members):
      let parts = members.map { "\(JSONValue.quoted($0.name)):\($0.value.text(values, hours))" }
      return "{" + parts.joined(separator: ",") + "}"
    }
  }
}
