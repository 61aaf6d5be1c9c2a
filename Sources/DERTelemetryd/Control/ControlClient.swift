import Foundation
import Glibc
import TelemetryCore

/// A command's side of the control socket.
enum ControlClient {
  /// How long the daemon may take: a commit on a slow disk.
  private static let patienceSeconds = 30

  /// The daemon's answer; nil where none is running.
  static func ask<Answer: Decodable>(
    _ message: some Encodable, path: String
  ) throws(ControlProblem) -> Answer? {
    guard let descriptor = try connect(path) else { return nil }
    defer { _ = close(descriptor) }  // both sides are done with it
    do {
      try send(Array(try JSONEncoder().encode(message)) + [0x0A], descriptor, path)
      return try JSONDecoder().decode(Answer.self, from: Data(try receive(descriptor, path)))
    } catch let problem as ControlProblem {
      throw problem
    } catch {
      throw ControlProblem("\(path): the daemon's answer cannot be read: is it of another version? \(error)")
    }
  }

  private static func connect(_ path: String) throws(ControlProblem) -> Int32? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let capacity = MemoryLayout.size(ofValue: address.sun_path)
    guard path.utf8.count < capacity else {
      throw ControlProblem("\(path): longer than a socket's path may be (\(capacity - 1) bytes)")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw problem(path) }
    var patience = timeval(tv_sec: patienceSeconds, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      _ = setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))  // else it waits
    }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if result == 0 { return descriptor }
    let code = errno
    _ = close(descriptor)  // never connected
    if code == ENOENT || code == ECONNREFUSED { return nil }
    errno = code
    throw problem(path)
  }

  private static func send(_ bytes: [UInt8], _ descriptor: Int32, _ path: String) throws(ControlProblem) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { throw problem(path) }
      rest = rest.dropFirst(count)
    }
  }

  private static func receive(_ descriptor: Int32, _ path: String) throws(ControlProblem) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.last != 0x0A {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw problem(path) }
      guard count > 0, bytes.count < ControlSocket.byteLimit else {
        throw ControlProblem("\(path): the daemon gave no whole answer; ask `audit` and `explain` what became of it")
      }
      bytes += buffer[..<count]
    }
    return bytes
  }

  private static func problem(_ path: String) -> ControlProblem {
    ControlProblem("\(path): \(String(cString: strerror(errno)))")
  }
}
