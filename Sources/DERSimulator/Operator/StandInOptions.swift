import ArgumentParser
import TelemetryCore

/// Where a stand-in listens, and as whom it meets its clients over mutual TLS.
struct StandInOptions: ParsableArguments {
  @Option(help: "The address to listen on.") var host = "127.0.0.1"
  @Option(help: "The server's certificate, PEM.") var certificate: String
  @Option(help: "The server's private key, PEM.") var key: String
  @Option(help: "The authorities that may have signed a client's certificate, PEM.") var trust: String
  @Flag(help: "Write one JSON object for each call.") var json = false

  /// Fails before anything listens where the files cannot be used.
  var identity: OperatorIdentity {
    get throws {
      let identity = OperatorIdentity(certificate: certificate, key: key, trust: trust)
      try identity.check()
      return identity
    }
  }

  /// Writes what happens to standard output.
  var report: @Sendable (OperatorEvent) -> Void {
    let journal = OperatorJournal(asJSON: json)
    return { journal.write($0, at: .now) }
  }

  /// Answers until it is stopped.
  func serve(
    as identity: OperatorIdentity, port: UInt16, refuse: @escaping @Sendable () -> CallNote? = { nil },
    answer: @escaping @Sendable (OperatorCall) -> OperatorAnswer
  ) async throws {
    let server = try await OperatorServer.start(
      host: host, port: Int(port), identity: identity, answer: answer, refuse: refuse, report: report)
    try await server.untilClosed()
  }
}
