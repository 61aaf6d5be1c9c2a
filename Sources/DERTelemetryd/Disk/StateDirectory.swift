import Glibc
import TelemetryCore

/// The daemon's own directory, which one process at a time may change.
///
///     lock          held while the daemon runs; its process id, for people
///     reserve       zeros that keep room for a full disk
///     ledger/       the segments of the ledger; old ones compressed in ledger/archive/
///     readings/     the segments of the readings log
///     evidence/     what was sent and what was answered
///     quarantine/   damaged bytes
struct StateDirectory: ~Copyable, Sendable {
  let path: String
  private let lock: FileDescriptor

  /// Makes what is missing and takes the lock, which ends with the process at the latest.
  ///
  /// - Throws: with the cause `busy` and the other's process id when another process has the lock.
  init(locking path: String) throws(LogDiskError) {
    try FileSystem.makeDirectories(path)
    let file = try FileDescriptor(.lock, path: "\(path)/lock", flags: O_RDWR | O_CREAT)
    guard try file.lock() else {
      let owner = String(decoding: try file.read(0..<20), as: UTF8.self).prefix { $0.isASCII && $0.isNumber }
      throw LogDiskError(
        .lock, path: path, cause: .busy,
        reason: "in use by another dertelemetryd, process \(owner.isEmpty ? "unknown" : String(owner))")
    }
    try Self.note([UInt8]("\(getpid())\n".utf8), in: file)
    for name in ["ledger", "readings", "evidence", "quarantine"] { try FileSystem.makeDirectories("\(path)/\(name)") }
    self.path = path
    lock = file
  }

  /// The process id is for people: a disk without room for it does not keep the daemon from using its reserve.
  private static func note(_ bytes: [UInt8], in file: borrowing FileDescriptor) throws(LogDiskError) {
    do throws(LogDiskError) {
      try file.truncate(to: 0)
      try file.write(bytes, at: 0)
    } catch {
      guard error.cause == .noSpace else { throw error }
    }
  }

  func ledgerDisk() -> PosixLogDisk { Self.ledgerDisk(of: path) }

  func readingsDisk() -> PosixLogDisk { Self.readingsDisk(of: path) }

  /// The directory itself, for the reserve.
  func reserveDisk() -> PosixLogDisk {
    PosixLogDisk(directory: path, quarantineDirectory: "\(path)/quarantine")
  }

  func evidence() -> EvidenceStore { Self.evidence(of: path) }

  /// The ledger for a reader, who needs no lock and must change nothing.
  static func ledgerDisk(of path: String) -> PosixLogDisk {
    PosixLogDisk(
      directory: "\(path)/ledger", quarantineDirectory: "\(path)/quarantine", archive: ledgerArchive(of: path))
  }

  static func ledgerArchive(of path: String) -> SegmentArchive {
    SegmentArchive(directory: "\(path)/ledger/archive", origin: "\(path)/ledger")
  }

  /// The readings log for a reader, likewise.
  static func readingsDisk(of path: String) -> PosixLogDisk {
    PosixLogDisk(directory: "\(path)/readings", quarantineDirectory: "\(path)/quarantine")
  }

  static func evidence(of path: String) -> EvidenceStore { EvidenceStore(directory: "\(path)/evidence") }
}
