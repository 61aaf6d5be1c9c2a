import Glibc
import TelemetryCore

/// Keeps what was sent and what was answered, byte for byte: `2026-11/<submission>/<name>`.
///
/// A file is there whole and durable when ``write(_:as:of:created:)`` returns, or not at all. Blocks: it belongs on the
/// channel's own queue.
struct EvidenceStore: Sendable {
  /// Where the months are.
  let directory: String

  /// Stores bytes under a name, replacing what had this name.
  ///
  /// - Parameters:
  ///   - bytes: the file's contents
  ///   - name: letters, digits, `.`, `-` and `_`, beginning with a letter or digit, at most 100 bytes; likewise the
  ///     submission
  ///   - submission: what it belongs to
  ///   - created: when the submission was made, which names the month in UTC
  /// - Throws: when the disk fails or a name is none.
  func write(
    _ bytes: [UInt8], as name: String, of submission: SubmissionID, created: UTCInstant
  ) throws(LogDiskError) {
    let folder = try folder(of: submission, created: created, .create)
    try Self.check(name, .create)
    try FileSystem.makeDirectories(folder)
    try FileSystem.publish(bytes, as: name, in: folder)
  }

  /// Reads what was stored.
  ///
  /// - Throws: with the cause `noSuchFile` when there is none, and when it is longer than `limit` bytes.
  func read(
    _ name: String, of submission: SubmissionID, created: UTCInstant, limit: Int
  ) throws(LogDiskError) -> [UInt8] {
    let folder = try folder(of: submission, created: created, .read)
    try Self.check(name, .read)
    let file = try FileDescriptor(.read, path: "\(folder)/\(name)", flags: O_RDONLY)
    guard try file.byteCount() <= limit else {
      throw LogDiskError(.read, path: file.path, cause: .other, reason: "longer than \(limit) bytes")
    }
    return try file.read(0..<limit)
  }

  private func folder(
    of submission: SubmissionID, created: UTCInstant, _ operation: LogDiskError.Operation
  ) throws(LogDiskError) -> String {
    try Self.check(submission.name, operation)
    return "\(directory)/\(try Self.month(of: created, operation))/\(submission.name)"
  }

  private static func month(
    of instant: UTCInstant, _ operation: LogDiskError.Operation
  ) throws(LogDiskError) -> String {
    var seconds = time_t(instant.seconds)
    var parts = tm()
    guard gmtime_r(&seconds, &parts) != nil, (0..<8_100).contains(parts.tm_year) else {
      throw LogDiskError(operation, path: "\(seconds)", cause: .other, reason: "no time of this calendar")
    }
    return "\(1_900 + Int(parts.tm_year))-\(parts.tm_mon < 9 ? "0" : "")\(parts.tm_mon + 1)"
  }

  /// Names may come from a configuration or from a damaged disk; none may lead out of the directory.
  private static func check(_ name: String, _ operation: LogDiskError.Operation) throws(LogDiskError) {
    let isName =
      (1...100).contains(name.utf8.count) && name.first != "." && name.first != "-"
      && name.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
      }
    guard isName else { throw LogDiskError(operation, path: name, cause: .other, reason: "not a name for a file") }
  }
}
