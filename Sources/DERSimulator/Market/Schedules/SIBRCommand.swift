import ArgumentParser
import Settings
import Synchronization
import TelemetryCore

/// `dersim sibr`: a stand-in for CAISO's application for bids.
struct SIBRCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sibr",
    abstract: "Stand in for SIBR, over mutual TLS: take self-schedules and tell what became of them.",
    discussion: "Holds what it took until it ends. Faults, for --fault, one for each submission in their order:\n"
      + "\(ScheduleFault.menu)\n\nExample: dersim sibr --certificate server.crt --key server.key --trust ca.crt")

  @OptionGroup var standIn: StandInOptions
  @Option(help: "The port to listen on; 0 takes a free one.") var port: UInt16 = 18445
  @OptionGroup var schedules: ScheduleStandInOptions

  func run() async throws {
    let identity = try standIn.identity
    let gate = OperatorGate(trustedCertificates: try BoundedFile.bytes(of: standIn.trust), userName: .compact)
    let desk = Mutex(
      ScheduleDesk(
        gate: gate, resource: schedules.resource, capacity: schedules.power, validationDelay: schedules.delay,
        faults: schedules.fault))
    try await standIn.serve(as: identity, port: port) { call in desk.withLock { $0.answer(call, at: .now) } }
  }
}
