import Glibc
import NIOCore
import NIOPosix
import TelemetryCore

/// One connection, over TCP or a serial line, to one or several sites, or the attempt to make one.
///
/// It says what happened to it and decides nothing. After ``close()`` it may still say that it closed: whoever listens
/// knows which link is the present one.
final class SiteLink: Sendable {
  enum Event: Sendable {
    case connected
    case unreachable(reason: String)
    case received([UInt8], at: Moment)
    case closed(reason: String)
  }

  private let connection: EventLoopFuture<any Channel>
  /// What a serial line needs before a message.
  private let silence: TimeAmount?

  /// How long sent bytes may stay without an acknowledgement, in milliseconds: a peer that is gone without a word is
  /// noticed although several units take turns in not answering (tcp(7)).
  private static let userTimeout = ChannelOptions.Types.SocketOption(
    level: .tcp, name: NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT))

  /// Starts to connect.
  ///
  /// The event handler is called on the link's event loop.
  init(
    to endpoint: ModbusEndpoint, on group: any EventLoopGroup, onEvent: @escaping @Sendable (Event) -> Void
  ) {
    silence = if case .serial(let port) = endpoint { .microseconds(Int64(port.silence)) } else { nil }
    switch endpoint {
    case .tcp(let host, let port): connection = Self.connect(to: host, port, on: group, onEvent)
    case .serial(let port): connection = Self.open(port, on: group, onEvent)
    }
    connection.whenFailure { error in onEvent(.unreachable(reason: Self.reason(error))) }
  }

  private static func connect(
    to host: String, _ port: Int, on group: any EventLoopGroup, _ onEvent: @escaping @Sendable (Event) -> Void
  ) -> EventLoopFuture<any Channel> {
    ClientBootstrap(group: group)
      .connectTimeout(.milliseconds(ConnectionSession.connectTimeout.count))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelOption(Self.userTimeout, value: Int(ConnectionSession.connectTimeout.count))
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(SiteLinkHandler(onEvent: onEvent))
        }
      }
      .connect(host: host, port: port)
  }

  private static func open(
    _ port: SerialPort, on group: any EventLoopGroup, _ onEvent: @escaping @Sendable (Event) -> Void
  ) -> EventLoopFuture<any Channel> {
    let eventLoop = group.next()
    do throws(SerialDevice.Failure) {
      let descriptor = try SerialDevice.open(port)
      return NIOPipeBootstrap(group: eventLoop)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(SiteLinkHandler(onEvent: onEvent))
          }
        }
        .takingOwnershipOfDescriptor(inputOutput: descriptor).map { $0 as any Channel }
    } catch {
      return eventLoop.makeFailedFuture(error)
    }
  }

  func send(_ bytes: [UInt8]) {
    connection.whenSuccess { [silence] channel in
      // A failed write also closes the channel, which is told as an event.
      guard let silence else { return channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
      channel.eventLoop.scheduleTask(in: silence) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }
    }
  }

  /// Ends the connection, or the attempt as soon as it has succeeded.
  func close() {
    connection.whenSuccess { channel in channel.close(promise: nil) }
  }

  /// Waits until nothing of the connection is left.
  func closed() async {
    close()
    // Only the end matters here, not how it came about.
    let ended = connection.flatMap { $0.closeFuture }.recover { _ in () }
    _ = try? await ended.get()
  }

  fileprivate static func reason(_ error: any Error) -> String {
    switch error {
    case let error as NIOConnectionError:
      guard let first = error.connectionErrors.first else { return "no address for \(error.host)" }
      return reason(first.error)
    case let error as IOError: return String(cString: strerror(error.errnoCode))
    case ChannelError.connectTimeout: return "no connection in time"
    default: return "\(error)"
    }
  }
}

/// Tells what comes out of the channel.
///
/// What was told waits on another queue, so a device that sends without being asked is cut off here, before it fills the
/// memory.
private final class SiteLinkHandler: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer

  /// A reply has at most 260 bytes; the rest is for replies that come late.
  private static let unaskedByteLimit = 4_096

  private let clock = SystemClock()
  private let onEvent: @Sendable (SiteLink.Event) -> Void
  private var reason = "closed by the device"
  private var unaskedByteCount = 0

  init(onEvent: @escaping @Sendable (SiteLink.Event) -> Void) { self.onEvent = onEvent }

  func channelActive(context: ChannelHandlerContext) { onEvent(.connected) }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let buffer = unwrapInboundIn(data)
    unaskedByteCount += buffer.readableBytes
    guard unaskedByteCount <= Self.unaskedByteLimit else {
      reason = "the device sends more than it was asked for"
      return context.close(promise: nil)
    }
    // The instant of a reading hangs on this moment, so it is taken here and not after the hop.
    onEvent(.received(Array(buffer: buffer), at: clock.now()))
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    unaskedByteCount = 0
    context.write(data, promise: promise)
  }

  func channelInactive(context: ChannelHandlerContext) { onEvent(.closed(reason: reason)) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    reason = SiteLink.reason(error)
    context.close(promise: nil)
  }
}
