import ArgumentParser
import Synchronization

/// `dersim gateway`: a stand-in for what takes JSON: a coordinator's gateway, and a registrar.
struct GatewayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gateway",
    abstract: "Stand in for a coordinator's gateway and for RIMS's registrar, over mutual TLS, with JSON.",
    discussion: "Takes schedules and registrations at any path. Faults, for --fault, one for each submission in their "
      + "order:\n\(ScheduleFault.menu)\n\n"
      + "Example: dersim gateway --certificate server.crt --key server.key --trust ca.crt")

  @OptionGroup var standIn: StandInOptions
  @Option(help: "The port to listen on; 0 takes a free one.") var port: UInt16 = 18447
  @OptionGroup var schedules: ScheduleStandInOptions

  func run() async throws {
    let identity = try standIn.identity
    let desk = Mutex(
      GatewayDesk(
        resource: schedules.resource, capacity: schedules.power, validationDelay: schedules.delay,
        faults: schedules.fault))
    try await standIn.serve(as: identity, port: port) { call in desk.withLock { $0.answer(call, at: .now) } }
  }
}
