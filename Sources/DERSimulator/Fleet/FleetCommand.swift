import ArgumentParser
import Foundation
import NIOPosix
import TelemetryCore

/// `dersim fleet`: sites that replay recorded power over Modbus TCP.
struct FleetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fleet",
    abstract: "Simulate SunSpec meters and inverters that replay recorded power over Modbus TCP.",
    discussion: """
      Writes one line of JSON for each site once all of them listen. Registers are a function of the options, the epoch \
      and the time alone: a fleet that was killed goes on exactly where it would be when started with the same --epoch.

      Example: dersim fleet --sites 5 --base-port 15020
      """)

  @OptionGroup var options: FleetOptions

  @Flag(help: "Serve nothing: write what the registers are at --at, in the fleet of --epoch.") var describe = false
  @Option(help: "UTC seconds since 1970 for --describe.") var at: Int64?

  func validate() throws {
    guard !describe || (at != nil && options.epoch != nil) else {
      throw ValidationError("--describe needs --at and --epoch")
    }
    guard describe || at == nil else { throw ValidationError("--at goes with --describe") }
    guard at.map({ (0...253_402_300_799).contains($0) }) ?? true else {
      throw ValidationError("--at is seconds since 1970")
    }
  }

  func run() async throws {
    let epoch = UTCInstant(seconds: options.epoch ?? UTCInstant.now.seconds)
    let sites = try options.fleet(epoch: epoch)
    if describe, let at {
      try FleetLine.write(sites.map { SiteDescription($0, at: UTCInstant(seconds: at)) })
    } else {
      try await serve(sites)
    }
  }

  private func serve(_ sites: [FleetSite]) async throws {
    let unit = options.unit
    var servers: [FleetServer] = []
    for site in sites {
      let port = options.basePort == 0 ? 0 : options.basePort + site.index
      let server = try await FleetServer.start(
        host: options.host, port: port, group: MultiThreadedEventLoopGroup.singleton, faults: site.faults
      ) { request, asked in
        guard asked == unit else { return .exception(.gatewayTargetFailedToRespond) }
        return DeviceImage(site, at: .now).answer(request)
      }
      servers.append(server)
    }
    try FleetLine.write(
      zip(sites, servers).map { SiteAnnouncement($0, host: options.host, port: $1.port ?? 0, unit: unit) })
    for server in servers { try await server.untilClosed() }
  }
}
