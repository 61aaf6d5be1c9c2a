import ArgumentParser
import Synchronization
import TelemetryCore

/// `dersim gateway`: a stand-in for what takes JSON: a coordinator's gateway, and a registrar.
struct GatewayCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gateway",
    abstract: "Stand in for a coordinator's gateway and for RIMS's registrar, over mutual TLS, with JSON.",
    discussion: "Takes schedules and registrations at any path. Faults, for --fault, one for each submission in their "
      + "order:\n" + ScheduleFault.allCases.map { "\($0.rawValue): \($0.meaning)" }.joined(separator: "\n"))

  @Option(help: "The address to listen on.") var host = "127.0.0.1"
  @Option(help: "The port to listen on; 0 takes a free one.") var port = 18447
  @Option(help: "The server's certificate, PEM.") var certificate: String
  @Option(help: "The server's private key, PEM.") var key: String
  @Option(help: "The authorities that may have signed a client's certificate, PEM.") var trust: String
  @Option(help: "The resource that may have schedules.") var resource = "EXAMPL_7_DERA1"
  @Option(help: "Its largest power in kW.") var capacity: Int64 = 1_050
  @Option(help: "Seconds for which a schedule is not judged.") var validationDelay: Double = 1
  @Option(parsing: .upToNextOption, help: "What goes wrong.") var fault: [ScheduleFault] = []
  @Flag(help: "Write one JSON object for each call.") var json = false

  func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port is from 0 to 65535") }
    guard (0...1_000_000_000).contains(capacity) else { throw ValidationError("--capacity is from 0 to 1000000000 kW") }
    guard (0...86_400).contains(validationDelay) else {
      throw ValidationError("--validation-delay is from 0 to 86400 seconds")
    }
  }

  func run() async throws {
    let identity = OperatorIdentity(certificate: certificate, key: key, trust: trust)
    try identity.check()
    let desk = Mutex(
      GatewayDesk(
        resource: resource, capacity: Power(milliwatts: capacity * 1_000_000),
        validationDelay: Milliseconds(Int64(validationDelay * 1_000)), faults: fault))
    let journal = OperatorJournal(asJSON: json)
    let report: @Sendable (OperatorEvent) -> Void = { journal.write($0, at: .now) }
    let server = try await OperatorServer.start(
      host: host, port: port, identity: identity, answer: { call in desk.withLock { $0.answer(call, at: .now) } },
      report: report)
    try await server.untilClosed()
  }
}
