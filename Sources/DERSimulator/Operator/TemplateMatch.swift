import SignedXML
import TelemetryCore

/// Reads a message by the template that it should have been written from: the way back from ``WireElement``.
///
/// Strict on purpose. Every element and attribute of the template must be there, in its order and namespace, and nothing
/// else: a receiver that validates against a schema takes no less and no more.
struct TemplateMatch: Sendable {
  typealias Fields = [WireField: String]

  /// What is the same for the whole message.
  private(set) var fields: Fields = [:]
  /// What each interval says, with what is said around it.
  private(set) var rows: [Fields] = []

  init(_ element: XMLElement, as template: WireElement) throws(Refusal) {
    try match(element, template, namespace: "")
    try spread()
  }

  private init() {}

  // MARK: Descent

  private mutating func match(
    _ element: XMLElement, _ template: WireElement, namespace outer: String
  ) throws(Refusal) {
    let namespace = template.namespace ?? outer
    guard element.name == template.name else {
      throw Refusal("There is \(Self.quote(element.name)) where \(template.name) is expected.")
    }
    guard element.namespace == namespace else {
      throw Refusal("\(template.name) is in the namespace \(Self.quote(element.namespace)), not in \(namespace).")
    }
    try matchAttributes(element, template)
    if let text = template.text {
      try take(element.text, as: text, in: template.name)
    } else if !element.text.allSatisfy(\.isWhitespace) {
      throw Refusal("\(template.name) holds the text \(Self.quote(element.text)).")
    }
    try matchChildren(element, template, namespace)
  }

  private mutating func matchAttributes(_ element: XMLElement, _ template: WireElement) throws(Refusal) {
    for attribute in element.attributes where attribute.namespace != "" || !template.has(attribute.name) {
      throw Refusal("\(template.name) has the unknown attribute \(Self.quote(attribute.name)).")
    }
    for expected in template.attributes {
      guard let found = element.attributes.first(where: { $0.name == expected.name }) else {
        throw Refusal("\(template.name) lacks the attribute \(expected.name).")
      }
      try take(found.value, as: expected.text, in: "\(template.name)/@\(expected.name)")
    }
  }

  private mutating func matchChildren(
    _ element: XMLElement, _ template: WireElement, _ namespace: String
  ) throws(Refusal) {
    var rest = element.children[...]
    for child in template.children {
      guard rest.first?.name == child.name, let first = rest.popFirst() else {
        let found = rest.first.map { Self.quote($0.name) } ?? "the end"
        throw Refusal("In \(template.name) there is \(found) where \(child.name) is expected.")
      }
      try matchChild(first, child, namespace)
      while child.repeatedFor != nil, rest.first?.name == child.name, let next = rest.popFirst() {
        try matchChild(next, child, namespace)
      }
    }
    if let unknown = rest.first {
      throw Refusal("\(template.name) holds the unknown element \(Self.quote(unknown.name)).")
    }
  }

  private mutating func matchChild(
    _ element: XMLElement, _ template: WireElement, _ namespace: String
  ) throws(Refusal) {
    guard template.repeatedFor != nil else { return try match(element, template, namespace: namespace) }
    var inner = Self()
    try inner.match(element, template, namespace: namespace)
    if template.repeatedFor == .interval { inner.rows.append([:]) }
    try inner.spread()
    rows += inner.rows
  }

  // MARK: Values

  private mutating func take(_ text: String, as expected: WireText, in place: String) throws(Refusal) {
    switch expected {
    case .constant(let constant):
      guard text == constant else { throw Refusal("\(place) says \(Self.quote(text)), not \(constant).") }
    case .field(let field, let precision):
      try Self.check(text, of: field, precision, in: place)
      guard fields.updateValue(text, forKey: field) ?? text == text else {
        throw Refusal("\(place) contradicts what is said before.")
      }
    }
  }

  private static func check(
    _ text: String, of field: WireField, _ precision: TimestampPrecision, in place: String
  ) throws(Refusal) {
    switch field {
    case .created, .expires, .intervalStart, .intervalEnding, .firstStart, .firstEnding, .lastEnding:
      guard let instant = UTCInstant(timestamp: text), instant.timestamp(precision) == text else {
        let form = precision == .seconds ? "yyyy-MM-ddTHH:mm:ssZ" : "yyyy-MM-ddTHH:mm:ss.SSSZ"
        throw Refusal("\(place) says \(quote(text)), not a time in the form \(form).")
      }
    default:
      guard !text.isEmpty, text.utf8.count <= 1_000 else { throw Refusal("\(place) is empty or too long.") }
    }
  }

  /// What is said once for many rows belongs to each of them.
  private mutating func spread() throws(Refusal) {
    for index in rows.indices {
      for (field, text) in fields {
        guard rows[index].updateValue(text, forKey: field) ?? text == text else {
          throw Refusal("The message says two things about \(field.rawValue).")
        }
      }
    }
  }

  private static func quote(_ text: String) -> String { "“\(text.prefix(80))”" }
}

extension WireElement {
  fileprivate func has(_ name: String) -> Bool { attributes.contains { $0.name == name } }
}
