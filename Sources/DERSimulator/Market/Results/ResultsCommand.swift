import ArgumentParser
import Settings
import Synchronization
import TelemetryCore

/// `dersim results`: a stand-in for the applications that tell a resource's own results.
struct ResultsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "results",
    abstract: "Stand in for ADS at /ads and for CMRI at /cmri, over mutual TLS.",
    discussion: "Faults of ADS, for --fault, one for each call in their order:\n"
      + DispatchFault.allCases.map { "\($0.rawValue): \($0.meaning)" }.joined(separator: "\n")
      + "\n\nExample: dersim results --certificate server.crt --key server.key --trust ca.crt")

  @OptionGroup var standIn: StandInOptions
  @Option(help: "The port to listen on; 0 takes a free one.") var port: UInt16 = 18446
  @Option(help: "The resource that is dispatched and has awards.") var resource = "EXAMPL_7_DERA1"
  @Option(help: "Minutes before its start from which ADS has batches.") var since: Int64 = 60
  @Option(parsing: .upToNextOption, help: "What goes wrong.") var fault: [DispatchFault] = []

  func validate() throws {
    guard (0...100_000).contains(since) else { throw ValidationError("--since is from 0 to 100000 minutes") }
  }

  func run() async throws {
    let identity = try standIn.identity
    let gate = OperatorGate(trustedCertificates: try BoundedFile.bytes(of: standIn.trust), userName: .compact)
    let awards = AwardsDesk(gate: gate, resource: resource)
    let first = (UTCInstant.now.seconds - since * 60) / 300 * 300
    let dispatch = Mutex(DispatchDesk(resource: resource, first: UTCInstant(seconds: first), faults: fault))
    try await standIn.serve(as: identity, port: port) { call in
      call.path == "/cmri" ? awards.answer(call, at: .now) : dispatch.withLock { $0.answer(call, at: .now) }
    }
  }
}
