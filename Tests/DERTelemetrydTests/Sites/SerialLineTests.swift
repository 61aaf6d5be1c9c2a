import Dispatch
import Glibc
import NIOCore
import NIOPosix
import TelemetryCore
import Testing

@testable import DERTelemetryd

/// A serial line is a pseudo-terminal here, with the devices at its other end.
@Suite struct SerialLineTests {
  private struct Line {
    let path: String
    let channel: any Channel

    /// Devices with these units answer from the registers.
    static func start(units: Set<UInt8>, registers: [UInt16]) async throws -> Line {
      let descriptor = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK)
      var (isLocked, number) = (CInt(0), CInt(0))
      // TIOCSPTLCK and TIOCGPTN of ioctl_tty(2), which are macros that Swift does not see.
      try #require(descriptor >= 0 && ioctl(descriptor, 0x4004_5431, &isLocked) == 0)
      try #require(ioctl(descriptor, 0x8004_5430, &number) == 0)
      let path = "/dev/pts/\(number)"
      let channel = try await NIOPipeBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .channelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(Devices(units: units, registers: registers))
          }
        }
        .takingOwnershipOfDescriptor(inputOutput: descriptor).get()
      return Line(path: path, channel: channel)
    }
  }

  private final class Devices: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let units: Set<UInt8>
    private let registers: [UInt16]
    private var pending: [UInt8] = []

    init(units: Set<UInt8>, registers: [UInt16]) {
      self.units = units
      self.registers = registers
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      pending += Array(buffer: unwrapInboundIn(data))
      while pending.count >= 8 {
        let request = Array(pending.prefix(8))
        pending.removeFirst(8)
        let frame = ModbusFrame(transaction: 0, unit: request[0], message: Array(request[1..<6]))
        guard units.contains(frame.unit), request == ModbusRTU.frame(unit: frame.unit, message: frame.message),
          let reply = LoopbackDevice.reply(to: frame, from: registers)
        else { continue }
        let message = Array(reply.dropFirst(ModbusFrame.headerByteCount))
        let bytes = ModbusRTU.frame(unit: frame.unit, message: message)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
      }
    }
  }

  @Test(.timeLimit(.minutes(1))) func sitesOnALineAreReadAndOneThatIsMissingLeavesTheOthersAlone() async throws {
    let line = try await Line.start(units: [1, 3], registers: LoopbackDevice.inverter)
    let port = SerialPort(path: line.path, baud: 115_200, parity: .none, stopBits: 1)
    let limits = ConnectionLimits(pipeline: 1, replyTimeout: Milliseconds(300), framing: .rtu)
    let sites = [UInt8(1), 2, 3].map { unit in
      SiteSettings(
        id: SiteID("site-\(unit)"), resource: ResourceID("R"), nameplate: Power(milliwatts: 1_000_000),
        lossFactors: .none, modbus: ModbusAddress(.serial(port), unit: unit, limits: limits), scan: Milliseconds(500))
    }
    let (stream, source) = AsyncStream.makeStream(of: SiteEvent.self)
    let readers = SiteReaders(
      sites: sites, defaultScan: .seconds(1), queue: DispatchQueue(label: "der.test"), onEvent: { source.yield($0) })
    await readers.start()
    var counts = [0, 0, 0]
    for await event in stream {
      guard case .reading(let reading) = event else { continue }
      #expect(reading.power == Power(milliwatts: 1_000_000))
      counts[reading.site.position] += 1
      if counts[0] >= 2 && counts[2] >= 2 { break }
    }
    await readers.stop()
    #expect(counts[1] == 0)
    do {
      try await line.channel.close()
    } catch ChannelError.alreadyClosed {
      return  // the port was closed, and this end of the line with it
    }
  }

  @Test func aPortThatIsNoneSaysWhy() {
    for (path, words) in [("/dev/not-there", "No such file"), ("/dev/null", "no terminal")] {
      let port = SerialPort(path: path, baud: 9_600, parity: .even, stopBits: 1)
      do throws(SerialDevice.Failure) {
        _ = try SerialDevice.open(port)
        Issue.record("\(path) was opened")
      } catch {
        #expect("\(error)".contains(words), "\(error)")
      }
    }
  }
}
