import MarketCore
import MarketFiles
import TelemetryCore

/// What the stand-in for OASIS answers, as a value: as strict as CAISO's interface specification says.
struct OASISDesk: Sendable {
  /// One answer, and how it is delivered.
  struct Answer: Sendable {
    var status = 200
    var contentType = "application/x-zip-compressed"
    var body: [UInt8]
    var fault: MarketFault?
    /// For the journal.
    var note: String
  }

  /// The resource that is listed, and what is said of it.
  var resource: String
  var node: String
  var utility = "PGAE"
  var capacity = "1.05"
  /// The least time between two calls.
  var spacing: Milliseconds
  var faults: [MarketFault]
  private var lastCall: UptimeInstant?

  init(resource: String, node: String, spacing: Milliseconds, faults: [MarketFault]) {
    self.resource = resource
    self.node = node
    self.spacing = spacing
    self.faults = faults
  }

  static let throttlePage =
    "<html><body>Acceptable Use Violation. Requests are limited to one every 5 seconds.</body></html>"

  /// Answers a request with its path and query.
  mutating func answer(_ uri: String, now: UptimeInstant) throws -> Answer {
    let isEarly = lastCall.map { now - $0 < spacing } ?? false
    lastCall = now
    if isEarly { return page(Self.throttlePage, status: 429, "too early") }
    let fault = faults.isEmpty ? nil : faults.removeFirst()
    switch fault {
    case .throttle: return page(Self.throttlePage, status: 429, "fault throttle")
    case .throttlePage: return page(Self.throttlePage, status: 200, "fault throttle-200")
    case .page: return page("<html><body>Please log in</body></html>", status: 200, "fault page")
    default: break
    }
    var answer = try judge(uri, fault)
    answer.fault = fault
    return fault.map { Self.damaged(answer, $0) } ?? answer
  }

  private func page(_ text: String, status: Int, _ note: String) -> Answer {
    Answer(status: status, contentType: "text/html", body: Array(text.utf8), note: note)
  }

  // MARK: Judging

  private func judge(_ uri: String, _ fault: MarketFault?) throws -> Answer {
    let parts = uri.split(separator: "?", maxSplits: 1)
    guard parts.first == "/oasisapi/SingleZip", parts.count == 2 else {
      return page("<html><body>404</body></html>", status: 404, "no such servlet: \(uri)")
    }
    var values: [String: String] = [:]
    for pair in parts[1].split(separator: "&") {
      let words = pair.split(separator: "=", maxSplits: 1)
      guard words.count == 2, let value = PercentText.decode(words[1]) else { return try error(1001, "\(pair)") }
      values[String(words[0])] = value
    }
    let report = values["queryname"] ?? ""
    if fault == .noData { return try error(1000, "No data returned", member: "20261123_\(report)_N") }
    if fault == .brokenCode { return try error(1013, "Resources unavailable") }
    guard let start = values["startdatetime"].flatMap(OASISInstant.parse),
      let end = values["enddatetime"].flatMap(OASISInstant.parse)
    else { return try error(1002, "date format") }
    guard end - start <= Milliseconds.seconds(31 * 86_400) else { return try error(1004, "more than 31 days") }
    guard values["version"].flatMap({ Int($0) }) != nil else { return try error(1020, "version") }
    return try rows(report, values, start, end, fault)
  }

  private func rows(
    _ report: String, _ values: [String: String], _ start: UTCInstant, _ end: UTCInstant, _ fault: MarketFault?
  ) throws -> Answer {
    let table: OASISTable
    switch report {
    case "ATL_RESOURCE":
      table = OASISTable(
        columns: ["EFF_START_DT", "EFF_END_DT", "RESOURCE_ID", "NODE_ID"],
        rows: [["2016-06-03T07:00:00-00:00", "2099-01-01T08:00:00-00:00", resource, node]].filter(isWanted(values)))
    case "ATL_GEN_CAP_LST":
      table = OASISTable(
        columns: ["RESOURCE_AGG_TYPE", "NET_DEPENDABLE_CAPACITY", "RESOURCE_ID", "UDC"],
        rows: [["Y", capacity, resource, utility]].filter(isWanted(values)))
    case "AS_RESULTS":
      guard ["DAM", "HASP", "RTM"].contains(values["market_run_id"]), values["anc_type"] != nil,
        values["anc_region"] != nil
      else { return try error(1001, "market_run_id, anc_type and anc_region") }
      table = Self.ancillaryServices(start, end, values["market_run_id"] == "RTM" ? 900 : 3_600)
    case "PRC_INTVL_LMP", "PRC_RTPD_LMP", "PRC_LMP":
      guard let node = values["node"] else { return try error(1001, "node") }
      let (step, column): (Int64, String) =
        report == "PRC_INTVL_LMP" ? (300, "VALUE") : report == "PRC_RTPD_LMP" ? (900, "PRC") : (3_600, "MW")
      table = Self.prices(start, end, step, node: node, column: column)
    default: return try error(1001, "Invalid parameters: \(report)")
    }
    guard !table.rows.isEmpty else { return try error(1000, "No data returned", member: "20261123_\(report)_N") }
    let stem = "20261123_20261124_\(report)_\(values["market_run_id"] ?? "N")_v\(values["version"] ?? "")"
    return try zip(table, stem, fault, note: "\(report), \(table.rows.count) rows")
  }

  /// The resource of the list is the fourth or third cell.
  private func isWanted(_ values: [String: String]) -> ([String]) -> Bool {
    { row in values["resource_id"].map { $0 == "ALL" || row.contains($0) } ?? true }
  }

  // MARK: Rows

  private static func steps(_ start: UTCInstant, _ end: UTCInstant, _ seconds: Int64) -> [UTCInstant] {
    stride(from: start.seconds, to: end.seconds, by: Int(seconds)).map { UTCInstant(seconds: $0) }
  }

  /// As OASIS writes them, with the sign that nobody else writes.
  private static func stamp(_ instant: UTCInstant) -> String { String(instant.text.dropLast()) + "-00:00" }

  private static func ancillaryServices(_ start: UTCInstant, _ end: UTCInstant, _ step: Int64) -> OASISTable {
    let rows = steps(start, end, step).flatMap { instant in
      ["AS_CAISO", "AS_SP26"].map { region in
        [
          stamp(instant), stamp(instant + Milliseconds.seconds(step)), "SR", region, "RTM", "AS_MW",
          "\(100 + instant.seconds / step % 50)",
        ]
      }
    }
    // Not in the order of time, as the service's are not.
    return OASISTable(
      columns: [
        "INTERVALSTARTTIME_GMT", "INTERVALENDTIME_GMT", "ANC_TYPE", "ANC_REGION", "MARKET_RUN_ID", "RESULT_TYPE", "MW",
      ], rows: rows.reversed())
  }

  private static func prices(
    _ start: UTCInstant, _ end: UTCInstant, _ step: Int64, node: String, column: String
  ) -> OASISTable {
    let rows = steps(start, end, step).flatMap { instant in
      [("LMP", 30), ("MCE", 31), ("MCC", -1)].map { kind, base in
        [
          stamp(instant), stamp(instant + Milliseconds.seconds(step)), node, kind,
          "\(Int64(base) + instant.seconds / step % 20).25",
        ]
      }
    }
    return OASISTable(
      columns: ["INTERVALSTARTTIME_GMT", "INTERVALENDTIME_GMT", "NODE", "LMP_TYPE", column], rows: rows.reversed())
  }
}
