import MarketCore
import MarketFiles
import TelemetryCore

/// When each thing was asked and what came, in `market.sqlite`, for `oasis watch`.
struct WatchJournal {
  struct Line: Codable, Equatable {
    var watch: String
    var asked: String
    var outcome: String
    /// When something new came, and how much; nil before the first time.
    var newsAt: String?
    var news: Int?
  }

  static let report = "WATCH"
  /// Nothing new is not written at each turn: a card that a gateway writes to wears out.
  private static let pause = Milliseconds.seconds(600)

  private let stateDirectory: String
  private var lines: [WatchJob: Line] = [:]
  private var writtenAt: [WatchJob: UptimeInstant] = [:]

  init(stateDirectory: String) { self.stateDirectory = stateDirectory }

  mutating func note(_ job: WatchJob, _ name: String, _ outcome: WatchOutcome, at now: Moment) {
    let before = lines[job]
    var line = Line(
      watch: name, asked: now.utc.text, outcome: outcome.words, newsAt: before?.newsAt, news: before?.news)
    if case .well(let news) = outcome, news > 0 { (line.newsAt, line.news) = (line.asked, news) }
    lines[job] = line
    let isDue = writtenAt[job].map { now.uptime - $0 >= Self.pause } ?? true
    guard isDue || before?.outcome != line.outcome || before?.newsAt != line.newsAt else { return }
    do {
      let row = MarketDatabase.Row(key: name, start: 0, value: line.outcome, json: try JSONText.line(line))
      _ = try MarketDatabase(path: "\(stateDirectory)/market.sqlite").keep([row], of: Self.report, at: line.asked)
      writtenAt[job] = now.uptime
    } catch {
      // What could not be fetched is said already; that this was not written down is no news beside it.
      writtenAt[job] = nil
    }
  }
}
