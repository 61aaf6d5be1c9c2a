import Glibc
import TelemetryCore
import MarketCore

/// Whose turn it is to call a host, shared by all processes of this machine.
///
/// The limit is CAISO's for each address that calls, whoever the user and whatever the state directory are.
struct SpacingFile {
  /// Why no turn could be taken.
  enum Problem: Error, CustomStringConvertible {
    /// Other processes have taken all turns of the next minutes.
    case busy(host: String)
    case disk(LogDiskError)

    var description: String {
      switch self {
      case .busy(let host): "other processes have taken all turns of the next ten minutes to call \(host)"
      case .disk(let error): "\(error)"
      }
    }
  }

  private static let folders = ["/run/lock", "/tmp"]
  /// Everybody may write: whoever calls takes part.
  private static let mode: mode_t = 0o666
  private let host: String
  private let path: String

  /// - Parameter host: With its port; letters that cannot stand in the name of a file are replaced.
  init(host: String) {
    self.host = host
    let name = String(host.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == ".") ? $0 : "_" }.prefix(200))
    let folder = Self.folders.first { access($0, W_OK) == 0 } ?? "/tmp"
    path = "\(folder)/dertelemetryd-spacing-\(name)"
  }

  /// Takes the next turn: how long to wait for it.
  func take(spacing: Milliseconds) throws(Problem) -> Milliseconds {
    do throws(LogDiskError) {
      let file = try open()
      try file.lockWaiting()
      let stored = try file.read(0..<200)
      let now = SystemClock().now().uptime
      let boot = Self.boot
      guard
        let (turn, next) = CallSpacing.take(
          CallSpacing(String(decoding: stored, as: UTF8.self)), boot: boot, now: now, spacing: spacing)
      else { throw LogDiskError(.lock, path: path, cause: .busy, reason: "no turn") }
      try file.truncate(to: 0)
      try file.write(Array(next.text.utf8), at: 0)
      return turn - now
    } catch {
      throw error.cause == .busy ? .busy(host: host) : .disk(error)
    }
  }

  /// Where anybody may make files, the kernel lets nobody open another user's with `O_CREAT`
  /// (`fs.protected_regular`), so it is opened as it is, and made where it is not there.
  private func open() throws(LogDiskError) -> FileDescriptor {
    for _ in 0..<3 {
      if access(path, F_OK) == 0 {
        return try FileDescriptor(.lock, path: path, flags: O_RDWR | O_NOFOLLOW)
      }
      let file = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, Self.mode)
      guard file >= 0 || errno == EEXIST else { throw LogDiskError(.create, path: path, code: errno) }
      if file >= 0 {
        _ = fchmod(file, Self.mode)  // past the mask of the first who came; where it fails others are told
        _ = close(file)
      }
    }
    throw LogDiskError(.create, path: path, code: EEXIST)
  }

  private static var boot: String {
    do {
      let text = try FileDescriptor(.read, path: "/proc/sys/kernel/random/boot_id", flags: O_RDONLY)
        .readStream(limit: 64)
      let boot = String(decoding: text, as: UTF8.self).filter { !$0.isWhitespace }
      return boot.isEmpty ? "unknown" : boot
    } catch {
      return "unknown"
    }
  }
}

extension FileDescriptor {
  /// Takes the exclusive lock of this file; waits for whoever has it, which is for microseconds.
  fileprivate func lockWaiting() throws(LogDiskError) {
    for _ in 0..<5_000 {
      if try lock() { return }
      usleep(2_000)
    }
    throw LogDiskError(.lock, path: path, cause: .busy, reason: "another process keeps its lock")
  }
}
