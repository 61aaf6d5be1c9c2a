import ArgumentParser
import Foundation
import Settings
import TelemetryCore

/// `dertelemetryd reload`: the edited configuration, whole or not at all.
struct Reload: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let the running daemon take the edited configuration, whole or not at all.",
    discussion: """
      Reads the main file, the site files and the wire profiles. With a mistake anywhere nothing is changed, and each is \
      told with file, line and column. Otherwise sites, resources, scan, grace and completeness are taken while the \
      daemon runs: sites that are not touched are read on without a gap, and values change from the next interval start \
      on. What only a start can take, such as a channel or the state directory, refuses the whole too.

      `systemctl reload dertelemetryd` does this. With --dry-run it is only said what would change.

      Exit status: 0 taken, or would be; 69 no daemon is running; 78 refused, nothing is changed.

      Example: dertelemetryd reload --dry-run
      """)

  @Option(
    name: [.customLong("config")],
    help: ArgumentHelp("The configuration file.", valueName: "file"), completion: .file(extensions: ["yaml"]))
  var path = SettingsLoader.defaultPath

  @Flag(help: "Say what would change, and change nothing.")
  var dryRun = false

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func run() throws {
    let report = try ask()
    if json {
      print(try JSONText.of(report))
    } else if report.isRefused {
      StandardError.write(report.refusal + "\n")
    } else {
      print(report.text)
    }
    if report.isRefused { throw ExitStatus.configuration.exitCode }
  }

  private func ask() throws -> ReloadReport {
    // Files that are not valid may still say where the daemon is.
    let directory = StateDirectoryName.find(path: path, environment: ProcessInfo.processInfo.environment)
    let socket = ControlSocket.path(stateDirectory: directory)
    do throws(ControlProblem) {
      let answer: ReloadReport? = try ControlClient.ask(
        ReloadMessage(isDryRun: dryRun, path: ConfigurationPath.normal(path)), path: socket)
      if let answer { return answer }
    } catch {
      StandardError.write("the daemon does not answer: \(error)\n")
      throw ExitStatus.unavailable.exitCode
    }
    StandardError.write("no daemon is running in \(directory): a start reads the files (dertelemetryd check)\n")
    throw ExitStatus.unavailable.exitCode
  }
}
