package import TelemetryCore

/// What the service asks of the market by itself, while it runs.
///
/// Nothing is watched that is not named: the file says so, and as whom it is asked.
package struct WatchSettings: Sendable, Hashable {
  /// A report of OASIS, as a person would ask for it.
  package struct Report: Sendable, Hashable {
    package var request: String
    package var every: Milliseconds
  }

  /// How often each is asked; nil is never.
  package var dispatch: Milliseconds?
  package var awards: Milliseconds?
  /// Five-minute prices at the registered nodes.
  package var prices: Milliseconds?
  package var reports: [Report] = []
  /// Nil says nothing when measured and scheduled part.
  package var deviation: DeviationTerms?
  /// Older rows are removed from the database, so that it does not grow without end.
  package var keepDays = 400

  package static let reportLimit = 20

  package init() {}

  init?(reading reader: inout ConfigurationReader) {
    let seconds = ConfigurationForm<Milliseconds>.duration(.seconds(1) ... .seconds(86_400), such: "30s")
    dispatch = reader.optional("dispatch", seconds)
    awards = reader.optional("awards", seconds)
    prices = reader.optional("prices", seconds)
    deviation = reader.optionalMapping("deviation", DeviationTerms.init(reading:))
    keepDays = reader.value("keep_days", .integer(2...4_000, such: 400), default: keepDays)
    guard reader.contains("reports") else { return }
    let found = reader.mappings("reports") { reader -> Report? in
      let request = reader.required(
        "request", .text(such: "queryname=AS_RESULTS&market_run_id=RTM", limit: OASISRequest.textLimit))
      let every = reader.value("every", seconds, default: .seconds(900))
      return request.map { Report(request: $0, every: every) }
    }
    guard let found else { return nil }
    guard found.count <= Self.reportLimit else {
      reader.report("reports", "has \(found.count) reports: expected at most \(Self.reportLimit)")
      return nil
    }
    reports = found
  }
}
