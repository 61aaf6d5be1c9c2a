import Foundation
import TelemetryCore

/// A consistent copy of a state directory, made beside a running daemon or without one.
///
/// No lock is needed, because of the order. The ledger comes first, up to a whole frame: what it names was durable before
/// it, so that evidence and readings, copied after it, hold at least that. Segments that are put away meanwhile are found
/// in the archive, which is copied after the place that they leave.
struct StateCopy {
  /// Written last: without it a copy is not whole.
  static let markName = "backup"
  private static let pieceByteCount = 1 << 20
  /// What is left out: lock, reserve and socket belong to a process; what OASIS has said can be asked for again.
  private static let logs = ["ledger", "readings"]
  private static let folders = ["ledger/archive", "evidence", "registration", "quarantine"]

  let source: String
  let destination: String
  /// Whom the copies belong to; nil for whoever makes them.
  var owner: Owner?
  private(set) var byteCount = 0

  struct Owner {
    var user: uid_t
    var group: gid_t

    /// That of a file or folder; nil where it cannot be looked at.
    init?(of path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      (user, group) = (status.st_uid, status.st_gid)
    }
  }

  init(of source: String, into destination: String, owner: Owner? = nil) {
    self.source = source
    self.destination = destination
    self.owner = owner
  }

  mutating func run() throws(LogDiskError) {
    try makeDirectory("ledger")
    try copyLog("ledger")
    for folder in Self.folders { try copyTree(folder) }
    try makeDirectory("readings")
    try copyLog("readings")
  }

  // MARK: Logs

  private mutating func copyLog(_ log: String) throws(LogDiskError) {
    let names = try FileSystem.files(in: "\(source)/\(log)").compactMap { SegmentName(fileName: $0) }
      .sorted { $0.segmentFirstSequence < $1.segmentFirstSequence }
    for (place, name) in names.enumerated() {
      let path = "\(log)/\(name.fileName)"
      do throws(LogDiskError) {
        let file = try FileDescriptor(.read, path: "\(source)/\(path)", flags: O_RDONLY)
        var bytes = try file.read(0..<LogScan.segmentByteLimit)
        // The last one may be being written: a frame of which only a part stands there has been promised to nobody.
        if place == names.count - 1 { bytes.removeLast(bytes.count - LogScan(name, bytes: bytes).endOfCopy(bytes)) }
        try write(path) { copy throws(LogDiskError) in
          try copy.write(bytes, at: 0)
          return bytes.count
        }
      } catch {
        // Put away, or let go as old, since the list was made.
        guard error.cause == .noSuchFile else { throw error }
      }
    }
    try FileDescriptor(directory: "\(destination)/\(log)").syncNames()
  }

  // MARK: Folders

  private mutating func copyTree(_ folder: String) throws(LogDiskError) {
    var status = stat()
    guard stat("\(source)/\(folder)", &status) == 0 else {
      guard errno == ENOENT else { throw LogDiskError(.list, path: "\(source)/\(folder)", code: errno) }
      return
    }
    guard let entries = FileManager.default.enumerator(atPath: "\(source)/\(folder)") else {
      throw LogDiskError(.list, path: "\(source)/\(folder)", code: EACCES)
    }
    try makeDirectory(folder)
    while let entry = entries.nextObject() as? String {
      let path = "\(folder)/\(entry)"
      switch entries.fileAttributes?[.type] as? FileAttributeType {
      case .typeDirectory?: try makeDirectory(path)
      case .typeRegular? where !entry.hasSuffix(".tmp") && !entry.hasSuffix("lock"): try copyFile(path)
      default: continue
      }
    }
    try FileDescriptor(directory: "\(destination)/\(folder)").syncNames()
  }

  private mutating func copyFile(_ path: String) throws(LogDiskError) {
    do throws(LogDiskError) {
      let file = try FileDescriptor(.read, path: "\(source)/\(path)", flags: O_RDONLY)
      try write(path) { copy throws(LogDiskError) in
        var end = 0
        while case let piece = try file.read(end..<(end + Self.pieceByteCount)), !piece.isEmpty {
          try copy.write(piece, at: end)
          end += piece.count
        }
        return end
      }
    } catch {
      guard error.cause == .noSuchFile else { throw error }
    }
  }

  // MARK: Writing

  private mutating func write(
    _ path: String, _ fill: (borrowing FileDescriptor) throws(LogDiskError) -> Int
  ) throws(LogDiskError) {
    let file = try FileDescriptor(.create, path: "\(destination)/\(path)", flags: O_WRONLY | O_CREAT | O_EXCL)
    byteCount += try fill(file)
    try file.syncData()
    try giveAway(path)
  }

  private func makeDirectory(_ path: String) throws(LogDiskError) {
    try FileSystem.makeDirectories("\(destination)/\(path)")
    try giveAway(path)
  }

  func giveAway(_ path: String) throws(LogDiskError) {
    guard let owner else { return }
    try FileDescriptor.retry(.create, path) { lchown("\(destination)/\(path)", owner.user, owner.group) }
  }
}

extension LogScan {
  /// How much of a segment is whole frames; all of it where the end is damaged, so that the damage is seen in the copy too.
  fileprivate func endOfCopy(_ bytes: [UInt8]) -> Int {
    guard let tail = tornTail, tail.cause == .unfinishedWrite else { return bytes.count }
    return min(endOfFrames, bytes.count)
  }
}
