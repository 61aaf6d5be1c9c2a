import Glibc
import TelemetryCore

/// What the host says of the disk and of what this process has written.
enum HostDisk {
  /// What is free for us on the file system of a folder; nil where it cannot be asked.
  static func freeBytes(at path: String) -> Int64? {
    var found = statvfs()
    guard statvfs(path, &found) == 0 else { return nil }
    return Int64(clamping: UInt64(found.f_bavail).multipliedReportingOverflow(by: UInt64(found.f_frsize)).partialValue)
  }

  /// Bytes that went to storage since the process began (proc(5), `/proc/PID/io`); nil where there is no such file.
  static func writtenBytes() -> Int64? {
    do {
      let file = try FileDescriptor(.read, path: "/proc/self/io", flags: O_RDONLY)
      let lines = String(decoding: try file.readStream(limit: 4_096), as: UTF8.self).split(separator: "\n")
      return lines.first { $0.hasPrefix("write_bytes: ") }.flatMap { Int64($0.dropFirst(13)) }
    } catch {
      return nil
    }
  }
}
