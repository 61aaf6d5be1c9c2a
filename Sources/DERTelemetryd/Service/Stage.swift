import Dispatch
import NIOCore

/// Something that works beside the pipeline and that can be asked whether it still does (P8).
struct Stage: Sendable {
  let name: String
  /// Calls back, from anywhere, when its turn comes.
  let ask: @Sendable (@escaping @Sendable () -> Void) -> Void

  static func queue(_ name: String, _ queue: DispatchQueue) -> Self {
    Self(name: name) { answer in queue.async { answer() } }
  }

  /// The threads that run asynchronous calls.
  static let tasks = Self(name: "the tasks") { answer in Task { answer() } }

  static func eventLoops(of group: any EventLoopGroup) -> [Self] {
    group.makeIterator().enumerated().map { index, loop in
      Self(name: "event loop \(index + 1)") { answer in loop.execute { answer() } }
    }
  }
}
