package import TelemetryCore

/// A request to OASIS as a person writes it, and as it goes out.
package struct OASISRequest: Sendable, Hashable {
  package struct Item: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// In the order in which they were written, then what was added.
  package private(set) var items: [Item]
  /// What was added or changed, and why: one sentence each.
  package private(set) var additions: [String] = []
  /// What a person should know of the report.
  package private(set) var notes: [String] = []
  package private(set) var report: String
  package private(set) var start: UTCInstant
  package private(set) var end: UTCInstant

  /// What a completed request goes by.
  package struct Circumstances: Sendable {
    package var now: UTCInstant
    package var zone: TimeZoneTransitions
    /// Versions of reports that the user has set.
    package var versions: [String: String]

    package init(now: UTCInstant, zone: TimeZoneTransitions, versions: [String: String] = [:]) {
      self.now = now
      self.zone = zone
      self.versions = versions
    }
  }

  package static let textLimit = 4_000
  /// Eight years in chunks of 30 days: OASIS keeps 39 months.
  package static let chunkLimit = 100
  private static let itemLimit = 40
  /// OASIS takes 31 calendar days, and counts each that is touched: 30 times 24 hours touch no more.
  private static let chunk = Milliseconds.seconds(30 * 86_400)

  /// Takes a path with a query, with or without the host, and adds what CAISO requires.
  package init(_ text: String, _ circumstances: Circumstances) throws(OASISRequestProblem) {
    let (servlet, items) = try Self.parse(text)
    try self.init(items, circumstances, additions: Self.servletNote(servlet).map { [$0] } ?? [])
  }

  /// Likewise of items alone.
  package init(_ items: [Item], _ circumstances: Circumstances) throws(OASISRequestProblem) {
    try self.init(items, circumstances, additions: [])
  }

  private init(
    _ items: [Item], _ circumstances: Circumstances, additions: [String]
  ) throws(OASISRequestProblem) {
    self.items = items
    self.additions = additions
    guard let report = items.first(where: { $0.name == "queryname" })?.value, !report.isEmpty else {
      throw OASISRequestProblem("has no `queryname`: name the report, such as `queryname=AS_RESULTS`")
    }
    self.report = report
    start = circumstances.now
    end = circumstances.now
    let known = OASISReport.named(report)
    try addParameters(of: known)
    try readDates(circumstances, known)
    addVersion(of: known, circumstances)
    if value("resultformat") == nil { add("resultformat", "6", "asks for CSV") }
    if let note = known?.note { notes.append(note) }
    if known == nil { notes.append("\(report.controlsEscaped) is not known here: what else it needs was not checked") }
  }

  package func value(_ name: String) -> String? { items.first { $0.name == name }?.value }

  // MARK: What goes out

  /// The queries to send one after the other: of at most 30 days each.
  package func queries() -> [String] {
    chunks.map { chunk in
      items.map { item in
        let value =
          switch item.name {
          case "startdatetime": OASISInstant.text(chunk.start)
          case "enddatetime": OASISInstant.text(chunk.end)
          default: PercentText.encode(item.value)
          }
        return "\(item.name)=\(value)"
      }.joined(separator: "&")
    }
  }

  private var chunks: [(start: UTCInstant, end: UTCInstant)] {
    var chunks: [(start: UTCInstant, end: UTCInstant)] = []
    var from = start
    while from < end {
      let to = min(end, from + Self.chunk)
      chunks.append((from, to))
      from = to
    }
    return chunks
  }

  // MARK: What is added

  private mutating func add(_ name: String, _ value: String, _ why: String) {
    items.append(Item(name, value))
    additions.append("\(name)=\(value): \(why)")
  }

  private mutating func addParameters(of report: OASISReport?) throws(OASISRequestProblem) {
    for parameter in report?.parameters ?? [] {
      if let given = value(parameter.name) {
        guard parameter.allowed.isEmpty || parameter.allowed.contains(given) else {
          let allowed = parameter.allowed.joined(separator: ", ")
          throw OASISRequestProblem("has \(parameter.name)=\(given.controlsEscaped): expected one of \(allowed)")
        }
      } else if let value = parameter.value {
        add(parameter.name, value, "\(self.report) requires it")
      } else {
        throw OASISRequestProblem("has no `\(parameter.name)`, which \(self.report) requires")
      }
    }
  }

  private mutating func addVersion(of report: OASISReport?, _ circumstances: Circumstances) {
    guard value("version") == nil else { return }
    let version = circumstances.versions[self.report] ?? report?.version ?? "1"
    add("version", version, "every report requires its version")
  }

  private mutating func readDates(
    _ circumstances: Circumstances, _ report: OASISReport?
  ) throws(OASISRequestProblem) {
    let zone = circumstances.zone
    let today = TradeDate(of: IntervalEnding(containing: circumstances.now, length: .oneSecond), in: zone)
    if let given = try instant("startdatetime", in: zone) {
      start = given
    } else {
      start = today.start(in: zone)
      add("startdatetime", OASISInstant.text(start), "the start of trade date \(today)")
    }
    if let given = try instant("enddatetime", in: zone) {
      end = given
    } else {
      let second = IntervalEnding(containing: start + Milliseconds.seconds(1), length: .oneSecond)
      let date = TradeDate(of: second, in: zone)
      end = date.advanced(by: 1).start(in: zone)
      add("enddatetime", OASISInstant.text(end), "the end of trade date \(date)")
    }
    guard start < end else {
      throw OASISRequestProblem("ends at \(end.text), which is not after its start at \(start.text)")
    }
    let count = ((end - start).count + Self.chunk.count - 1) / Self.chunk.count
    guard count <= Self.chunkLimit else {
      throw OASISRequestProblem("is for \(count * 30) days: expected at most \(Self.chunkLimit * 30)")
    }
    if count > 1 { additions.append("\(count) calls of at most 30 days: OASIS takes 31 calendar days at once") }
  }

  private mutating func instant(
    _ name: String, in zone: TimeZoneTransitions
  ) throws(OASISRequestProblem) -> UTCInstant? {
    guard let index = items.firstIndex(where: { $0.name == name }) else { return nil }
    let text = items[index].value
    guard let instant = OASISInstant.read(text, in: zone, isEnd: name == "enddatetime") else {
      throw OASISRequestProblem("has \(name)=\(text.controlsEscaped): expected \(OASISInstant.expectation)")
    }
    let own = OASISInstant.text(instant)
    if own != text {
      additions.append("\(name)=\(own) in place of \(text.controlsEscaped): the form that OASIS takes")
      items[index].value = own
    }
    return instant
  }

  // MARK: Reading

  private static func servletNote(_ servlet: String) -> String? {
    servlet == "/oasisapi/SingleZip" || servlet.isEmpty
      ? nil : "/oasisapi/SingleZip in place of \(servlet.controlsEscaped): the servlet as CAISO writes it, over https"
  }

  private static func parse(_ text: String) throws(OASISRequestProblem) -> (servlet: String, items: [Item]) {
    guard text.utf8.count <= textLimit else { throw OASISRequestProblem("is longer than \(textLimit) bytes") }
    let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    let (address, query) = parts.count == 2 ? (parts[0], parts[1]) : ("", parts[0])
    let servlet = path(of: address)
    if servlet.lowercased().hasSuffix("/groupzip") {
      throw OASISRequestProblem("is for GroupZip: expected `SingleZip` with `queryname`")
    }
    guard servlet.isEmpty || servlet.lowercased().hasSuffix("/singlezip") else {
      throw OASISRequestProblem("is for \(servlet.controlsEscaped): expected `/oasisapi/SingleZip?queryname=…`")
    }
    var items: [Item] = []
    for pair in query.split(separator: "&") {
      let words = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard words.count == 2, let name = PercentText.decode(words[0]), let value = PercentText.decode(words[1]) else {
        throw OASISRequestProblem("has \(String(pair).controlsEscaped): expected NAME=VALUE")
      }
      guard name.utf8.allSatisfy({ $0 == 0x5F || $0.isASCIILetterOrDigit }), !name.isEmpty else {
        throw OASISRequestProblem("has the name \(name.controlsEscaped): expected letters, digits and `_`")
      }
      guard !items.contains(where: { $0.name == name }) else {
        throw OASISRequestProblem("has `\(name)` twice")
      }
      items.append(Item(name, value))
    }
    guard items.count <= itemLimit else { throw OASISRequestProblem("has more than \(itemLimit) parameters") }
    return (servlet, items)
  }

  /// What stands behind the host, where there is one.
  private static func path(of address: Substring) -> String {
    guard let scheme = address.firstRange(of: "://") else { return String(address) }
    let rest = address[scheme.upperBound...]
    return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? ""
  }
}

/// Why a request cannot be sent; follows "the request".
package struct OASISRequestProblem: Error, Hashable, Sendable, CustomStringConvertible {
  package var description: String
  init(_ description: String) { self.description = description }
}

extension UInt8 {
  var isASCIILetterOrDigit: Bool {
    (0x30...0x39).contains(self) || (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self)
  }
}
