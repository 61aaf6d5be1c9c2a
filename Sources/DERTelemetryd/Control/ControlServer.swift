import Foundation
import Glibc
import Logging
import NIOCore
import NIOPosix
import TelemetryCore

/// Listens for commands on a Unix socket: one line in, one line out, and the connection ends.
struct ControlServer: Sendable {
  typealias Answer = @Sendable (PersonReport) -> Void
  /// Hands a request over, with whether it is a dry run.
  typealias Ask = @Sendable (PersonRequest, Bool, @escaping Answer) -> Void

  /// What a command may come for.
  struct Doors: Sendable {
    var ask: Ask
    var status: StatusQuestion
    /// Hands the wish for a reload over, with who has it.
    var reload: @Sendable (ReloadMessage, String, @escaping Reloader.Answer) -> Void
  }

  /// A reload reads files of many sites, and answers when what it changed is durable.
  private static let patience = TimeAmount.seconds(30)
  private let listener: any Channel
  private let path: String

  /// - Throws: where the socket cannot be made; the daemon runs without it.
  static func start(path: String, group: any EventLoopGroup, doors: Doors) async throws -> Self {
    // Of a daemon that was killed: whoever holds the lock of the state directory is the only one.
    _ = unlink(path)  // it need not be there
    let listener = try await ServerBootstrap(group: group)
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let pipeline = channel.pipeline.syncOperations
          try pipeline.addHandler(IdleStateHandler(allTimeout: patience))
          try pipeline.addHandler(ControlConnection(doors))
        }
      }
      .bind(unixDomainSocketPath: path).get()
    guard chmod(path, 0o660) == 0 else {
      let reason = String(cString: strerror(errno))
      try await listener.close().get()
      throw ControlProblem("\(path): the mode cannot be set: \(reason)")
    }
    return Self(listener: listener, path: path)
  }

  func stop() {
    listener.close(promise: nil)
    _ = unlink(path)  // a command would otherwise wait for a daemon that is gone
  }
}

/// One command's connection.
private final class ControlConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let doors: ControlServer.Doors
  private var line: [UInt8] = []
  private var isAnswered = false

  init(_ doors: ControlServer.Doors) { self.doors = doors }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard !isAnswered else { return }
    line += unwrapInboundIn(data).readableBytesView
    guard line.count <= ControlSocket.requestByteLimit else {
      return answer(PersonReport(problem: "the request is too long"), context)
    }
    guard let end = line.firstIndex(of: 0x0A) else { return }
    isAnswered = true
    identify(Array(line[..<end]), context)
  }

  private func identify(_ line: [UInt8], _ context: ChannelHandlerContext) {
    let loop = NIOLoopBound(self, eventLoop: context.eventLoop)
    let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
    guard let provider = context.channel as? any SocketOptionProvider else {
      return answer(PersonReport(problem: "nobody can tell who asks"), context)
    }
    let peer: EventLoopFuture<PeerCredentials> = provider.unsafeGetSocketOption(level: .socket, name: .so_peercred)
    peer.whenComplete { result in
      switch result {
      case .success(let peer): loop.value.take(line, from: UserName.of(peer.user), bound.value)
      case .failure(let error):
        loop.value.answer(PersonReport(problem: "nobody can tell who asks: \(error)"), bound.value)
      }
    }
  }

  private func take(_ line: [UInt8], from user: String, _ context: ChannelHandlerContext) {
    let channel = context.channel
    do {
      if Self.isStatusQuestion(line) { return doors.status { Self.write($0, to: channel) } }
      if let message = Self.reloadMessage(line) {
        return doors.reload(message, user) { Self.write($0, to: channel) }
      }
      let message = try JSONDecoder().decode(ControlMessage.self, from: Data(line))
      doors.ask(try message.request(user: user), message.isDryRun) { report in
        Self.write(report, to: channel)
      }
    } catch let problem as ControlProblem {
      answer(PersonReport(problem: problem.description), context)
    } catch {
      answer(PersonReport(problem: "the request is none that this version knows"), context)
    }
  }

  private static func isStatusQuestion(_ line: [UInt8]) -> Bool {
    do {
      return try JSONDecoder().decode(ControlQuestion.self, from: Data(line)).verb == .status
    } catch {
      return false
    }
  }

  private static func reloadMessage(_ line: [UInt8]) -> ReloadMessage? {
    do {
      return try JSONDecoder().decode(ReloadMessage.self, from: Data(line))
    } catch {
      return nil
    }
  }

  private func answer(_ report: PersonReport, _ context: ChannelHandlerContext) {
    isAnswered = true
    Self.write(report, to: context.channel)
  }

  private static func write(_ report: some Encodable, to channel: any Channel) {
    do {
      let text = try JSONEncoder().encode(report) + [0x0A]
      channel.writeAndFlush(ByteBuffer(bytes: text)).whenComplete { _ in channel.close(promise: nil) }
    } catch {
      channel.close(promise: nil)
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent { context.close(promise: nil) }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension NIOBSDSocket.Option {
  fileprivate static var so_peercred: Self { Self(rawValue: SO_PEERCRED) }
}
