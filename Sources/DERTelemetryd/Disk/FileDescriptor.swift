import Glibc
import TelemetryCore

/// An open file or directory, owned once and closed once.
///
/// Errors carry the path and the system's words. Calls that a signal interrupted are made again.
struct FileDescriptor: ~Copyable, Sendable {
  /// Files and directories are for their owner to change and for their group to read.
  static let fileMode: mode_t = 0o640
  static let directoryMode: mode_t = 0o750

  let path: String
  private let number: Int32

  init(
    _ operation: LogDiskError.Operation, path: String, flags: Int32, mode: mode_t = fileMode
  ) throws(LogDiskError) {
    self.path = path
    number = try Self.retry(operation, path) { open(path, flags | O_CLOEXEC, mode) }
  }

  init(directory path: String) throws(LogDiskError) {
    try self.init(.list, path: path, flags: O_RDONLY | O_DIRECTORY)
  }

  /// An error of close(2) says nothing that a sync would not have said before.
  deinit { _ = close(number) }

  func byteCount() throws(LogDiskError) -> Int {
    // Nobody reads or writes at the position that this moves.
    Int(try Self.retry(.measure, path) { lseek(number, 0, SEEK_END) })
  }

  /// The bytes of a range, fewer where the file ends before it.
  ///
  /// Allocates no more than the file is long.
  func read(_ range: Range<Int>) throws(LogDiskError) -> [UInt8] {
    let wanted = range.clamped(to: 0..<max(0, try byteCount()))
    var bytes = [UInt8](repeating: 0, count: wanted.count)
    var done = 0
    while done < bytes.count {
      let count = try Self.retry(.read, path) {
        bytes.withUnsafeMutableBytes { buffer in
          pread(number, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(wanted.lowerBound + done))
        }
      }
      guard count > 0 else { break }
      done += count
    }
    bytes.removeLast(bytes.count - done)
    return bytes
  }

  /// The same where the device refuses some of its blocks: ``UnreadableBlock`` stands for each of them.
  func readWhatCanBeRead(_ range: Range<Int>) throws(LogDiskError) -> [UInt8] {
    let wanted = range.clamped(to: 0..<max(0, try byteCount()))
    return try UnreadableBlock.read(wanted) { range throws(LogDiskError) in try readSome(range) }
  }

  /// The bytes of a range, or the beginning of them; nothing where the file ends before it.
  func readSome(_ range: Range<Int>) throws(LogDiskError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    let count = try Self.retry(.read, path) {
      bytes.withUnsafeMutableBytes { pread(number, $0.baseAddress, $0.count, off_t(range.lowerBound)) }
    }
    bytes.removeLast(bytes.count - count)
    return bytes
  }

  /// What a file gives that has no length, such as those of /proc; at most so many bytes.
  func readStream(limit: Int) throws(LogDiskError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = try Self.retry(.read, path) {
      bytes.withUnsafeMutableBytes { Glibc.read(number, $0.baseAddress, limit) }
    }
    return Array(bytes.prefix(count))
  }

  func write(_ bytes: [UInt8], at offset: Int) throws(LogDiskError) {
    var done = 0
    while done < bytes.count {
      done += try Self.retry(.write, path) {
        bytes.withUnsafeBytes { buffer in
          pwrite(number, buffer.baseAddress?.advanced(by: done), buffer.count - done, off_t(offset + done))
        }
      }
    }
  }

  /// Returns when the bytes are durable, and what is needed to find them.
  func syncData() throws(LogDiskError) { try Self.once(.sync, path) { fdatasync(number) } }

  /// Returns when the names in this directory are durable.
  func syncNames() throws(LogDiskError) { try Self.once(.syncDirectory, path) { fsync(number) } }

  /// How many more bytes anybody but root could write to this file system.
  func freeByteCount() throws(LogDiskError) -> Int {
    var status = statvfs()
    try Self.retry(.measure, path) { fstatvfs(number, &status) }
    return Int(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
  }

  func truncate(to byteCount: Int) throws(LogDiskError) {
    try Self.retry(.truncate, path) { ftruncate(number, off_t(byteCount)) }
  }

  /// Takes the exclusive lock of this file; false when another process has it.
  func lock() throws(LogDiskError) -> Bool {
    do throws(LogDiskError) {
      try Self.retry(.lock, path) { flock(number, LOCK_EX | LOCK_NB) }
      return true
    } catch {
      guard error.cause == .busy else { throw error }
      return false
    }
  }

  // MARK: System calls

  /// Calls until no signal interrupts.
  @discardableResult
  static func retry<Result: SignedInteger>(
    _ operation: LogDiskError.Operation, _ path: String, _ call: () -> Result
  ) throws(LogDiskError) -> Result {
    while true {
      let result = call()
      if result >= 0 { return result }
      let code = errno
      if code != EINTR { throw LogDiskError(operation, path: path, code: code) }
    }
  }

  /// A sync is never tried twice: the second would report success for what the first has lost.
  private static func once(
    _ operation: LogDiskError.Operation, _ path: String, _ call: () -> Int32
  ) throws(LogDiskError) {
    guard call() < 0 else { return }
    throw LogDiskError(operation, path: path, code: errno)
  }
}

extension LogDiskError {
  /// From the value of errno.
  init(_ operation: Operation, path: String, code: Int32) {
    let cause: Cause =
      switch code {
      case ENOENT: .noSuchFile
      case ENOSPC, EDQUOT: .noSpace
      case EWOULDBLOCK: .busy
      case EIO where operation == .read: .unreadable
      default: .other
      }
    self.init(operation, path: path, cause: cause, reason: String(cString: strerror(code)))
  }
}
