import TelemetryCore

/// The last intervals of every series as lines that fit a terminal of 80 by 24.
///
/// A few series have two lines each, values above states; more have one, and a column less. Each line leaves the last
/// column free and the last line stays empty, so that no terminal wraps or scrolls.
struct FollowedScreen {
  static let width = 79
  static let height = 23
  /// The most columns that a screen can use.
  static let columnCount = 4

  private static let largeName = 26
  private static let largeCell = 13
  private static let smallName = 22
  private static let smallCell = 19
  /// Title, names of columns and the sum; a screen with large cells has two empty lines and a last one besides.
  private static let frameHeight = 3
  private static let largeFrameHeight = 6

  let lines: [String]

  /// - Parameters:
  ///   - title: the first line
  ///   - series: the rows of each series, oldest first; not every series needs a row for every interval
  ///   - sum: the audit in one line
  init(title: String, series: [[IntervalRow]], sum: String) {
    let series = series.filter { !$0.isEmpty }
    let isLarge = 2 * series.count <= Self.height - Self.largeFrameHeight
    let columns = Set(series.joined().map(\.intervalEnding)).sorted().suffix(isLarge ? Self.columnCount : 3)
    let cell = isLarge ? Self.largeCell : Self.smallCell
    let units = Set(series.joined().map(\.unit)).sorted().joined(separator: ", ")
    let corner = isLarge ? Self.pad("RESOURCE", Self.largeName) : Self.pad("RESOURCE  \(units)", Self.smallName)
    let header = corner + columns.map { Self.pad($0.instant.clockText, cell) }.joined()
    let all =
      isLarge
      ? [title, "", header] + series.flatMap { Self.large($0, columns) } + ["", sum, "Ctrl-C ends this view"]
      : [title, header] + Self.small(series, columns) + [sum]
    lines = all.map { String($0.prefix(Self.width)) }
  }

  private static func large(_ rows: [IntervalRow], _ columns: ArraySlice<IntervalEnding>) -> [String] {
    let cells = cells(rows, columns)
    return [
      name(rows, largeName) + cells.map { pad($0.map { $0.value ?? "-" } ?? "", largeCell) }.joined(),
      pad("  \(rows.first?.unit ?? "")", largeName) + cells.map { pad($0?.state ?? "", largeCell) }.joined(),
    ]
  }

  private static func small(_ series: [[IntervalRow]], _ columns: ArraySlice<IntervalEnding>) -> [String] {
    let limit = height - frameHeight
    let shown = series.count <= limit ? series.count : limit - 1
    let lines = series.prefix(shown).map { rows in
      let cells = cells(rows, columns).map { row in row.map { "\($0.value ?? "-") \($0.state)" } ?? "" }
      return name(rows, smallName) + cells.map { pad($0, smallCell) }.joined()
    }
    return lines + (shown < series.count ? ["and \(series.count - shown) more; choose with --resource"] : [])
  }

  private static func cells(_ rows: [IntervalRow], _ columns: ArraySlice<IntervalEnding>) -> [IntervalRow?] {
    columns.map { column in rows.first { $0.intervalEnding == column } }
  }

  private static func name(_ rows: [IntervalRow], _ width: Int) -> String {
    pad(rows.first.map { "\($0.resource) \($0.measurement)" } ?? "", width)
  }

  /// Cut or filled up to a width, the last column of it a space.
  private static func pad(_ text: String, _ width: Int) -> String {
    let cut = String(text.prefix(width - 1))
    return cut + String(repeating: " ", count: width - cut.count)
  }
}
