import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Who may connect, and with what the server proves who it is.
///
/// All three are PEM files.
struct OperatorIdentity: Sendable {
  var certificate: String
  var key: String
  /// The authorities that may have signed a client's certificate.
  var trust: String

  /// Throws the name of the first file that is not there.
  func check() throws(OperatorFileProblem) {
    for path in [certificate, key, trust] where access(path, R_OK) != 0 {
      throw .system("read", path: path, code: errno)
    }
  }

  /// TLS 1.2 or later, and no connection without a client certificate of the trusted authorities.
  func context() throws -> NIOSSLContext {
    var configuration = TLSConfiguration.makeServerConfigurationWithMTLS(
      certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)),
      trustRoots: .file(trust))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["http/1.1"]
    return try NIOSSLContext(configuration: configuration)
  }
}

/// The socket half of the stand-in: mutual TLS and HTTP/1.1 around one function from call to answer.
///
/// That function may block; it runs on a thread of its own, one call after the other. An answer says itself how much of it
/// is to come, and when.
struct OperatorServer: Sendable {
  /// Bytes: CAISO takes submissions of up to 15 MB uncompressed, which Base64 and gzip do not make larger.
  static let bodyByteLimit = 16 << 20

  private let group: MultiThreadedEventLoopGroup
  private let thread: NIOThreadPool
  private let door: OperatorDoor
  let port: Int

  /// Listens; port 0 takes a free one, and ``port`` tells which.
  ///
  /// `refuse` is asked before the body of a call is read; what it says of it ends the connection.
  static func start(
    host: String, port: Int, identity: OperatorIdentity,
    answer: @escaping @Sendable (OperatorCall) -> OperatorAnswer,
    refuse: @escaping @Sendable () -> CallNote? = { nil },
    report: @escaping @Sendable (OperatorEvent) -> Void
  ) async throws -> Self {
    let context = try identity.context()
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let thread = NIOThreadPool(numberOfThreads: 1)
    thread.start()
    let door = OperatorDoor(host: host, group: group, report: report) { channel, door in
      let pipeline = channel.pipeline.syncOperations
      try pipeline.addHandler(NIOSSLServerHandler(context: context))
      try pipeline.configureHTTPServerPipeline()
      try pipeline.addHandler(
        OperatorConnection(thread: thread, door: door, answer: answer, refuse: refuse, report: report))
    }
    do {
      let server = Self(group: group, thread: thread, door: door, port: try await door.open(port: port))
      report(.listening(host: host, port: server.port))
      return server
    } catch {
      try await thread.shutdownGracefully()
      try await group.shutdownGracefully()
      throw error
    }
  }

  /// Returns when the server has been stopped.
  func untilClosed() async throws { try await door.untilClosed() }

  func stop() async throws {
    try await door.close()
    try await group.shutdownGracefully()
    try await thread.shutdownGracefully()
  }
}
