import ArgumentParser
import Glibc
import Synchronization
import TelemetryCore

/// `dersim market`: a stand-in for the market's applications.
struct MarketCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "market",
    abstract: "Stand in for OASIS, over https.",
    discussion: "Lists one resource at one node. Faults, for --fault, one for each call in their order:\n"
      + MarketFault.allCases.map { "\($0.rawValue): \($0.meaning)" }.joined(separator: "\n")
      + "\n\nExample: dersim market --certificate server.crt --key server.key")

  @Option(help: "The address to listen on.") var host = "127.0.0.1"
  @Option(help: "The port to listen on; 0 takes a free one.") var port = 18444
  @Option(help: "The server's certificate, PEM.") var certificate: String
  @Option(help: "The server's private key, PEM.") var key: String
  @Option(help: "The resource that is listed.") var resource = "EXAMPL_7_DERA1"
  @Option(help: "Its pricing node.") var node = "FRESNO_7_N001"
  @Option(help: "The least milliseconds between two calls.") var spacing: Int64 = 5_000
  @Option(parsing: .upToNextOption, help: "What goes wrong.") var fault: [MarketFault] = []

  func run() async throws {
    let desk = Mutex(
      OASISDesk(resource: resource, node: node, spacing: Milliseconds(spacing), faults: fault))
    let server = try await MarketServer.start(host: host, port: port, certificate: certificate, key: key) { uri in
      let answer: OASISDesk.Answer
      do {
        answer = try desk.withLock { try $0.answer(uri, now: Self.uptime) }
      } catch {
        answer = .init(status: 500, contentType: "text/plain", body: [], note: "\(error)")
      }
      Self.say("\(answer.status) \(answer.note)  \(uri)")
      return answer
    }
    Self.say("listening on \(host):\(server.port)")
    try await server.untilClosed()
  }

  private static var uptime: UptimeInstant {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return UptimeInstant(milliseconds: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
  }

  /// At once, whoever reads.
  private static func say(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    // Nobody to tell is no reason to stop.
    _ = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
  }
}
