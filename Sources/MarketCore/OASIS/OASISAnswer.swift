import TelemetryCore

/// What came back from OASIS, as the shell could take it apart.
package struct OASISReply: Sendable {
  package enum Content: Sendable {
    /// The members of a ZIP, whole.
    case members([Member])
    /// Something else, by its first bytes.
    case notAnArchive([UInt8])
    /// A ZIP that is damaged, hostile or too large: why.
    case broken(String)
  }

  package struct Member: Sendable, Hashable {
    package var name: String
    package var bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
      self.name = name
      self.bytes = bytes
    }
  }

  package var status: Int
  package var content: Content

  package init(status: Int, content: Content) {
    self.status = status
    self.content = content
  }
}

/// What an answer of OASIS means, judged by what it says and not by how it is labelled.
///
/// OASIS answers with status 200 to nearly everything, errors too; "no data" comes under the name of the report; the page of
/// its throttle was seen with status 429 and with 200.
package enum OASISAnswer: Sendable, Hashable {
  case table(OASISTable)
  /// Not published yet, or nothing there: code 1000.
  case noData(String)
  /// Asked too soon.
  case throttled(String)
  /// OASIS cannot now; the same call may go through later.
  case unavailable(String)
  /// The request is wrong: a person must change it.
  case refused(code: Int, String)
  /// Neither data nor an error of OASIS.
  case unusable(String)

  /// Judges a reply; `parse` makes a tree of XML, and throws where it is none.
  package init(
    _ reply: OASISReply, for report: OASISReport?, parse: ([UInt8]) throws(OASISParseFailure) -> MarketElement
  ) {
    switch reply.content {
    case .notAnArchive(let bytes): self = Self.judge(bytes, reply.status)
    case .broken(let reason): self = .unusable("the ZIP cannot be used: \(reason)")
    case .members(let members): self = Self.judge(members, report, parse)
    }
  }

  // MARK: Not a ZIP

  private static func judge(_ bytes: [UInt8], _ status: Int) -> Self {
    let text = String(decoding: bytes.prefix(2_000), as: UTF8.self)
    let lower = text.lowercased()
    if status == 429 || lower.contains("acceptable use") || lower.contains("requests per") {
      return .throttled("the page of the throttle, with status \(status)")
    }
    let shown = ConfigurationNode.shown(text)
    if (500...599).contains(status) { return .unavailable("status \(status): \(shown)") }
    return .unusable(
      "status \(status) and no ZIP but \(bytes.isEmpty ? "nothing" : shown): is the URL that of OASIS, and over https?")
  }

  // MARK: A ZIP

  private static func judge(
    _ members: [OASISReply.Member], _ report: OASISReport?,
    _ parse: ([UInt8]) throws(OASISParseFailure) -> MarketElement
  ) -> Self {
    guard !members.isEmpty else { return .unusable("the ZIP is empty") }
    var table = OASISTable()
    for member in members {
      switch judge(member, parse) {
      case .table(let more): table.append(more)
      case let other: return other
      }
    }
    if let report, !table.rows.isEmpty {
      let missing = report.columns.filter { table.index(of: $0) == nil && !isInXML($0, table) }
      guard missing.isEmpty else {
        let columns = table.columns.prefix(30).joined(separator: ", ").controlsEscaped
        return .unusable("\(report.name) without \(missing.joined(separator: ", ")): it has \(columns)")
      }
    }
    return .table(table.sorted)
  }

  /// XML names its parts in other words than CSV.
  private static func isInXML(_ column: String, _ table: OASISTable) -> Bool {
    table.index(of: "DATA_ITEM") != nil && table.index(of: "RESOURCE_NAME") != nil
  }

  private static func judge(
    _ member: OASISReply.Member, _ parse: ([UInt8]) throws(OASISParseFailure) -> MarketElement
  ) -> Self {
    var bytes = member.bytes[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    let name = ConfigurationNode.shown(member.name)
    guard let first = bytes.first(where: { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }) else {
      return .unusable("\(name) is empty")
    }
    guard first == 0x3C else { return csv(Array(bytes), name) }
    do throws(OASISParseFailure) {
      let root = try parse(Array(bytes))
      if let error = root.first("ERROR") { return OASISCode.answer(error) }
      return .table(OASISTable(root))
    } catch {
      return .unusable("\(name) is no XML: \(error.reason)")
    }
  }

  private static func csv(_ bytes: [UInt8], _ name: String) -> Self {
    guard let text = String(validating: bytes, as: UTF8.self) else { return .unusable("\(name) is not UTF-8") }
    do throws(CSVReading.Problem) {
      let all = try CSVReading.rows(of: text)
      let rows = all.dropFirst()
      guard let header = all.first?.cells, header.count > 1, Set(header).count == header.count,
        header.allSatisfy(isColumn)
      else {
        return .unusable("\(name) does not begin with names of columns but with \(ConfigurationNode.shown(text))")
      }
      for row in rows where row.cells.count != header.count {
        return .unusable(
          "\(name), line \(row.line): \(row.cells.count) cells under \(header.count) columns: it was cut short")
      }
      return .table(OASISTable(columns: header, rows: rows.map(\.cells)))
    } catch {
      return .unusable("\(name), \(error)")
    }
  }

  private static func isColumn(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64 && name.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == 0x5F }
  }
}

/// Why XML could not be read.
package struct OASISParseFailure: Error, Sendable, Hashable {
  package var reason: String
  package init(reason: String) { self.reason = reason }
}

/// The error codes of OASIS (Interface Specification v5.1.8, 3.2); which may pass by themselves is our reading.
package enum OASISCode {
  static func answer(_ error: MarketElement) -> OASISAnswer {
    let text = error.first("ERR_CODE")?.text.filter { !$0.isWhitespace } ?? ""
    let description = (error.first("ERR_DESC")?.text ?? "").controlsEscaped
    guard let code = Int(text), text.utf8.count <= 6 else {
      return .unusable("an error without a code: \(ConfigurationNode.shown(description))")
    }
    let said = "\(code) \(meaning(code))" + (description.isEmpty ? "" : ": \(String(description.prefix(300)))")
    switch code {
    case 1000: return .noData(said)
    case 1003, 1008, 1010, 1012, 1013, 1015: return .unavailable(said)
    default: return .refused(code: code, said)
    }
  }

  package static func meaning(_ code: Int) -> String {
    switch code {
    case 1000: "no data: not published yet, or none"
    case 1001: "parameters that this report does not take"
    case 1002: "date and time in another form"
    case 1003: "the query took too long there"
    case 1004: "more than 31 days"
    case 1005: "no report of this name"
    case 1006: "the XML could not be made"
    case 1007: "a file is missing there"
    case 1008: "out of memory there"
    case 1009: "a file could not be read there"
    case 1010: "a fault of the system there"
    case 1011: "an empty query"
    case 1012: "a connection was refused there"
    case 1013: "resources are not available there"
    case 1014: "a start before what is kept"
    case 1015: "the group is being built: ask later"
    case 1016: "no group of this name"
    case 1017: "more than 10 nodes"
    case 1018: "several hours at once"
    case 1019: "market_term=ALL is not taken"
    case 1020: "the version is missing or not one of this report"
    default: "a code that is not known here"
    }
  }
}
