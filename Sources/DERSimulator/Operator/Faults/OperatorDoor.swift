import NIOCore
import NIOPosix
import Synchronization

/// The listening socket: open, or shut for a time.
final class OperatorDoor: Sendable {
  private struct State {
    var listener: (any Channel)?
    /// Known once it was open for the first time.
    var port = 0
    var isClosed = false
  }

  /// While the port is somebody else's, opening is tried again.
  private static let retry = TimeAmount.milliseconds(200)

  private let state = Mutex(State())
  private let host: String
  private let group: MultiThreadedEventLoopGroup
  private let welcome: @Sendable (any Channel, OperatorDoor) throws -> Void
  private let report: @Sendable (OperatorEvent) -> Void
  private let closed: EventLoopPromise<Void>

  /// Opens nothing yet; `welcome` prepares each connection that comes in.
  init(
    host: String, group: MultiThreadedEventLoopGroup, report: @escaping @Sendable (OperatorEvent) -> Void,
    welcome: @escaping @Sendable (any Channel, OperatorDoor) throws -> Void
  ) {
    self.host = host
    self.group = group
    self.report = report
    self.welcome = welcome
    closed = group.any().makePromise()
  }

  /// Port 0 takes a free one; returns the port.
  func open(port: Int) async throws -> Int {
    let listener = try await listen(port).get()
    let port = listener.localAddress?.port ?? 0
    state.withLock { state in
      state.listener = listener
      state.port = port
    }
    return port
  }

  /// Nothing is accepted for a time; a door that is shut stays as it is.
  func shut(for time: TimeAmount) {
    guard let listener = state.withLock({ $0.listener.take() }) else { return }
    report(.door(isOpen: false))
    listener.close(promise: nil)
    group.any().scheduleTask(in: time) { self.reopen() }
  }

  func untilClosed() async throws { try await closed.futureResult.get() }

  func close() async throws {
    let listener = state.withLock { state in
      state.isClosed = true
      return state.listener.take()
    }
    closed.succeed()
    try await listener?.close().get()
  }

  private func listen(_ port: Int) -> EventLoopFuture<any Channel> {
    ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture { try self.welcome(channel, self) }
      }
      .bind(host: host, port: port)
  }

  private func reopen() {
    let (port, isClosed) = state.withLock { ($0.port, $0.isClosed) }
    guard !isClosed else { return }
    listen(port).whenComplete { result in
      switch result {
      case .success(let listener):
        let isWanted = self.state.withLock { state in
          if !state.isClosed { state.listener = listener }
          return !state.isClosed
        }
        if isWanted { self.report(.door(isOpen: true)) } else { listener.close(promise: nil) }
      case .failure(let error):
        self.report(.connectionFailed(reason: "the port cannot be opened again: \(error)"))
        self.group.any().scheduleTask(in: Self.retry) { self.reopen() }
      }
    }
  }
}
