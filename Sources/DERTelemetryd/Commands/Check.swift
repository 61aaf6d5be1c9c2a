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
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    switch configuration.load() {
    case .success(let settings):
      try checkQuestions(of: settings)
      let summary = CheckSummary(settings, file: configuration.path, environment: environment)
      print(json ? try CheckReport(summary).text() : summary.text)
    case .failure(let problems):
      if json { print(try CheckReport(problems).text()) } else { StandardError.write(problems.report) }
      throw ExitStatus.configuration.exitCode
    }
  }

  /// The XPath expressions of the profiles, which only the XML library can judge.
  private func checkQuestions(of settings: Settings) throws(ExitCode) {
    var isValid = true
    for channel in settings.channels {
      for problem in AnswerExtraction(channel.profile.answers).problems() {
        StandardError.write("wire profile \(channel.profile.name): \(problem)\n")
        isValid = false
      }
    }
    guard isValid else { throw ExitStatus.configuration.exitCode }
  }
}
