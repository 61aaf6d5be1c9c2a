import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A server on the loopback that does one thing with each request, right or wrong.
final class ScriptedServer: Sendable {
  enum Behaviour: Sendable {
    case answer(String)
    case answerBytes([UInt8])
    /// Answers and leaves the end of the connection to the client.
    case answerAndStayOpen(String)
    case closeAfterHead
    case closeAfterBody
    case silence
  }

  let port: Int
  private let channel: any Channel
  private let received: ReceivedBytes

  init(
    _ behaviour: Behaviour, certificate: String = "server", clients: String = "ca",
    newestTLS: TLSVersion = .tlsv13
  ) async throws {
    let folder = ChannelFixtures.folder
    var tls = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile("\(folder)/\(certificate).crt").map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(folder)/\(certificate).key", format: .pem)))
    tls.certificateVerification = .noHostnameVerification
    tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMFile("\(folder)/\(clients).crt"))
    tls.maximumTLSVersion = newestTLS
    let context = try NIOSSLContext(configuration: tls)
    let received = ReceivedBytes()
    self.received = received
    channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { child in
        child.eventLoop.makeCompletedFuture {
          try child.pipeline.syncOperations.addHandlers([
            NIOSSLServerHandler(context: context), Script(behaviour, received),
          ])
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress?.port ?? 0
  }

  /// Everything that came, heads and bodies.
  var request: String { received.text }

  func stop() async throws { try await channel.close() }
}

final class ReceivedBytes: Sendable {
  private let bytes = Mutex<[UInt8]>([])
  var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
  func append(_ more: some Sequence<UInt8>) { bytes.withLock { $0 += more } }
}

private final class Script: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let behaviour: ScriptedServer.Behaviour
  private let received: ReceivedBytes
  private var request = ""

  init(_ behaviour: ScriptedServer.Behaviour, _ received: ReceivedBytes) {
    self.behaviour = behaviour
    self.received = received
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let bytes = unwrapInboundIn(data).readableBytesView
    received.append(bytes)
    request += String(decoding: bytes, as: UTF8.self)
    guard let head = request.firstRange(of: "\r\n\r\n") else { return }
    if case .closeAfterHead = behaviour { return context.close(promise: nil) }
    guard request[head.upperBound...].contains("</soap:Envelope>") else { return }
    switch behaviour {
    case .answer(let text): write(ByteBuffer(string: text), context, thenClose: true)
    case .answerBytes(let bytes): write(ByteBuffer(bytes: bytes), context, thenClose: true)
    case .answerAndStayOpen(let text): write(ByteBuffer(string: text), context, thenClose: false)
    case .closeAfterHead, .closeAfterBody: context.close(promise: nil)
    case .silence: break
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func write(_ bytes: ByteBuffer, _ context: ChannelHandlerContext, thenClose: Bool) {
    let written = context.writeAndFlush(wrapOutboundOut(bytes))
    guard thenClose else { return }
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    written.whenComplete { _ in bound.value.close(promise: nil) }
  }
}
