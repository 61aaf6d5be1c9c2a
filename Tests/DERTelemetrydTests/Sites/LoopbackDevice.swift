import NIOCore
import NIOPosix
import TelemetryCore

/// A device on a real socket that says what a test wants it to.
struct LoopbackDevice {
  private let channel: any Channel

  /// Listens on a free port.
  ///
  /// A request is answered by the bytes of the closure, nil says nothing.
  static func start(
    onConnect: @escaping @Sendable () -> Void = {}, reply: @escaping @Sendable (ModbusFrame) -> [UInt8]?
  ) async throws -> LoopbackDevice {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        onConnect()
        return channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(Handler(reply: reply))
        }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    return LoopbackDevice(channel: channel)
  }

  /// A device that answers from its registers.
  static func start(serving registers: [UInt16]) async throws -> LoopbackDevice {
    try await start { reply(to: $0, from: registers) }
  }

  static func reply(to frame: ModbusFrame, from registers: [UInt16]) -> [UInt8]? {
    guard let request = try? ModbusRequest.decode(frame.message) else { return nil }
    let first = Int(request.start) - 40_000
    let isInside = first >= 0 && first + Int(request.count) <= registers.count
    let response =
      isInside
      ? ModbusResponse.registers(Array(registers[first..<(first + Int(request.count))]))
      : ModbusResponse.exception(.illegalDataAddress)
    let message = response.encoded(answering: request.table.rawValue)
    return ModbusFrame(transaction: frame.transaction, unit: frame.unit, message: message).encoded
  }

  var address: ModbusAddress {
    ModbusAddress(host: "127.0.0.1", port: channel.localAddress?.port ?? 0, unit: 1)
  }

  func stop() async throws { try await channel.close() }

  /// An inverter that generates 1,000 W and has generated 5,000 Wh.
  static var inverter: [UInt16] {
    var common = [UInt16](repeating: 0, count: 68)
    common.replaceSubrange(0...1, with: [1, 66])
    common[50] = 0x4142
    var model = [UInt16](repeating: 0x8000, count: 52)
    model.replaceSubrange(0...1, with: [103, 50])
    model.replaceSubrange(14...15, with: [1_000, 0])
    model.replaceSubrange(24...26, with: [0, 5_000, 0])
    model[38] = 4
    return [0x5375, 0x6E53] + common + model + [0xFFFF, 0]
  }

  private final class Handler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let reply: @Sendable (ModbusFrame) -> [UInt8]?
    private var frames = ModbusFrameReader()

    init(reply: @escaping @Sendable (ModbusFrame) -> [UInt8]?) { self.reply = reply }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      frames.feed(Array(buffer: unwrapInboundIn(data)))
      while let frame = try? frames.next() {
        guard let bytes = reply(frame) else { continue }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
      }
    }
  }
}
