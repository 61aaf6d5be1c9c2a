package import TelemetryCore

/// How a receiver over HTTPS with JSON is told something and asked what became of it.
package struct JSONProfile: Sendable, Hashable {
  package var isVerified: Bool
  package var submit: JSONTemplate
  package var question: JSONTemplate
  var taken: [Int]
  var rejected: [Int]
  var throttled: [Int]
  var refused: [Int]
  /// Pointers into the answer to a submission.
  var receipt: String
  var reason: String
  var held: Held

  /// Where in the answer to the question stands what.
  struct Held: Sendable, Hashable {
    /// A list, with no items where nothing is held: what has no list is no answer.
    var each: String
    /// Relative to an item.
    var name: String
    var receipt: String?
    var status: String?
    var valid: [String]
    var invalid: [String]
    var rules: String?
    var hours: Hours?
  }

  /// Where the hours are repeated, so that another schedule under the same name is seen.
  struct Hours: Sendable, Hashable {
    var each: String
    var ending: String
    var megawatts: String
  }

  /// Of what a profile tells, and with which values.
  package enum Subject: Sendable {
    case schedule
    case registration

    var submit: JSONTemplate.Fields {
      switch self {
      case .schedule:
        JSONTemplate.Fields(
          names: ["bid_name", "scheduling_coordinator", "resource_id", "trade_date", "created"],
          ofHour: ["hour_ending", "hour_start", "hour_end", "megawatts"])
      case .registration:
        JSONTemplate.Fields(names: ["packet", "resource_id", "cover", "ders", "form"], ofHour: [])
      }
    }

    var question: JSONTemplate.Fields {
      switch self {
      case .schedule: JSONTemplate.Fields(names: submit.names.subtracting(["created"]), ofHour: [])
      case .registration: JSONTemplate.Fields(names: ["packet", "resource_id"], ofHour: [])
      }
    }
  }

  // MARK: Reading

  package static func read(_ node: ConfigurationNode, _ subject: Subject) throws(ConfigurationProblems) -> Self {
    guard let submit = node[["submit", "body"]], let question = node[["question", "body"]] else {
      throw ConfigurationProblems([
        ConfigurationProblem(
          place: node.place, key: "(file)", message: "expected `submit` and `question`, each with a `body`")
      ])
    }
    let bodies = (
      submit: try JSONTemplate.read(submit, subject.submit), question: try JSONTemplate.read(question, subject.question)
    )
    return try ConfigurationReader.read(node) { read(&$0, bodies) }
  }

  private static func read(
    _ reader: inout ConfigurationReader, _ bodies: (submit: JSONTemplate, question: JSONTemplate)
  ) -> Self? {
    let status = ConfigurationForm<Int>.integer(100...599, such: 200)
    let pointer = ConfigurationForm<String>.pointer
    _ = reader.required("format", .oneOf(["1": 1]))
    let isVerified = reader.required("verified", .boolean)
    let throttled = reader.list("throttled", of: status)
    let refused = reader.list("refused", of: status)
    let submit = reader.requiredMapping("submit") { reader -> ([Int], [Int], String, String)? in
      _ = reader.contains("body")
      let taken = reader.list("taken", of: status)
      let rejected = reader.list("rejected", of: status)
      let receipt = reader.required("receipt", pointer)
      let reason = reader.required("reason", pointer)
      guard let taken, let rejected, let receipt, let reason else { return nil }
      return (taken, rejected, receipt, reason)
    }
    let held = reader.requiredMapping("question", readHeld)
    guard let isVerified, let throttled, let refused, let submit, let held else { return nil }
    return Self(
      isVerified: isVerified, submit: bodies.submit, question: bodies.question, taken: submit.0, rejected: submit.1,
      throttled: throttled, refused: refused, receipt: submit.2, reason: submit.3, held: held)
  }

  private static func readHeld(_ reader: inout ConfigurationReader) -> Held? {
    let pointer = ConfigurationForm<String>.pointer
    let word = ConfigurationForm<String>.text(such: "valid")
    _ = reader.contains("body")
    let each = reader.required("each", pointer)
    let name = reader.required("name", pointer)
    let receipt = reader.optional("receipt", pointer)
    let status = reader.optional("status", pointer)
    let valid = status == nil ? [] : reader.list("valid", of: word)
    let invalid = status == nil ? [] : reader.list("invalid", of: word)
    let rules = reader.optional("rules", pointer)
    let hours = reader.optionalMapping("hours") { reader -> Hours? in
      let each = reader.required("each", pointer)
      let ending = reader.required("ending", pointer)
      let megawatts = reader.required("megawatts", pointer)
      guard let each, let ending, let megawatts else { return nil }
      return Hours(each: each, ending: ending, megawatts: megawatts)
    }
    guard let each, let name, let valid, let invalid else { return nil }
    return Held(
      each: each, name: name, receipt: receipt, status: status, valid: valid, invalid: invalid, rules: rules,
      hours: hours)
  }
}

extension ConfigurationNode {
  /// What stands under a path of keys.
  fileprivate subscript(path: [String]) -> ConfigurationNode? {
    path.reduce(self as ConfigurationNode?) { node, key in
      guard case .mapping(let entries)? = node?.content else { return nil }
      return entries.first { $0.key == key }?.value
    }
  }
}

extension ConfigurationForm<String> {
  fileprivate static var pointer: Self {
    Self("a pointer into a JSON document, such as `/error/message`") { text in
      text.hasPrefix("/") && text.utf8.count <= 255 ? text : nil
    }
  }
}
