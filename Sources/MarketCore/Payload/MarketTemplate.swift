import TelemetryCore

/// One element of a payload that a receiver wants, with everything inside it.
///
/// Data from a profile: names, order and namespaces are the receiver's, the values are ours.
package struct MarketTemplate: Sendable, Hashable {
  package enum Text: Sendable, Hashable {
    case constant(String)
    case field(Field)
  }

  /// What a payload says in one place.
  package enum Field: String, Sendable, CaseIterable {
    // Everywhere
    case created
    case source
    case schedulingCoordinator = "scheduling_coordinator"
    // Of a schedule
    case resourceID = "resource_id"
    case tradeDate = "trade_date"
    case dayStart = "day_start"
    case dayEnd = "day_end"
    /// The same for the same schedule.
    case bidName = "bid_name"
    // Of an hour
    case hourEnding = "hour_ending"
    case hourStart = "hour_start"
    case hourEnd = "hour_end"
    case megawatts
    // Of a question about dispatch
    case lastBatch = "last_batch"
    case batch

    static let everywhere: Set<Self> = [.created, .source, .schedulingCoordinator]
    static let ofSchedule: Set<Self> = [.resourceID, .tradeDate, .dayStart, .dayEnd, .bidName]
    static let ofHour: Set<Self> = [.hourEnding, .hourStart, .hourEnd, .megawatts]
  }

  package enum Repetition: String, Sendable, CaseIterable {
    case schedule
    case hour
  }

  package var name: String
  /// Nil takes that of the element around it.
  package var namespace: String?
  package var repeatedFor: Repetition?
  package var text: Text?
  package var children: [MarketTemplate]
}

// MARK: Writing

extension MarketTemplate {
  typealias Values = [Field: String]

  /// What the hours of a schedule are repeated for.
  struct Rows {
    var schedules: [(values: Values, hours: [Values])]
    var hours: [Values] = []
  }

  /// The whole payload as UTF-8, with a declaration and no white space between elements.
  func render(_ values: Values, _ rows: Rows) -> [UInt8] {
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    render(values, rows, namespace: "", into: &text)
    return Array(text.utf8)
  }

  /// The element alone, for the inside of another; it repeats nothing.
  func element(_ values: Values) -> String {
    var text = ""
    render(values, Rows(schedules: []), namespace: "", into: &text)
    return text
  }

  private func render(_ values: Values, _ rows: Rows, namespace: String, into text: inout String) {
    switch repeatedFor {
    case nil: write(values, rows, namespace: namespace, into: &text)
    case .schedule:
      for schedule in rows.schedules {
        let inner = Rows(schedules: [], hours: schedule.hours)
        write(values.merging(schedule.values) { $1 }, inner, namespace: namespace, into: &text)
      }
    case .hour:
      for hour in rows.hours {
        write(values.merging(hour) { $1 }, Rows(schedules: []), namespace: namespace, into: &text)
      }
    }
  }

  private func write(_ values: Values, _ rows: Rows, namespace outer: String, into text: inout String) {
    let inner = namespace ?? outer
    text += "<\(name)"
    if inner != outer { text += " xmlns=\"\(Self.escaped(inner))\"" }
    guard self.text != nil || !children.isEmpty else { return text += "/>" }
    text += ">"
    switch self.text {
    case nil: break
    case .constant(let constant): text += Self.escaped(constant)
    case .field(let field): text += Self.escaped(values[field] ?? "")
    }
    for child in children { child.render(values, rows, namespace: inner, into: &text) }
    text += "</\(name)>"
  }

  /// Text that a parser reads back as the same characters; names and dates have none that XML cannot write.
  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "\t", "\n", "\r": escaped += "&#\(scalar.value);"
      case _ where scalar.value < 0x20: escaped += "?"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}

// MARK: Reading

extension MarketTemplate {
  /// Reads a template; whatever it asks for that stands not where it is, is a problem.
  static func read(
    _ reader: inout ConfigurationReader, fields: Set<Field> = Field.everywhere, isInSchedule: Bool = false
  ) -> Self? {
    let name = reader.required("element", .xmlName)
    let namespace = reader.optional("namespace", .text(such: "http://www.example.com/data.xsd"))
    let repetition = repetition(&reader, isInSchedule: isInSchedule)
    var inner = fields
    if repetition == .schedule { inner.formUnion(Field.ofSchedule) }
    if repetition == .hour { inner.formUnion(Field.ofHour) }
    let constant = reader.optional("text", .textOrEmpty(such: "DAM"))
    let field = reader.optional("value", .field(among: inner))
    if constant != nil, field != nil { reader.report("value", "cannot stand beside `text`") }
    var children: [Self]? = []
    if reader.contains("content") {
      let isInside = isInSchedule || repetition == .schedule
      children = reader.mappings("content") { read(&$0, fields: inner, isInSchedule: isInside) }
      if constant != nil || field != nil { reader.report("content", "cannot stand beside `text` or `value`") }
    }
    guard let name, let children else { return nil }
    return Self(
      name: name, namespace: namespace, repeatedFor: repetition,
      text: field.map { .field($0) } ?? constant.map { .constant($0) }, children: children)
  }

  private static func repetition(_ reader: inout ConfigurationReader, isInSchedule: Bool) -> Repetition? {
    guard let found = reader.optional("for_each", .oneOf(["schedule": Repetition.schedule, "hour": .hour])) else {
      return nil
    }
    guard isInSchedule == (found == .hour) else {
      reader.report("for_each", found == .hour ? "stands only within a schedule" : "stands within another schedule")
      return nil
    }
    return found
  }
}

extension ConfigurationForm<String> {
  fileprivate static var xmlName: Self {
    Self("an XML name without a prefix, such as `RawBidSet`") { text in
      guard let first = text.utf8.first, first == 0x5F || first.isASCIILetterOrDigit && first > 0x39 else { return nil }
      let isName = text.utf8.count <= 128 && text.utf8.allSatisfy { $0.isASCIILetterOrDigit || "_-.".utf8.contains($0) }
      return isName ? text : nil
    }
  }
}

extension ConfigurationForm<MarketTemplate.Field> {
  fileprivate static func field(among fields: Set<MarketTemplate.Field>) -> Self {
    let known = fields.map(\.rawValue).sorted().map { "`\($0)`" }.joined(separator: ", ")
    return Self("one of the values known here: \(known)") { text in
      MarketTemplate.Field(rawValue: text).flatMap { fields.contains($0) ? $0 : nil }
    }
  }
}
