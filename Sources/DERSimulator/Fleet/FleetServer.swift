import NIOCore
import NIOPosix
import TelemetryCore

/// Answers Modbus TCP for one simulated device on a port of its own.
struct FleetServer {
  private let channel: any Channel

  /// Listens; port 0 takes a free one.
  ///
  /// What the device says to a request for a unit is asked for on an event loop.
  static func start(
    host: String, port: Int, group: any EventLoopGroup,
    answer: @escaping @Sendable (ModbusRequest, UInt8) -> ModbusResponse
  ) async throws -> FleetServer {
    let channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 64)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(FleetServerHandler(answer: answer))
        }
      }
      .bind(host: host, port: port).get()
    return FleetServer(channel: channel)
  }

  /// The port that was taken.
  var port: Int? { channel.localAddress?.port }

  func untilClosed() async throws { try await channel.closeFuture.get() }

  func close() async throws { try await channel.close() }
}

private final class FleetServerHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let answer: @Sendable (ModbusRequest, UInt8) -> ModbusResponse
  private var frames = ModbusFrameReader()

  init(answer: @escaping @Sendable (ModbusRequest, UInt8) -> ModbusResponse) { self.answer = answer }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    frames.feed(Array(buffer: unwrapInboundIn(data)))
    do throws(ModbusFramingError) {
      while let frame = try frames.next() {
        context.write(wrapOutboundOut(ByteBuffer(bytes: reply(to: frame).encoded)), promise: nil)
      }
      context.flush()
    } catch {
      // Not Modbus, and no way back into step: a device hangs up.
      context.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private func reply(to frame: ModbusFrame) -> ModbusFrame {
    let response: ModbusResponse
    do throws(ModbusException) {
      response = answer(try ModbusRequest.decode(frame.message), frame.unit)
    } catch {
      response = .exception(error)
    }
    let function = frame.message.first ?? 0
    return ModbusFrame(
      transaction: frame.transaction, unit: frame.unit, message: response.encoded(answering: function))
  }
}
