import ArgumentParser
import Foundation
import MarketCore
import Settings
import TelemetryCore

/// `dertelemetryd schedule`: day-ahead schedules.
struct Schedule: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule",
    abstract: "Check and submit day-ahead schedules, MW for each hour ending.",
    discussion: """
      See docs/schedules.md.

      Example: dertelemetryd schedule check schedule.yaml
      """,
    subcommands: [ScheduleCheck.self, SchedulePayloadCommand.self, ScheduleSubmit.self, ScheduleList.self])
}

/// `dertelemetryd schedule check`.
struct ScheduleCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Say everything for which schedules could not be submitted.",
    discussion: """
      Files are YAML, JSON, or CSV by their ending .csv. Each problem is a line FILE:LINE:COLUMN: KEY: MESSAGE on \
      standard error. Against registration.yaml: resource and capacity. Nothing is sent and nothing is changed.

      Exit status: 0 nothing stands in the way, 64 usage, 65 something does, 69 no time zone database, 78 market.yaml is \
      not valid.

      Example: dertelemetryd schedule check config/schedule.yaml --at 2026-11-23T12:00:00Z
      """)

  @OptionGroup var options: ScheduleOptions

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func run() throws {
    let judged = try options.judge()
    let report = ScheduleReport(judged.schedules, judged.problems, rules: judged.rules, zone: judged.zone)
    if json { print(try JSONText.of(report)) } else if report.valid { print(report.text) }
    guard !report.valid else { return }
    if !json { StandardError.write(judged.problems.scheduleReport) }
    throw ExitStatus.data.exitCode
  }
}

/// What the commands take that read schedules.
struct ScheduleOptions: ParsableArguments {
  @Argument(help: "The files.", completion: .file())
  var files: [String]

  @OptionGroup var configuration: ConfigurationOption

  @Option(
    help: ArgumentHelp("The registration; by default registration.yaml beside the configuration.", valueName: "file"))
  var registration: String?

  @Option(help: ArgumentHelp("Judge as if it were this instant.", valueName: "2026-11-23T17:00:00Z"))
  var at: String?

  /// The schedules, everything that stands in their way, and what they were judged by.
  struct Judged {
    var schedules: [DaySchedule]
    var problems: ConfigurationProblems
    /// The coordinators of the resources that are registered.
    var coordinators: [ResourceID: SchedulingCoordinatorID]
    var rules: ScheduleRules
    var zone: TimeZoneTransitions
    var now: UTCInstant
  }

  func validate() throws {
    guard let at, UTCInstant(timestamp: at) == nil else { return }
    throw ValidationError("--at \(at): expected an instant with its zone, such as 2026-11-23T17:00:00Z")
  }

  /// Reads and reviews them; what was submitted before is looked after when its market has closed too.
  func judge(isSubmitted: (DaySchedule) -> Bool = { _ in false }) throws(ExitCode) -> Judged {
    let zone = try MarketDay.zone()
    let rules = try MarketFile.load(beside: configuration.path).schedule
    let registered = try RegistrationPath.load(registration ?? RegistrationPath.beside(configuration.path))
    let now = at.flatMap { UTCInstant(timestamp: $0) } ?? SystemClock().now().utc
    var reading = ScheduleReading(zone: zone, rules: rules)
    var problems = ConfigurationProblems()
    for file in files { Self.read(file, &reading, &problems) }
    problems.append(reading.problems)
    problems.append(
      ScheduleReview(
        reading.schedules, of: registered, rules: rules, now: now, zone: zone, isSubmitted: isSubmitted
      ).problems)
    let scheduled = Set(reading.schedules.map(\.resource))
    let pairs = registered.aggregations.filter { scheduled.contains($0.resource) }
      .map { ($0.resource, $0.schedulingCoordinator) }
    return Judged(
      schedules: reading.schedules, problems: problems.sorted,
      coordinators: Dictionary(pairs) { first, _ in first }, rules: rules, zone: zone, now: now)
  }

  /// Reads one file: CSV by its ending, else YAML, of which JSON is a part.
  static func read(_ file: String, _ reading: inout ScheduleReading, _ problems: inout ConfigurationProblems) {
    do throws(ConfigurationProblems) {
      let text = try BoundedFile.text(of: file)
      if file.lowercased().hasSuffix(".csv") {
        reading.read(csv: text, file: file)
      } else {
        reading.read(try YAMLDocument.node(of: text, file: file))
      }
    } catch {
      problems.append(error)
    }
  }
}

extension ConfigurationProblems {
  /// One line for each, and what follows from them.
  var scheduleReport: String {
    let total = problems.count + omittedCount
    let lines = problems.map(\.description) + (omittedCount > 0 ? ["… and \(omittedCount) more"] : [])
    let sum = "\(total) problem\(total == 1 ? "" : "s"): nothing can be submitted"
    return (lines + [sum]).joined(separator: "\n") + "\n"
  }
}

/// What `schedule check --json` prints.
struct ScheduleReport: Codable, Equatable {
  struct Day: Codable, Equatable {
    struct Hour: Codable, Equatable {
      var hourEnding: Int
      var intervalStart: String
      var intervalEnding: String
      var megawatts: String
    }

    var resource: String
    var tradeDate: String
    var deadline: String?
    var megawattHours: String
    var hours: [Hour]
  }

  var valid: Bool
  var problems: [CheckReport.Problem]
  var omitted: Int
  var schedules: [Day]

  init(
    _ schedules: [DaySchedule], _ problems: ConfigurationProblems, rules: ScheduleRules, zone: TimeZoneTransitions
  ) {
    valid = problems.isEmpty
    let check = CheckReport(problems)
    self.problems = check.problems
    omitted = check.omitted
    self.schedules = schedules.map { schedule in
      Day(
        resource: schedule.resource.name, tradeDate: "\(schedule.tradeDate)",
        deadline: rules.deadline(of: schedule.tradeDate, in: zone)?.text,
        megawattHours: Power(milliwatts: schedule.milliwattHours).megawattText,
        hours: schedule.hours.map { hour in
          Day.Hour(
            hourEnding: hour.hourEnding, intervalStart: (hour.ending.instant - Milliseconds.seconds(3_600)).text,
            intervalEnding: hour.ending.instant.text, megawatts: hour.power.megawattText)
        })
    }
  }

  var text: String { schedules.map(text).joined(separator: "\n\n") }

  private func text(_ day: Day) -> String {
    let closes = day.deadline.map { ", the market closes at \($0)" } ?? ""
    let head = "\(day.resource) \(day.tradeDate): \(day.hours.count) hours, \(day.megawattHours) MWh\(closes)"
    let rows = day.hours.map { ["\($0.hourEnding)", $0.intervalStart, $0.intervalEnding, $0.megawatts] }
    let table = TextTable(["HOUR ENDING", "FROM", "TO", "MW"], rows: rows)
    return ([head] + table.lines.map { "  \($0)" }).joined(separator: "\n")
  }
}
