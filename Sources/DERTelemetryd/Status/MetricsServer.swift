import NIOCore
import NIOHTTP1
import NIOPosix
import TelemetryCore

/// Gives the figures of the status to a collector on the same host: `GET /metrics` on 127.0.0.1.
struct MetricsServer: Sendable {
  private static let patience = TimeAmount.seconds(10)
  private let listener: any Channel

  /// - Throws: where the port cannot be taken; the daemon runs without it.
  static func start(port: Int, group: any EventLoopGroup, status: @escaping StatusQuestion) async throws -> Self {
    let listener = try await ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(IdleStateHandler(allTimeout: patience))
          try pipeline.configureHTTPServerPipeline()
          try pipeline.addHandler(MetricsConnection(status: status))
        }
      }
      .bind(host: "127.0.0.1", port: port).get()
    return Self(listener: listener)
  }

  var port: Int? { listener.localAddress?.port }

  func stop() { listener.close(promise: nil) }
}

/// One request, one answer, and the connection ends.
private final class MetricsConnection: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let status: StatusQuestion
  private var isFound = false

  init(status: @escaping StatusQuestion) { self.status = status }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): isFound = head.method == .GET && head.uri == "/metrics"
    case .body: break
    case .end: answer(context.channel)
    }
  }

  private func answer(_ channel: any Channel) {
    guard isFound else { return Self.write(.notFound, "only GET /metrics\n", "text/plain", to: channel) }
    status { report in Self.write(.ok, OpenMetrics(report).text, OpenMetrics.contentType, to: channel) }
  }

  private static func write(_ status: HTTPResponseStatus, _ text: String, _ type: String, to channel: any Channel) {
    let headers = HTTPHeaders([
      ("content-type", type), ("content-length", "\(text.utf8.count)"), ("connection", "close"),
    ])
    channel.write(HTTPServerResponsePart.head(.init(version: .http1_1, status: status, headers: headers)), promise: nil)
    channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: text))), promise: nil)
    channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
