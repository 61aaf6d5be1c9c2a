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
      Each problem is a line FILE:LINE:COLUMN: KEY: MESSAGE on standard error. Nothing is sent and nothing is changed.

      Exit status: 0 valid, 64 usage, 78 not valid.

      Example: dertelemetryd check --config /etc/dertelemetryd/dertelemetryd.yaml
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    switch judge() {
    case .success(let settings):
      let summary = CheckSummary(settings, file: configuration.path, environment: environment)
      print(json ? try CheckReport(summary).text() : summary.text)
    case .failure(let problems):
      if json { print(try CheckReport(problems).text()) } else { StandardError.write(problems.report) }
      throw ExitStatus.configuration.exitCode
    }
  }

  func judge() -> Result<Settings, ConfigurationProblems> {
    configuration.load().flatMap { settings in
      let problems = settings.channels.flatMap(questionProblems)
      return problems.isEmpty ? .success(settings) : .failure(ConfigurationProblems(problems))
    }
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
