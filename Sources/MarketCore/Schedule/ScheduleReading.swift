package import TelemetryCore

/// Makes schedules of documents: YAML and JSON as trees, CSV as text.
package struct ScheduleReading {
  package private(set) var schedules: [DaySchedule] = []
  package private(set) var problems = ConfigurationProblems()
  private let zone: TimeZoneTransitions
  private let rules: ScheduleRules

  /// More than the resources of any coordinator for a week.
  package static let documentLimit = 10_000

  package init(zone: TimeZoneTransitions, rules: ScheduleRules = .standard) {
    self.zone = zone
    self.rules = rules
  }

  /// Reads a file of one document, or of a list of them.
  package mutating func read(_ node: ConfigurationNode) {
    guard case .sequence(let nodes) = node.content else { return readDocument(node, path: "") }
    guard nodes.count <= Self.documentLimit else {
      return report(node.place, "(file)", "has \(nodes.count) schedules: expected at most \(Self.documentLimit)")
    }
    for (index, document) in nodes.enumerated() { readDocument(document, path: "[\(index)]") }
  }

  private mutating func readDocument(_ node: ConfigurationNode, path: String) {
    let (zone, rules) = (zone, rules)
    let schedule = ConfigurationReader.read(node, path: path, into: &problems) { reader in
      DaySchedule(reading: &reader, zone: zone, rules: rules)
    }
    if let schedule { schedules.append(schedule) }
  }

  private mutating func report(_ place: ConfigurationPlace, _ key: String, _ message: String) {
    problems.append(ConfigurationProblem(place: place, key: key, message: message))
  }

  // MARK: CSV

  package static let columns = ["resource", "trading_date", "hour_ending", "mw"]

  /// Reads a table with a line for each hour; its columns in any order.
  package mutating func read(csv text: String, file: String) {
    do throws(CSVReading.Problem) {
      let rows = try CSVReading.rows(of: text)
      let header = rows.first?.cells ?? []
      let places = Self.columns.compactMap { header.firstIndex(of: $0) }
      guard places.count == Self.columns.count, header.count == places.count else {
        let expected = Self.columns.joined(separator: ",")
        let found = ConfigurationNode.shown(header.joined(separator: ","))
        return report(
          ConfigurationPlace(file: file, line: 1, column: 1), "(file)",
          "expected the columns \(expected); found \(header.isEmpty ? "nothing" : found)")
      }
      var groups: [(name: [String], rows: [(line: Int, cells: [String])])] = []
      var indices: [[String]: Int] = [:]
      for row in rows.dropFirst() {
        guard row.cells.count == header.count else {
          report(
            ConfigurationPlace(file: file, line: row.line, column: 1), "(line)",
            "has \(row.cells.count) cells: expected \(header.count)")
          continue
        }
        let cells = places.map { row.cells[$0] }
        let name = Array(cells.prefix(2))
        if indices[name] == nil {
          indices[name] = groups.count
          groups.append((name, []))
        }
        if let index = indices[name] { groups[index].rows.append((row.line, cells)) }
      }
      guard groups.count <= Self.documentLimit else {
        return report(
          ConfigurationPlace(file: file, line: 1, column: 1), "(file)",
          "has \(groups.count) schedules: expected at most \(Self.documentLimit)")
      }
      for group in groups { readDocument(Self.node(group.rows, file: file), path: "") }
    } catch {
      report(ConfigurationPlace(file: file, line: error.line, column: 1), "(file)", "is no CSV: \(error.reason)")
    }
  }

  /// The lines of one resource and trade date as the document that they stand for.
  private static func node(_ rows: [(line: Int, cells: [String])], file: String) -> ConfigurationNode {
    func place(_ line: Int) -> ConfigurationPlace { ConfigurationPlace(file: file, line: line, column: 1) }
    let first = rows[0]
    func text(_ text: String, _ line: Int) -> ConfigurationNode { ConfigurationNode(.scalar(text), at: place(line)) }
    let hours = rows.map { row in
      (key: row.cells[2], place: place(row.line), value: text(row.cells[3], row.line))
    }
    let pairs: ConfigurationNode.Pairs = [
      ("transaction", place(first.line), text(DaySchedule.transaction, first.line)),
      ("resource", place(first.line), text(first.cells[0], first.line)),
      ("trading_date", place(first.line), text(first.cells[1], first.line)),
      ("hours", place(first.line), ConfigurationNode(.mapping(hours), at: place(first.line))),
    ]
    return ConfigurationNode(.mapping(pairs), at: place(first.line))
  }
}

// MARK: One document

extension DaySchedule {
  fileprivate init?(reading reader: inout ConfigurationReader, zone: TimeZoneTransitions, rules: ScheduleRules) {
    _ = reader.required("transaction", .oneOf([Self.transaction: true]))
    let resource = reader.required("resource", .name(such: "EXAMPL_7_DERA1"))
    let date = reader.required("trading_date", .tradingDate)
    let values = reader.requiredMapping("hours") { Self.values(&$0, digits: rules.digits) }
    guard let date else { return nil }
    let market = MarketHours(of: date, in: zone)
    var powers: [Int: Power?] = [:]
    for (number, power) in values ?? [] {
      if powers.updateValue(power, forKey: number) != nil {
        reader.report("hours", "has hour ending \(number) more than once, in other digits")
      }
    }
    let known = Set(market.numbers)
    for number in powers.keys.sorted() where !known.contains(number) {
      reader.report("hours", "has hour ending \(number): \(date) has \(market.words)")
    }
    let missing = values == nil ? [] : market.numbers.filter { powers[$0] == nil }
    if !missing.isEmpty {
      let list = missing.prefix(25).map { "\($0)" }.joined(separator: ", ")
      reader.report("hours", "lacks hour ending \(list): \(date) has \(market.words)")
    }
    guard let resource, values != nil, missing.isEmpty else { return nil }
    let hours = market.hours.compactMap { hour in
      powers[hour.number].flatMap { $0 }.map { Hour(hourEnding: hour.number, ending: hour.ending, power: $0) }
    }
    guard hours.count == market.hours.count else { return nil }
    self.init(
      resource: ResourceID(resource), tradeDate: date, hours: hours, place: reader.place, key: reader.path)
  }

  /// Each hour with its value; nil for one that could not be read, which is reported: it is not missing too.
  private static func values(_ reader: inout ConfigurationReader, digits: Int) -> [(number: Int, power: Power?)] {
    let name = ConfigurationForm<Int>.hourEnding
    return reader.keys.compactMap { key in
      guard let number = name.parse(key) else {
        reader.refuse(key, "is no hour that can stand here: expected \(name.expectation)")
        return nil
      }
      return (number, reader.required(key, .megawatts(digits: digits)))
    }
  }
}

extension ConfigurationForm<Int> {
  fileprivate static var hourEnding: Self {
    Self("an hour ending from 1 to 24, or 25 where clocks go back") { text in
      ConfigurationForm.integer(1...25, such: 1).parse(text)
    }
  }
}

extension ConfigurationForm<Power> {
  /// An exact number of megawatts without a unit.
  fileprivate static func megawatts(digits: Int) -> Self {
    let expectation =
      "a number of MW with at most \(digits) digits after the point, such as \"0.500\": the unit is MW and not written"
    return Self(expectation) { text in
      guard let steps = ExactDecimal.parse(text, digits: digits) else { return nil }
      var milliwatts: Int64? = steps
      for _ in digits..<9 {
        guard let (product, overflows) = milliwatts.map({ $0.multipliedReportingOverflow(by: 10) }) else { return nil }
        milliwatts = overflows ? nil : product
      }
      // More than all of California.
      return milliwatts.flatMap { abs($0) <= 100_000_000_000_000 ? Power(milliwatts: $0) : nil }
    }
  }
}

extension ConfigurationForm<TradeDate> {
  /// A trade date; the forms that people write instead are told apart where they can be.
  fileprivate static var tradingDate: Self { Self("\(TradeDate.expectation) (ISO 8601)") { TradeDate($0) } }
}
