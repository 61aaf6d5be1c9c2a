import Glibc
import SignedXML
import TelemetryCore

/// Keeps what was sent and what was answered, byte for byte and compressed: `2026-11/<submission>/<file>.gz`.
///
/// A file is there whole and durable when ``write(_:as:of:)`` returns, or not at all. Blocks: it belongs on the channel's
/// own queue.
struct EvidenceStore: Sendable {
  /// Longer than any payload, envelope or answer, before compression: the operator takes at most 15 MB, and an answer is
  /// read up to 16 MiB.
  static let byteLimit = 32 << 20

  /// Where the months are.
  let directory: String

  /// Stores bytes under a name, replacing what had this name.
  ///
  /// - Parameters:
  ///   - bytes: the file's contents before compression
  ///   - file: names it
  ///   - submission: what it belongs to: letters, digits, `.`, `-` and `_`, beginning with a letter or digit, at most
  ///     100 bytes; the month in UTC of when it was made names the folder above
  /// - Throws: when the disk fails or a name is none.
  func write(
    _ bytes: [UInt8], as file: EvidenceFile, of submission: Pipeline.StoredSubmission
  ) throws(LogDiskError) {
    let folder = try folder(of: submission, .create)
    try FileSystem.makeDirectories(folder)
    try FileSystem.publish(Gzip.compress(bytes), as: Self.name(of: file), in: folder)
  }

  /// Reads what was stored.
  ///
  /// - Throws: with the cause `noSuchFile` when there is none, and when it is damaged or longer than `limit` bytes.
  func read(
    _ file: EvidenceFile, of submission: Pipeline.StoredSubmission, limit: Int = Self.byteLimit
  ) throws(LogDiskError) -> [UInt8] {
    let path = try path(of: file, of: submission)
    let stored = try FileDescriptor(.read, path: path, flags: O_RDONLY)
    let count = try stored.byteCount()
    guard count <= Self.compressedLimit(limit) else { throw Self.tooLong(path, limit) }
    let compressed = try stored.read(0..<count)
    do throws(GzipProblem) {
      return try Gzip.decompress(compressed, byteLimit: limit)
    } catch .tooLong {
      throw Self.tooLong(path, limit)
    } catch {
      throw LogDiskError(.read, path: path, cause: .damaged, reason: "not gzip, or with a wrong check sum")
    }
  }

  /// Where a file is, or would be.
  func path(of file: EvidenceFile, of submission: Pipeline.StoredSubmission) throws(LogDiskError) -> String {
    "\(try folder(of: submission, .read))/\(Self.name(of: file))"
  }

  private static func name(of file: EvidenceFile) -> String { "\(file.name).gz" }

  /// What gzip makes at most of bytes that it cannot make shorter (RFC 1951, 3.2.4: 5 bytes for a block).
  private static func compressedLimit(_ limit: Int) -> Int { limit + limit / 1_000 + 1_000 }

  private static func tooLong(_ path: String, _ limit: Int) -> LogDiskError {
    LogDiskError(.read, path: path, cause: .damaged, reason: "longer than \(limit) bytes")
  }

  private func folder(
    of submission: Pipeline.StoredSubmission, _ operation: LogDiskError.Operation
  ) throws(LogDiskError) -> String {
    try Self.check(submission.id.name, operation)
    return "\(directory)/\(try Self.month(of: submission.created, operation))/\(submission.id.name)"
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
