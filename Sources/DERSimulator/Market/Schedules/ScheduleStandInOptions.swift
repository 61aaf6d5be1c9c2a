import ArgumentParser
import TelemetryCore

/// What who takes schedules judges them by, and what it does wrong.
struct ScheduleStandInOptions: ParsableArguments {
  @Option(help: "The resource that may have schedules.") var resource = "EXAMPL_7_DERA1"
  @Option(help: "Its largest power in kW.") var capacity: Int64 = 1_050
  @Option(help: "Seconds for which a schedule is not judged.") var validationDelay: Double = 1
  @Option(parsing: .upToNextOption, help: "What goes wrong.") var fault: [ScheduleFault] = []

  var power: Power { Power(milliwatts: capacity * 1_000_000) }
  var delay: Milliseconds { Milliseconds(Int64(validationDelay * 1_000)) }

  func validate() throws {
    guard (0...1_000_000_000).contains(capacity) else { throw ValidationError("--capacity is from 0 to 1000000000 kW") }
    guard (0...86_400).contains(validationDelay) else {
      throw ValidationError("--validation-delay is from 0 to 86400 seconds")
    }
  }
}
