import ArgumentParser
import Foundation
import Settings
import TelemetryCore

/// `dertelemetryd check`: every error of the configuration at once.
struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the configuration and say everything that is wrong with it.",
    discussion: """
      Reads the main file, the site files and the wire profiles, and looks whether certificates and keys are there. \
      Each problem is a line FILE:LINE:COLUMN: KEY: MESSAGE on standard error. Nothing is sent and nothing is changed. Where the service would start on the last configuration that it accepted, \
      that is said too.

      With --xsd a sample of each message of the wire profiles is held against the receiver's XML Schema, as far as it is \
      in the schema's namespace. Files that the schema includes are found beside it; nothing is fetched.

      Exit status: 0 valid, 64 usage, 65 the schema itself cannot be used, 78 not valid.

      Example: dertelemetryd check --config /etc/dertelemetryd/dertelemetryd.yaml --xsd MeterData_v1.xsd
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  @Option(
    name: .customLong("xsd"),
    help: ArgumentHelp("The receiver's XML Schema; may be given again.", valueName: "file"),
    completion: .file(extensions: ["xsd"]))
  var schemas: [String] = []

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    var checked: [SchemaCheck.Checked] = []
    let judged: Result<Settings, ConfigurationProblems>
    do {
      judged = try judge(&checked)
    } catch {
      StandardError.write("\(error)\n")
      throw ExitStatus.data.exitCode
    }
    switch judged {
    case .success(let settings):
      var summary = CheckSummary(settings, file: configuration.path, environment: environment)
      summary.schemas = checked
      print(json ? try CheckReport(summary).text() : summary.text)
    case .failure(let problems):
      let since = sinceOfTheLastAccepted(environment)
      if json {
        print(try CheckReport(problems, lastAccepted: since).text())
      } else {
        StandardError.write(problems.report + (since.map(Self.advice) ?? ""))
      }
      throw ExitStatus.configuration.exitCode
    }
  }

  private static func advice(_ since: UTCInstant) -> String {
    "run would start on the last configuration that was accepted, \(since.text), as the ledger keeps it\n"
  }

  /// Since when there is a configuration that `run` would start on in place of these files; nil where it takes them, or
  /// there is none.
  private func sinceOfTheLastAccepted(_ environment: [String: String]) -> UTCInstant? {
    guard case .failure(let problems) = configuration.load(lookingAtCredentials: false) else { return nil }
    do throws(ConfigurationInForce.NothingKept) {
      return try ConfigurationInForce(insteadOf: configuration.path, problems: problems, environment: environment)
        .fallback?.since
    } catch {
      return nil
    }
  }

  /// The settings or everything that is wrong with them, and which messages were held against a schema.
  func judge(
    _ checked: inout [SchemaCheck.Checked]
  ) throws(SchemaCheck.Unusable) -> Result<Settings, ConfigurationProblems> {
    let settings: Settings
    switch configuration.load() {
    case .failure(let problems): return .failure(problems)
    case .success(let loaded): settings = loaded
    }
    var problems = settings.channels.flatMap(questionProblems)
    for path in schemas {
      var check = try SchemaCheck(path: path)
      for channel in settings.channels { try check.check(channel, in: settings, file: configuration.path) }
      checked += check.checked
      problems += check.problems
    }
    return problems.isEmpty ? .success(settings) : .failure(ConfigurationProblems(problems))
  }

  /// The XPath expressions of a profile, which only the XML library can judge.
  private func questionProblems(of channel: ChannelSettings) -> [ConfigurationProblem] {
    AnswerExtraction(channel.profile.answers).problems().map { problem in
      ConfigurationProblem(
        place: ConfigurationPlace(file: configuration.path, line: 1, column: 1), key: "profile",
        message: "channel \(channel.name), wire profile \(channel.profile.name): \(problem)")
    }
  }
}
