import ArgumentParser
import Foundation
import TelemetryCore

/// The last intervals of every resource on one screen of 80 by 24, refreshed each second.
struct FollowedIntervals {
  private let settings: Settings
  private let resource: String?
  private let isTerminal = isatty(STDOUT_FILENO) == 1

  init(_ settings: Settings, resource: String?) {
    self.settings = settings
    self.resource = resource
  }

  func run() async throws {
    while !Task.isCancelled {
      let now = SystemClock().now().utc
      try show(try screen(now: now))
      try await Task.sleep(for: .milliseconds(1_000 - now.milliseconds % 1_000))
    }
  }

  /// In a terminal each screen takes the place of the one before.
  private func show(_ lines: [String]) throws(ExitCode) {
    let text =
      isTerminal
      ? "\u{1B}[H" + lines.map { $0 + "\u{1B}[K\n" }.joined() + "\u{1B}[J" : lines.joined(separator: "\n") + "\n"
    guard StandardOutput.write(text) else { throw ExitStatus.inputOutput.exitCode }
  }

  private func screen(now: UTCInstant) throws(ExitCode) -> [String] {
    let replay = try LedgerReading(stateDirectory: settings.stateDirectory).replay
    let state = replay.state
    let series = state.latestRows(count: Int64(FollowedScreen.columnCount), now: now).filter { rows in
      rows.first.map { row in resource.map { $0 == row.resource.name } ?? true } ?? false
    }
    let title =
      "DERTelemetryd \(now.text)  intervals of \(settings.intervalLength.seconds) s  \(settings.stateDirectory)"
    guard !series.isEmpty else {
      let first = state.series.values.map(\.origin).min()
      let hope = first.map { "the first interval ends at \($0.instant.text)" } ?? "nothing is owed yet"
      return [String(title.prefix(FollowedScreen.width)), "", hope]
    }
    let sum = Self.sum(Audit(of: state, recordCount: replay.recordCount, now: now))
    return FollowedScreen(title: title, series: series, sum: sum).lines
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
}
