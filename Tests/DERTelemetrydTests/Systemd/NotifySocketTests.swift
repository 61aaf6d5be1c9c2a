import Foundation
import TelemetryCore
import Testing

@testable import DERTelemetryd

/// A socket as systemd has one, which is read when a test wants to.
private final class Listener {
  let path: String
  private let descriptor: Int32

  init(in folder: String) throws {
    path = "\(folder)/notify"
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
      }
    }
    try #require(isBound)
  }

  deinit { _ = close(descriptor) }

  /// The next message; nil where none is waiting.
  func next() -> String? {
    var bytes = [UInt8](repeating: 0, count: 1_000)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return count < 0 ? nil : String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}

@Suite struct NotifySocketTests {
  @Test func messagesComeAsSystemdReadsThem() throws {
    let folder = TemporaryDirectory()
    let listener = try Listener(in: folder.path)
    let notifier = ServiceNotifier(socket: listener.path)
    notifier.ready()
    notifier.status("sites 2/2")
    notifier.starting(within: .seconds(90))
    #expect(listener.next() == "READY=1")
    #expect(listener.next() == "STATUS=sites 2/2")
    #expect(listener.next() == "EXTEND_TIMEOUT_USEC=90000000")
    #expect(listener.next() == nil)
  }

  /// With a call that waits this test does not end.
  @Test func aFullSocketHoldsNothingUp() throws {
    let folder = TemporaryDirectory()
    let listener = try Listener(in: folder.path)
    let socket = try #require(NotifySocket(environment: listener.path))
    var taken = 0
    while socket.send("WATCHDOG=1", patience: 0), taken < 10_000 { taken += 1 }
    #expect(taken > 0 && taken < 10_000)
    ServiceNotifier(socket: listener.path).alive()
    #expect(!socket.send("READY=1", patience: 1))
    var heard = 0
    while listener.next() != nil { heard += 1 }
    #expect(heard == taken)
    #expect(socket.send("READY=1", patience: 1))
    #expect(listener.next() == "READY=1")
  }

  @Test func outsideSystemdNothingIsSaid() {
    for environment in [nil, "", "vsock:2:1234", "relative/path", "/" + String(repeating: "x", count: 200)] {
      #expect(NotifySocket(environment: environment) == nil, "\(environment ?? "nil")")
    }
    #expect(NotifySocket(environment: "/run/nobody/listens")?.send("READY=1", patience: 0) == false)
  }
}
