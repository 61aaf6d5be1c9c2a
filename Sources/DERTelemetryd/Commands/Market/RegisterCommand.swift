import ArgumentParser
import Foundation
import MarketCore
import Settings
import TelemetryCore

/// `dertelemetryd register`: from a list of sites to a resource of the market.
struct Register: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "register",
    abstract: "Check the registration of the aggregations, hand it over, and keep what became of it.",
    discussion: """
      Works on registration.yaml beside the configuration. See docs/registration.md.

      Example: dertelemetryd register check
      """,
    subcommands: [RegisterCheck.self, RegisterRules.self, RegisterSteps.self, RegisterSubmit.self, RegisterRecord.self])
}

/// What the commands take that read the registration.
struct RegistrationOptions: ParsableArguments {
  @OptionGroup var configuration: ConfigurationOption

  @Option(
    help: ArgumentHelp("The registration; by default registration.yaml beside the configuration.", valueName: "file"),
    completion: .file(extensions: ["yaml"]))
  var registration: String?

  @Option(name: .customLong("on"), help: ArgumentHelp("Judge by the rules of this day.", valueName: "YYYY-MM-DD"))
  var day: String?

  func validate() throws {
    guard let day, TradeDate(day) == nil else { return }
    throw ValidationError("--on \(day): expected \(TradeDate.expectation)")
  }

  var path: String { registration ?? RegistrationPath.beside(configuration.path) }

  /// Today in the market's time zone, unless another day was asked for.
  func date() throws(ExitCode) -> TradeDate {
    if let day, let date = TradeDate(day) { return date }
    return try MarketDay.today()
  }

  func load() throws(ExitCode) -> Registration { try RegistrationPath.load(path) }

  /// Everything that the commands on a registration work by.
  func open() throws(ExitCode) -> (registration: Registration, review: RegistrationReview, settings: Settings) {
    let date = try date()
    let settings = try configuration.settings()
    let registration = try load()
    let review = RegistrationReview(
      of: registration, resources: settings.resources, sites: settings.sites, on: date)
    return (registration, review, settings)
  }
}

/// Where the registration is, and what it says.
enum RegistrationPath {
  /// Every reason for which it cannot be read at once.
  static func read(_ path: String) throws(ConfigurationProblems) -> Registration {
    try Registration.read(try YAMLDocument.node(of: try BoundedFile.text(of: path), file: path))
  }

  static func beside(_ configuration: String) -> String {
    (configuration.lastIndex(of: "/").map { String(configuration[...$0]) } ?? "") + "registration.yaml"
  }

  /// The registration; where it cannot be read every reason on standard error and exit 65.
  static func load(_ path: String) throws(ExitCode) -> Registration {
    do throws(ConfigurationProblems) {
      return try read(path)
    } catch {
      StandardError.write(error.registrationReport)
      throw ExitStatus.data.exitCode
    }
  }
}

extension Registration {
  /// The aggregations that a person means; exit 64 where there is none of that name, or several and none was named.
  func chosen(_ resource: String?) throws(ExitCode) -> Aggregation {
    let found = resource.map { name in aggregations.filter { $0.resource.name == name } } ?? aggregations
    if let aggregation = found.first, found.count == 1 { return aggregation }
    let names = aggregations.map(\.resource.name).joined(separator: ", ")
    StandardError.write("name one aggregation with --resource: \(names)\n")
    throw ExitStatus.usage.exitCode
  }
}

extension ConfigurationProblems {
  /// One line for each, and what follows from them.
  var registrationReport: String {
    let total = problems.count + omittedCount
    let lines = problems.map(\.description) + (omittedCount > 0 ? ["… and \(omittedCount) more"] : [])
    let sum = "\(total) problem\(total == 1 ? "" : "s"): the registration would be refused"
    return (lines + [sum]).joined(separator: "\n") + "\n"
  }
}

/// The days of the market, by this machine's clock and time zone database.
enum MarketDay {
  static func zone() throws(ExitCode) -> TimeZoneTransitions {
    if let zone = PacificTime.transitions() { return zone }
    StandardError.write("the time zone America/Los_Angeles is not known here: install tzdata\n")
    throw ExitStatus.unavailable.exitCode
  }

  static func today() throws(ExitCode) -> TradeDate {
    let second = IntervalEnding(containing: SystemClock().now().utc, length: .oneSecond)
    return TradeDate(of: second, in: try zone())
  }
}
