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
      SIGINT after the commit under way; SIGHUP does as `reload` does. In a terminal the journal's lines go to standard error.

      A configuration that is not valid is not used: the service says so at priority crit and starts on the last one that \
      it accepted, which the ledger keeps.

      Exit status: 0 stopped, 74 the disk failed, 75 another daemon has the state directory, 78 the configuration is \
      not valid and there is none to fall back on.

      Example: dertelemetryd run --config /etc/dertelemetryd/dertelemetryd.yaml
      """)

  @OptionGroup var configuration: ConfigurationOption

  func run() async throws {
    LoggingSystem.bootstrap { _ in JournalHandler() }
    // First of all, since a hang-up in the first moment would end the process.
    let stop = StopSignals()
    await stop.registered()
    let inForce = try configuration.inForce()
    var house = try Assembly(
      inForce, path: configuration.path, environment: ProcessInfo.processInfo.environment)
    stop.beOrderly()
    await house.start()
    stop.onHangUp(house.reloader.hungUp)
    await stop.arrived()
    await house.stop()
  }
}
