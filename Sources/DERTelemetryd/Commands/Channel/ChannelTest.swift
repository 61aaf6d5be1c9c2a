import ArgumentParser
import Foundation
import NIOPosix
import Settings
import TelemetryCore

/// `dertelemetryd channel test`: step by step, what works on the way to the operator and what does not.
struct ChannelTest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Connect as the service would, ask one harmless question, and say what works.",
    discussion: """
      Looks at certificate and key, finds and reaches each host of the channel, shakes hands by TLS, and asks which value \
      the operator holds for the last interval of one resource. Nothing is submitted, nothing changes, and the accounts \
      are not touched; for the operator it is one call more, beside those of the service.

      Credentials of systemd are those of the running service, or else those in /etc/credstore: run it as root.

      Exit status: 0 everything works, 64 usage, 69 a step failed, 75 the operator asks to come back later, 78 the \
      configuration or the certificate cannot be used, or there is no such channel. The worst of several channels counts.

      Example: dertelemetryd channel test production
      """)

  @OptionGroup var configuration: ConfigurationOption

  @Argument(help: "The channel; all of them unless one is named.")
  var name: String?

  @Flag(help: "Print the result as JSON on standard output.")
  var json = false

  func run() async throws {
    let settings = try configuration.settings()
    let channels = settings.channels.filter { name == nil || $0.name.name == name }
    guard !channels.isEmpty else {
      let known = settings.channels.map(\.name.name).joined(separator: ", ")
      let what = name.map { "there is no channel \($0)" } ?? "the configuration has no channel"
      StandardError.write("\(configuration.path): \(what)\(known.isEmpty ? "" : ": expected one of \(known)")\n")
      throw ExitStatus.configuration.exitCode
    }
    let environment = Self.environment(ProcessInfo.processInfo.environment)
    var reports: [ChannelTestReport] = []
    for channel in channels {
      let trial = ChannelTrial(
        channel, resource: settings.resources.first { $0.channel == channel.name }, length: settings.intervalLength,
        environment: environment, group: MultiThreadedEventLoopGroup.singleton)
      reports.append(await trial.run())
    }
    print(json ? try JSONText.of(reports) : reports.map(\.text).joined(separator: "\n\n"))
    let worst = reports.map(\.exitStatus).max { $0.rawValue < $1.rawValue } ?? .success
    guard worst == .success else { throw worst.exitCode }
  }

  /// Where the service's credentials are, for somebody who is not the service.
  private static func environment(_ environment: [String: String]) -> [String: String] {
    let key = "CREDENTIALS_DIRECTORY"
    guard environment[key] == nil else { return environment }
    let folders = ["/run/credentials/dertelemetryd.service", "/etc/credstore"]
    guard let folder = folders.first(where: { access($0, R_OK | X_OK) == 0 }) else { return environment }
    return environment.merging([key: folder]) { old, _ in old }
  }
}
