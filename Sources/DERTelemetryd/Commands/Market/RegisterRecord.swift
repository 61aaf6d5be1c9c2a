import ArgumentParser
import MarketCore
import Settings
import TelemetryCore

extension RegistrationEvent.Outcome: ExpressibleByArgument {}

/// `dertelemetryd register record`.
struct RegisterRecord: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "record",
    abstract: "Enter what became of a step: who answered what, on which day, under which reference.",
    discussion: """
      Steps: \(RegistrationStep.allCases.map(\.rawValue).joined(separator: ", ")). Nothing that was recorded is ever \
      changed; a later entry stands before an earlier one.

      Exit status: 0, 64 usage, 65 the registration or its history cannot be read, 69 no time zone database, 74 disk, 75 \
      another command is writing, 78 the configuration is not valid.

      Example: dertelemetryd register record concurrence --outcome approved --reference "letter of 2026-12-29"
      """)

  @Argument(help: "The step.")
  var step: RegistrationStep

  @OptionGroup var options: RegistrationOptions

  @Option(help: "What happened: \(RegistrationEvent.Outcome.allCases.map(\.rawValue).joined(separator: ", ")).")
  var outcome: RegistrationEvent.Outcome

  @Option(help: ArgumentHelp("The day on which it happened; today by default.", valueName: "YYYY-MM-DD"))
  var date: String?

  @Option(help: "A letter, a ticket, a project code: at most 255 characters on one line.")
  var reference: String = ""

  @Option(help: ArgumentHelp("When something is next due.", valueName: "YYYY-MM-DD"))
  var due: String?

  @Option(help: "Which aggregation, where there are several.")
  var resource: String?

  func validate() throws {
    for (name, text) in [("date", date), ("due", due)] {
      guard let text, TradeDate(text) == nil else { continue }
      throw ValidationError("--\(name) \(text): expected \(TradeDate.expectation)")
    }
    guard reference.isEmpty || ConfigurationForm<String>.text(such: "x").parse(reference) != nil else {
      throw ValidationError("--reference: expected at most 255 characters on one line")
    }
  }

  func run() throws {
    let settings = try options.configuration.settings()
    let aggregation = try options.load().chosen(resource)
    let today = try options.date()
    let event = RegistrationEvent(
      resource: aggregation.resource, step: step, outcome: outcome, date: date.flatMap { TradeDate($0) } ?? today,
      reference: reference, due: due.flatMap { TradeDate($0) })
    guard event.date <= today else {
      StandardError.write("--date \(event.date) is in the future: enter what has happened, and --due for what will\n")
      throw ExitStatus.usage.exitCode
    }
    try RegistrationStore(stateDirectory: settings.stateDirectory).writing { store throws(RegistrationStoreError) in
      try store.append([event])
    }
    print("\(aggregation.resource): \(step.rawValue) \(outcome.rawValue) on \(event.date)")
  }
}
