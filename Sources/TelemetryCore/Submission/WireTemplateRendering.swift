/// The values for a template: the fields known where it is, and the rows that its repetitions go through.
struct WireValues {
  enum Value {
    case text(String)
    case instant(UTCInstant)
  }

  var fields: [WireField: Value] = [:]
  var rows: ArraySlice<SubmissionRow> = []
  var unit: WireUnit
  var intervalLength: IntervalLength = .fiveMinutes
  /// The receiver's codes for our measurement types, where they differ.
  var measurementCodes: [MeasurementType: String] = [:]

  init(unit: WireUnit) { self.unit = unit }

  mutating func set(_ field: WireField, _ text: String) { fields[field] = .text(text) }
  mutating func set(_ field: WireField, _ instant: UTCInstant) { fields[field] = .instant(instant) }

  mutating func setMeasurement(_ measurement: MeasurementType) {
    set(.measurementType, measurementCodes[measurement] ?? measurement.name)
  }

  mutating func setIntervalLength(_ length: IntervalLength) {
    intervalLength = length
    set(.intervalSeconds, String(length.seconds))
    set(.intervalMinutes, ExactDecimal.format(length.seconds * 1_000 / 60, digits: 3))
  }

  func text(_ text: WireText) -> String {
    switch text {
    case .constant(let constant): return constant
    case .field(let field, let precision):
      switch fields[field] {
      case .text(let text): return text
      case .instant(let instant): return instant.timestamp(precision)
      case nil: preconditionFailure("a profile's templates use only fields that their message has")
      }
    }
  }
}

extension WireElement {
  /// The namespace in force at a place of a message, and the prefixes declared around it.
  struct Scope {
    var namespace = ""
    var prefix: String?
    var declared: [String: String] = [:]
  }

  /// A whole message as UTF-8, with a declaration and no white space between elements.
  func render(_ values: WireValues) -> [UInt8] {
    var text = XMLText()
    var values = values
    text.write(XMLText.declaration)
    render(&values, in: Scope(), into: &text)
    return text.bytes
  }

  func render(
    _ values: inout WireValues, in scope: Scope, into text: inout XMLText, markedAs identifier: String? = nil
  ) {
    let rows = values.rows
    switch repeatedFor {
    case nil: write(&values, in: scope, into: &text, markedAs: identifier)
    case .resource:
      for group in Self.groups(rows, { $0.resource == $1.resource }) {
        group.first.map { values.set(.resourceID, $0.resource.name) }
        values.rows = group
        write(&values, in: scope, into: &text, markedAs: identifier)
      }
    case .series:
      for group in Self.groups(rows, { $0.resource == $1.resource && $0.measurement == $1.measurement }) {
        guard let first = group.first else { continue }
        values.set(.resourceID, first.resource.name)
        values.setMeasurement(first.measurement)
        values.rows = group
        write(&values, in: scope, into: &text, markedAs: identifier)
      }
    case .interval:
      for row in rows {
        values.setRow(row)
        write(&values, in: scope, into: &text, markedAs: identifier)
      }
    }
    values.rows = rows
  }

  private func write(
    _ values: inout WireValues, in outer: Scope, into text: inout XMLText, markedAs identifier: String?
  ) {
    var scope = outer
    if let namespace {
      scope.namespace = namespace
      scope.prefix = prefix
    }
    let tag = (scope.prefix.map { "\($0):" } ?? "") + name
    text.write("<\(tag)")
    if scope.declared[scope.prefix ?? ""] ?? "" != scope.namespace {
      text.write(scope.prefix.map { " xmlns:\($0)=\"" } ?? " xmlns=\"")
      text.writeEscaped(scope.namespace)
      text.write("\"")
      scope.declared[scope.prefix ?? ""] = scope.namespace
    }
    if let identifier { text.write(" wsu:Id=\"\(identifier)\"") }
    for attribute in attributes {
      text.write(" \(attribute.name)=\"")
      text.writeEscaped(values.text(attribute.text))
      text.write("\"")
    }
    if self.text == nil, children.isEmpty { return text.write("/>") }
    text.write(">")
    if let content = self.text { text.writeEscaped(values.text(content)) }
    for child in children { child.render(&values, in: scope, into: &text) }
    text.write("</\(tag)>")
  }

  /// Neighbours that belong together, in the order in which they stand.
  private static func groups(
    _ rows: ArraySlice<SubmissionRow>, _ together: (SubmissionRow, SubmissionRow) -> Bool
  ) -> [ArraySlice<SubmissionRow>] {
    var groups: [ArraySlice<SubmissionRow>] = []
    var start = rows.startIndex
    for index in rows.indices where index > start && !together(rows[index - 1], rows[index]) {
      groups.append(rows[start..<index])
      start = index
    }
    if start < rows.endIndex { groups.append(rows[start...]) }
    return groups
  }
}

extension WireValues {
  mutating func setRow(_ row: SubmissionRow) {
    set(.resourceID, row.resource.name)
    setMeasurement(row.measurement)
    set(.intervalEnding, row.intervalEnding.instant)
    set(.intervalStart, row.intervalEnding.start(intervalLength))
    set(.energy, row.unit.map { unit.text(row.value, in: $0) } ?? unit.text(row.value))
  }
}
