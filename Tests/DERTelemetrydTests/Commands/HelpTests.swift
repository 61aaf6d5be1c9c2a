import ArgumentParser
import Foundation
import Testing
import TelemetryCore

@testable import DERTelemetryd

@Suite struct HelpTests {
  /// Every command that does something, with the words that lead to it.
  private static let commands = leaves(DERTelemetryd.self, [])

  private static func leaves(
    _ command: any ParsableCommand.Type, _ path: [String]
  ) -> [(command: any ParsableCommand.Type, path: String)] {
    let path = path + [command._commandName]
    let configuration = command.configuration
    let below = configuration.subcommands.flatMap { leaves($0, path) }
    let isUsedItself = configuration.subcommands.isEmpty || configuration.defaultSubcommand != nil
    return (isUsedItself ? [(command, path.joined(separator: " "))] : []) + below
  }

  @Test func everyCommandSaysHowItIsUsed() {
    #expect(Self.commands.count > 40)
    for (command, path) in Self.commands {
      let help = DERTelemetryd.helpMessage(for: command, columns: 120)
      #expect(help.contains("Example: \(path)"), "\(path)")
    }
  }

  /// The words of a command line, as a shell takes them apart.
  private static func words(_ line: Substring) -> [String] {
    var words: [String] = []
    for (place, part) in line.split(separator: "\"", omittingEmptySubsequences: false).enumerated() {
      if place.isMultiple(of: 2) {
        words += part.split(separator: " ").map(String.init)
      } else {
        words.append(String(part))
      }
    }
    return words
  }

  @Test func everyExampleIsACommandLineThatIsTaken() throws {
    for (command, path) in Self.commands {
      let discussion = command.configuration.discussion
      let examples = discussion.matches(of: /Example: dertelemetryd (.*)/)
      #expect(!examples.isEmpty, "\(path)")
      for example in examples {
        #expect(throws: Never.self, "\(example.output.0)") {
          // A decision asks at a terminal, and there is none here.
          let words = Self.words(example.output.1)
          _ = try DERTelemetryd.parseAsRoot(words + (words.contains("--reason") ? ["--dry-run"] : []))
        }
      }
    }
  }

  /// Programs read these names.
  @Test func anIntervalWithoutAValueStillHasEveryKey() throws {
    let ending = IntervalEnding(seconds: 1_795_348_800, length: .fiveMinutes)
    let row = IntervalRow(
      resource: ResourceID("R"), measurement: MeasurementType("GEN"), intervalEnding: ending, state: "measuring",
      value: nil, unit: "MWh", quality: .missing, revision: 0, siteCount: 0, submission: nil)
    let line = IntervalLine(row, date: TradeDate(of: ending, in: .utc), zone: .utc)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = String(decoding: try encoder.encode(line), as: UTF8.self)
    #expect(
      text == """
        {"hourEnding":12,"intervalEnding":"2026-11-22T12:00:00Z","measurement":"GEN","quality":"","resource":"R",\
        "revision":0,"sites":0,"state":"measuring","submission":null,"tradeDate":"2026-11-22","unit":"MWh","value":null}
        """)
  }
}
