import ArgumentParser
import Foundation
import MarketCore
import MarketFiles
import Settings
import TelemetryCore

/// `dertelemetryd oasis watch`.
struct OASISWatch: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Show what the service watches of the market, when it was asked and what came.",
    discussion: """
      The service asks by itself what `watch` of market.yaml names: dispatch, awards, prices, reports of OASIS, and whether \
      measured and scheduled part. What is new goes to the journal. Nothing is asked here; what brought nothing new is \
      noted every ten minutes.

      Exit status: 0, 1 nothing has been watched, 74 disk, 78 the configuration or market.yaml is not valid.

      Example: dertelemetryd oasis watch
      """)

  @OptionGroup var options: ConfigurationOption

  @Flag(help: "Print JSON.")
  var json = false

  func run() throws {
    let settings = try options.settings()
    _ = try MarketFile.load(beside: options.path)
    let path = "\(settings.stateDirectory)/market.sqlite"
    var lines: [WatchJournal.Line] = []
    if DiskFiles().exists(path) {
      lines = try ResultOutput.orExit { () throws in
        try MarketDatabase(path: path).rows(of: WatchJournal.report, in: 0..<1)
          .map { try JSONDecoder().decode(WatchJournal.Line.self, from: Data($0.json.utf8)) }
      }
    }
    guard !lines.isEmpty else {
      StandardError.write("nothing has been watched: name it under `watch` in market.yaml and restart the service\n")
      throw ExitCode.failure
    }
    guard !json else { return print(try JSONText.of(lines)) }
    let rows = lines.map { line in
      [line.watch, line.asked, line.outcome, line.newsAt ?? "-"].map { $0.controlsEscaped }
    }
    print(TextTable(["WATCH", "ASKED", "OUTCOME", "LAST NEWS"], rows: rows).lines.joined(separator: "\n"))
  }
}
