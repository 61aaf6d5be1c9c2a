import ArgumentParser
import MarketCore
import Settings
import Synchronization
import TelemetryCore

/// `dersim results`: a stand-in for the applications that tell a resource's own results.
struct ResultsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "results",
    abstract: "Stand in for ADS at /ads and for CMRI at /cmri, over mutual TLS.",
    discussion: "Faults of ADS, for --fault, one for each call in their order:\n"
      + DispatchFault.allCases.map { "\($0.rawValue): \($0.meaning)" }.joined(separator: "\n"))

  @Option(help: "The address to listen on.") var host = "127.0.0.1"
  @Option(help: "The port to listen on; 0 takes a free one.") var port = 18446
  @Option(help: "The server's certificate, PEM.") var certificate: String
  @Option(help: "The server's private key, PEM.") var key: String
  @Option(help: "The authorities that may have signed a client's certificate, PEM.") var trust: String
  @Option(help: "The resource that is dispatched and has awards.") var resource = "EXAMPL_7_DERA1"
  @Option(help: "Minutes before its start from which ADS has batches.") var since: Int64 = 60
  @Option(parsing: .upToNextOption, help: "What goes wrong.") var fault: [DispatchFault] = []
  @Flag(help: "Write one JSON object for each call.") var json = false

  func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port is from 0 to 65535") }
    guard (0...100_000).contains(since) else { throw ValidationError("--since is from 0 to 100000 minutes") }
  }

  func run() async throws {
    let identity = OperatorIdentity(certificate: certificate, key: key, trust: trust)
    try identity.check()
    let gate = OperatorGate(trustedCertificates: try BoundedFile.bytes(of: trust), userName: .compact)
    let awards = AwardsDesk(gate: gate, resource: resource)
    let first = (UTCInstant.now.seconds - since * 60) / 300 * 300
    let dispatch = Mutex(DispatchDesk(resource: resource, first: UTCInstant(seconds: first), faults: fault))
    let journal = OperatorJournal(asJSON: json)
    let report: @Sendable (OperatorEvent) -> Void = { journal.write($0, at: .now) }
    let server = try await OperatorServer.start(
      host: host, port: port, identity: identity,
      answer: { call in
        call.path == "/cmri" ? awards.answer(call, at: .now) : dispatch.withLock { $0.answer(call, at: .now) }
      }, report: report)
    try await server.untilClosed()
  }
}
