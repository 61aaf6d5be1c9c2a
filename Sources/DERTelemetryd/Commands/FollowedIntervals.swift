import ArgumentParser
import Foundation
import TelemetryCore

/// The last intervals of every resource on one screen of 80 by 24, refreshed each second.
struct FollowedIntervals {
  /// Intervals side by side: as many as fit beside the names in 80 columns.
  private static let columnCount: Int64 = 4
  private static let cellWidth = 12
  private static let nameWidth = 26
  private static let rowLimit = 18
  private static let width = 80

  private let settings: Settings
  private let resource: String?
  private let zone: TimeZoneTransitions
  private let isTerminal = isatty(STDOUT_FILENO) == 1

  init(_ settings: Settings, resource: String?, zone: TimeZoneTransitions) {
    self.settings = settings
    self.resource = resource
    self.zone = zone
  }

  func run() async throws {
    while !Task.isCancelled {
      let now = SystemClock().now().utc
      show(try screen(now: now).map { String($0.prefix(Self.width)) })
      try await Task.sleep(for: .milliseconds(1_000 - now.milliseconds % 1_000))
    }
  }

  /// In a terminal each screen takes the place of the one before.
  private func show(_ lines: [String]) {
    let text =
      isTerminal
      ? "\u{1B}[H" + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J" : lines.joined(separator: "\n") + "\n"
    FileHandle.standardOutput.write(Data(text.utf8))
  }

  private func screen(now: UTCInstant) throws(ExitCode) -> [String] {
    let replay = try LedgerReading(stateDirectory: settings.stateDirectory).replay
    let state = replay.state
    let all = state.latestRows(count: Self.columnCount, now: now)
    let series = all.filter { rows in
      rows.first.map { row in resource.map { $0 == row.resource.name } ?? true } ?? false
    }
    var lines = [
      "DERTelemetryd \(now.text)  intervals of \(settings.intervalLength.seconds) s  \(settings.stateDirectory)"
    ]
    lines.append("")
    guard let columns = series.first else {
      let first = state.series.values.map(\.origin).min()
      return lines + [first.map { "the first interval ends at \($0.instant.text)" } ?? "nothing is owed yet"]
    }
    lines.append(
      Self.pad("RESOURCE", Self.nameWidth) + columns.map { Self.cell($0.intervalEnding.instant.clockText) }.joined())
    for rows in series.prefix(Self.rowLimit / 2) {
      guard let name = rows.first else { continue }
      lines.append(
        Self.pad("\(name.resource) \(name.measurement)", Self.nameWidth)
          + rows.map { Self.cell($0.value ?? "-") }.joined())
      lines.append(Self.pad("  \(name.unit)", Self.nameWidth) + rows.map { Self.cell($0.state) }.joined())
    }
    let hidden = series.count - Self.rowLimit / 2
    if hidden > 0 { lines.append("and \(hidden) more; choose with --resource") }
    lines += ["", Self.sum(Audit(of: state, recordCount: replay.recordCount, now: now)), "Ctrl-C ends this view"]
    return lines
  }

  /// The audit in one line.
  private static func sum(_ audit: Audit) -> String {
    let counts = ObligationState.allCases.compactMap { state -> String? in
      let count = audit.series.reduce(Int64(0)) { $0 + $1.count(state) }
      return count > 0 ? "\(count) \(state.name)" : nil
    }
    let owed = audit.series.reduce(Int64(0)) { $0 + $1.owed }
    return "\(owed) owed: \(counts.joined(separator: ", ")); \(audit.isLawful ? "the law holds" : "run audit")"
  }

  private static func cell(_ text: String) -> String { pad(text, cellWidth) }

  private static func pad(_ text: String, _ width: Int) -> String {
    let cut = String(text.prefix(width - 1))
    return cut + String(repeating: " ", count: width - cut.count)
  }
}
