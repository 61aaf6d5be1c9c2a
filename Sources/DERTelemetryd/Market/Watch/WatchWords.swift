import MarketCore
import TelemetryCore

/// What the watch says.
enum WatchWords {
  private static let byteLimit = 500

  /// The last row in the order of time, of the whole price where there are parts of one.
  static func newest(_ table: OASISTable) -> String {
    let kind = table.index(of: "LMP_TYPE")
    let row = table.rows.last { row in kind.map { row[$0] == "LMP" } ?? true } ?? table.rows.last
    let cells = zip(table.columns, row ?? []).filter { !$0.1.isEmpty }.map { "\($0.0)=\($0.1)" }
    return cells.joined(separator: " ").controlsEscaped.cut(toBytes: byteLimit)
  }

  static func announcement(
    _ finding: DeviationFinding, of resource: ResourceID, _ terms: DeviationTerms, _ length: IntervalLength
  ) -> Announcement {
    switch finding {
    case .apart(let run):
      let share = ExactDecimal.format(terms.share, digits: 2)
      return Announcement(
        .deviationBegan,
        "\(resource): \(run.words(length)); that is further apart than \(share) % and \(terms.least.megawattText) MW for "
          + terms.hold.configurationText,
        resource: resource, intervalEnding: run.last)
    case .together(let ending):
      return Announcement(
        .deviationEnded, "\(resource): measured and scheduled are together again", resource: resource,
        intervalEnding: ending)
    }
  }
}
