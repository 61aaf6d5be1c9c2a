import ArgumentParser
import MarketCore
import TelemetryCore

/// `dertelemetryd register check`.
struct RegisterCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say everything for which the registration would be refused.",
    discussion: """
      By the rules in force today or on another day, and against the site files, both ways. Each problem is a line \
      FILE:LINE:COLUMN: KEY: MESSAGE on standard error; the sum of each aggregation by site is on standard output.

      Exit status: 0 nothing stands in the way, 64 usage, 65 it would be refused, 69 no time zone database, 78 the \
      configuration is not valid.

      Example: dertelemetryd register check --on 2027-01-01
      """)

  @OptionGroup var options: RegistrationOptions

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func run() throws {
    let (registration, review, _) = try options.open()
    let report = RegistrationReport(registration, review, file: options.path)
    print(json ? try JSONText.of(report) : report.text)
    guard !review.isAccepted else { return }
    if !json { StandardError.write(review.problems.registrationReport) }
    throw ExitStatus.data.exitCode
  }
}

/// What `register check --json` prints.
struct RegistrationReport: Codable, Equatable {
  struct Aggregate: Codable, Equatable {
    struct Resource: Codable, Equatable {
      var site: String
      var capacityMW: String
      var technology: String
    }

    var resource: String
    var node: String
    var subLAP: String
    var utility: String
    var capacityMW: String
    var ders: [Resource]
  }

  var file: String
  var date: String
  var accepted: Bool
  var problems: [CheckReport.Problem]
  var omitted: Int
  var notes: [String]
  var aggregations: [Aggregate]

  init(_ registration: Registration, _ review: RegistrationReview, file: String) {
    self.file = file
    date = "\(review.date)"
    accepted = review.isAccepted
    let check = CheckReport(review.problems)
    problems = check.problems
    omitted = check.omitted
    notes = review.notes
    aggregations = registration.aggregations.map { aggregation in
      Aggregate(
        resource: aggregation.resource.name, node: "\(aggregation.node)", subLAP: aggregation.subLAP,
        utility: aggregation.utility, capacityMW: aggregation.capacity.megawattText,
        ders: aggregation.ders.map {
          .init(site: $0.site, capacityMW: $0.capacity.megawattText, technology: $0.technology)
        })
    }
  }

  var text: String {
    let verdict = accepted ? "nothing stands in the way" : "would be refused"
    let head = "\(file) by the rules of \(date): \(verdict)"
    return ([head] + aggregations.flatMap(lines) + notes.map { "  note: \($0)" }).joined(separator: "\n")
  }

  private func lines(_ aggregation: Aggregate) -> [String] {
    let rows = aggregation.ders.map { [$0.site.controlsEscaped, $0.capacityMW, $0.technology.controlsEscaped] }
    let sum = ["sum of registered capacity", aggregation.capacityMW, "\(aggregation.ders.count) DERs"]
    let table = TextTable(["SITE", "MW", "TECHNOLOGY"], rows: rows + [sum])
    let place = "\(aggregation.node), sub-LAP \(aggregation.subLAP), utility \(aggregation.utility)"
    return ["", "\(aggregation.resource) at \(place)"] + table.lines.map { "  \($0)" }
  }
}
