import NIOCore
import NIOPosix
import Synchronization
import TelemetryCore

/// Answers Modbus TCP for one simulated device on a port of its own.
struct FleetServer {
  private let channel: any Channel

  /// Listens; port 0 takes a free one.
  ///
  /// What the device says to a request for a unit is asked for on an event loop.
  static func start(
    host: String, port: Int, group: any EventLoopGroup, faults: [DeviceFault] = [],
    answer: @escaping @Sendable (ModbusRequest, UInt8) -> ModbusResponse
  ) async throws -> FleetServer {
    let onlyClient = OnlyClient(isOn: faults.contains(.oneClient))
    let channel = try await ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 64)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        onlyClient.take(channel)
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(FleetServerHandler(faults: faults, answer: answer))
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

/// Ends the connection of the client before, where the device serves one.
private final class OnlyClient: Sendable {
  private let isOn: Bool
  private let current = Mutex<(any Channel)?>(nil)

  init(isOn: Bool) { self.isOn = isOn }

  func take(_ channel: any Channel) {
    guard isOn else { return }
    let before = current.withLock { current in
      defer { current = channel }
      return current
    }
    before?.close(promise: nil)
  }
}

private final class FleetServerHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let answer: @Sendable (ModbusRequest, UInt8) -> ModbusResponse
  private let faults: [DeviceFault]
  private let delay: TimeAmount
  private var frames = ModbusFrameReader()
  private var lastReply: ModbusFrame?

  init(faults: [DeviceFault], answer: @escaping @Sendable (ModbusRequest, UInt8) -> ModbusResponse) {
    self.faults = faults
    self.answer = answer
    let delays = faults.compactMap { if case .slow(let milliseconds) = $0 { milliseconds } else { nil } }
    delay = .milliseconds(delays.max() ?? 0)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    frames.feed(Array(buffer: unwrapInboundIn(data)))
    do throws(ModbusFramingError) {
      while let frame = try frames.next() {
        send(replies(to: frame), context)
      }
    } catch {
      // Not Modbus, and no way back into step: a device hangs up.
      context.close(promise: nil)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  /// What the faults of the line leave of an answer.
  private func replies(to frame: ModbusFrame) -> [UInt8] {
    guard !faults.contains(.dead) else { return [] }
    let reply = reply(to: frame)
    let stale = faults.contains(.stale) ? lastReply : nil
    lastReply = reply
    return (stale?.encoded ?? []) + reply.encoded
  }

  private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
    let buffer = ByteBuffer(bytes: bytes)
    let channel = context.channel
    guard delay > .nanoseconds(0) else { return channel.writeAndFlush(buffer, promise: nil) }
    context.eventLoop.scheduleTask(in: delay) { channel.writeAndFlush(buffer, promise: nil) }
  }

  private func reply(to frame: ModbusFrame) -> ModbusFrame {
    let function = frame.message.first ?? 0
    for case .exception(let exception) in faults {
      let message = ModbusResponse.exception(exception).encoded(answering: function)
      return ModbusFrame(transaction: frame.transaction, unit: frame.unit, message: message)
    }
    let response: ModbusResponse
    do throws(ModbusException) {
      response = answer(try ModbusRequest.decode(frame.message), frame.unit)
    } catch {
      response = .exception(error)
    }
    return ModbusFrame(
      transaction: frame.transaction, unit: frame.unit, message: response.encoded(answering: function))
  }
}
