import ArgumentParser
import MarketCore
import TelemetryCore

/// `dertelemetryd register steps`.
struct RegisterSteps: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "steps",
    abstract: "Show the steps to the market: where each stands, since when, and what is next due.",
    discussion: """
      Exit status: 0, 64 usage, 65 the registration or its history cannot be read, 69 no time zone database, 74 disk, 78 \
      the configuration is not valid.

      Example: dertelemetryd register steps --resource EXAMPL_7_DERA1
      """)

  @OptionGroup var options: RegistrationOptions

  @Option(help: "Only this resource.")
  var resource: String?

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func run() throws {
    let (registration, review, settings) = try options.open()
    let chosen = resource == nil ? registration.aggregations : [try registration.chosen(resource)]
    let history = try RegistrationStore(stateDirectory: settings.stateDirectory).reading {
      store throws(RegistrationStoreError) in
      try store.history()
    }
    let reports = chosen.map { aggregation in
      StepsReport(
        aggregation,
        history.steps(
          of: aggregation, ders: RegistrationStore.digest(RegistrationPacket.list(of: aggregation)),
          registration: registration, review: review))
    }
    print(json ? try JSONText.of(reports) : reports.map(\.text).joined(separator: "\n\n"))
  }
}

/// What `register steps --json` prints, a list of these.
struct StepsReport: Codable, Equatable {
  struct Step: Codable, Equatable {
    var step: String
    var title: String
    var marketTerm: String
    var state: String
    var date: String?
    var reference: String
    var due: String?
    var advice: String
  }

  var resource: String
  var steps: [Step]

  init(_ aggregation: Aggregation, _ steps: [StepStatus]) {
    resource = aggregation.resource.name
    self.steps = steps.map { status in
      Step(
        step: status.step.rawValue, title: status.step.title, marketTerm: status.step.marketTerm,
        state: status.state.rawValue, date: status.date.map { "\($0)" }, reference: status.reference,
        due: status.due.map { "\($0)" }, advice: status.advice)
    }
  }

  var text: String {
    let rows = steps.map {
      [$0.step, $0.state, $0.date ?? "", $0.due ?? "", $0.reference.controlsEscaped, $0.advice, $0.marketTerm]
    }
    let table = TextTable(["STEP", "STATE", "DATE", "DUE", "REFERENCE", "NEXT", "CAISO CALLS IT"], rows: rows)
    return ([resource] + table.lines.map { "  \($0)" }).joined(separator: "\n")
  }
}
