import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import TelemetryCore

/// The socket half of the stand-in for OASIS: TLS without client certificates, GET alone.
struct MarketServer: Sendable {
  private let group: MultiThreadedEventLoopGroup
  private let channel: any Channel

  /// Listens; port 0 takes a free one, and ``port`` tells which.
  static func start(
    host: String, port: Int, certificate: String, key: String,
    answer: @escaping @Sendable (String) -> OASISDesk.Answer
  ) async throws -> Self {
    var tls = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
    tls.minimumTLSVersion = .tlsv12
    let context = try NIOSSLContext(configuration: tls)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do {
      let channel = try await ServerBootstrap(group: group)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(NIOSSLServerHandler(context: context))
            try pipeline.configureHTTPServerPipeline()
            try pipeline.addHandler(MarketConnection(answer: answer))
          }
        }
        .bind(host: host, port: port).get()
      return Self(group: group, channel: channel)
    } catch {
      try await group.shutdownGracefully()
      throw error
    }
  }

  var port: Int { channel.localAddress?.port ?? 0 }

  func untilClosed() async throws { try await channel.closeFuture.get() }

  func stop() async throws {
    try await channel.close()
    try await group.shutdownGracefully()
  }
}

/// One client's connection.
final class MarketConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let answer: @Sendable (String) -> OASISDesk.Answer
  private var head: HTTPRequestHead?

  init(answer: @escaping @Sendable (String) -> OASISDesk.Answer) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      self.head = nil
      guard head.method == .GET else {
        return write(.init(status: 405, contentType: "text/plain", body: [], note: ""), context)
      }
      write(answer(head.uri), context)
    }
  }

  private func write(_ answer: OASISDesk.Answer, _ context: ChannelHandlerContext) {
    let headers: HTTPHeaders = [
      "Content-Type": answer.contentType, "Content-Length": "\(answer.body.count)", "Connection": "close",
    ]
    let status = HTTPResponseStatus(statusCode: answer.status)
    context.write(wrapOutboundOut(.head(.init(version: .http1_1, status: status, headers: headers))), promise: nil)
    let buffer = context.channel.allocator.buffer(bytes: answer.body)
    switch answer.fault {
    case .trickle: trickle(buffer, context)
    case .halfBody:
      let half = buffer.getSlice(at: 0, length: buffer.readableBytes / 2) ?? buffer
      context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(half))))
        .assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    default:
      context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
      context.writeAndFlush(wrapOutboundOut(.end(nil)))
        .assumeIsolated().whenComplete { _ in context.close(promise: nil) }
    }
  }

  private func trickle(_ rest: ByteBuffer, _ context: ChannelHandlerContext) {
    var rest = rest
    guard context.channel.isActive, let byte = rest.readSlice(length: 1) else {
      return context.close(promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(byte))), promise: nil)
    context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(1)) { [rest] in self.trickle(rest, context) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
