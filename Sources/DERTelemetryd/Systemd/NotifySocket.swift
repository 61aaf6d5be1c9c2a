import Glibc

/// The socket on which systemd listens (sd_notify(3)), written to without ever waiting for it.
///
/// The library's own call waits while the socket's queue is full (ten messages, `net.unix.max_dgram_qlen`), and systemd may
/// be busy for longer than the watchdog's period: metering must not stop for that.
struct NotifySocket: Sendable {
  private let name: [UInt8]

  /// Nil outside systemd, or where the socket is of a kind that Linux has not got between processes.
  init?(environment: String?) {
    guard let environment, environment.first == "/" || environment.first == "@" else { return nil }
    var name = Array(environment.utf8)
    if name[0] == UInt8(ascii: "@") { name[0] = 0 }
    guard name.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path) else { return nil }
    self.name = name
  }

  /// Hands over one message; false where nobody took it within the time, in milliseconds.
  @discardableResult
  func send(_ message: String, patience: Int32) -> Bool {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { _ = close(descriptor) }
    guard connect(descriptor) else { return false }
    let bytes = Array(message.utf8)
    // Two attempts: the second after the queue has room, or the patience is at its end.
    for _ in 0..<2 {
      if Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count { return true }
      guard patience > 0, errno == EAGAIN || errno == EINTR else { return false }
      var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      guard poll(&room, 1, patience) > 0 else { return false }
    }
    return false
  }

  private func connect(_ descriptor: Int32) -> Bool {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let size = socklen_t(MemoryLayout<sa_family_t>.size + name.count + (name[0] == 0 ? 0 : 1))
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) == 0 }
    }
  }
}
