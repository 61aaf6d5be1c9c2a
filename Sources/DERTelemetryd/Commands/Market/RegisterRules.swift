import ArgumentParser
import MarketCore
import Settings
import TelemetryCore

/// `dertelemetryd register rules`.
struct RegisterRules: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rules",
    abstract: "Print the rules for aggregations: section, in force from, value and source.",
    discussion: """
      All values of each rule, those of registration.yaml too where it is there; `*` marks the one in force on the day. \
      With a section of the tariff it says what that section is about.

      Exit status: 0, 1 nothing is known of this section, 64 usage, 65 the registration cannot be read, 69 no time zone \
      database.

      Example: dertelemetryd register rules 4.17
      """)

  @Argument(help: "A section of CAISO's tariff, such as 4.17.")
  var section: String?

  @OptionGroup var options: RegistrationOptions

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func run() throws {
    if let section {
      guard let answer = TariffSection.answer(section) else {
        StandardError.write("nothing is known here of section \(section.controlsEscaped)\n")
        throw ExitCode.failure
      }
      guard section == "4.17" else { return print(answer) }
      if !json { print(answer) }
    }
    let date = try options.date()
    let hasFile = DiskFiles().exists(options.path) || options.registration != nil
    let book = hasFile ? try options.load().ruleBook : RuleBook()
    let report = RulesReport(book, on: date)
    print(json ? try JSONText.of(report) : report.text)
  }
}

/// What `register rules --json` prints.
struct RulesReport: Codable, Equatable {
  struct Rule: Codable, Equatable {
    var rule: String
    var title: String
    var section: String
    var from: String?
    var value: String
    var inForce: Bool
    var certainty: String
    var source: String
  }

  var date: String
  var rules: [Rule]

  init(_ book: RuleBook, on date: TradeDate) {
    self.date = "\(date)"
    rules = RegistrationRule.allCases.flatMap { rule in
      book.entries.filter { $0.rule == rule }.map { entry in
        Rule(
          rule: rule.rawValue, title: rule.title, section: rule.section, from: entry.from.map { "\($0)" },
          value: "\(entry.value)", inForce: book.inForce(rule, on: date) == entry, certainty: entry.certainty.rawValue,
          source: entry.source)
      }
    }
  }

  var text: String {
    var lines: [String] = []
    var last = ""
    for rule in rules {
      if rule.rule != last { lines += ["", "\(rule.rule): \(rule.title) (\(rule.section))"] }
      last = rule.rule
      let mark = rule.inForce ? "*" : " "
      let from = rule.from.map { "from \($0)" } ?? "no date set   "
      lines.append("  \(mark) \(from)  \(rule.value)  \(rule.certainty): \(rule.source.controlsEscaped)")
    }
    return (["rules for DER aggregations, * in force on \(date)"] + lines).joined(separator: "\n")
  }
}
