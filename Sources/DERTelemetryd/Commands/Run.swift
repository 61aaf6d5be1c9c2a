import ArgumentParser
import Dispatch
import Foundation
import Logging
import NIOPosix
import TelemetryCore

/// `dertelemetryd run`: the service.
struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read the sites, keep the accounts and submit what is owed, until told to stop.",
    discussion: """
      What systemd starts. Says READY when it can do its work, waiting for no site and no channel; stops on SIGTERM or \
      SIGINT after the commit under way. In a terminal the journal's lines go to standard error.

      Exit status: 0 stopped, 74 the disk failed, 75 another daemon has the state directory, 78 the configuration is \
      not valid.

      Example: dertelemetryd run --config /etc/dertelemetryd/dertelemetryd.yaml
      """)

  @OptionGroup var configuration: ConfigurationOption

  func run() async throws {
    LoggingSystem.bootstrap { _ in JournalHandler() }
    // First of all, since a hang-up in the first moment would end the process.
    let stop = StopSignals {
      Logger(label: "dertelemetryd").notice("SIGHUP changes nothing: restart to take a new configuration")
    }
    await stop.registered()
    let settings = try configuration.settings()
    var house = try Assembly(settings: settings, environment: ProcessInfo.processInfo.environment)
    await house.start()
    await stop.arrived()
    await house.stop()
  }
}
