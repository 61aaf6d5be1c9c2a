import Glibc
import TelemetryCore

/// A log's directory on a real disk.
///
/// Keeps the file open that is being written, so that a frame costs one write and one sync. Blocks: it belongs on the
/// log's own queue.
struct PosixLogDisk: LogDisk, ~Copyable, Sendable {
  private let directory: String
  private let quarantineDirectory: String
  private let archive: SegmentArchive?
  private var openName: String?
  private var openFile: FileDescriptor?

  /// Opens nothing yet.
  ///
  /// - Parameters:
  ///   - directory: where the segments are
  ///   - quarantineDirectory: where damaged bytes are kept, needed only when there are some
  ///   - archive: where segments go that are closed for long; they are listed and read as if they were still here
  init(directory: String, quarantineDirectory: String, archive: SegmentArchive? = nil) {
    self.directory = directory
    self.archive = archive
    self.quarantineDirectory = quarantineDirectory
  }

  func list() throws(LogDiskError) -> [String] {
    let names = try FileSystem.files(in: directory)
    guard let archive else { return names }
    return try names + archive.names().subtracting(names)
  }

  func byteCount(of name: String) throws(LogDiskError) -> Int {
    do throws(LogDiskError) {
      return try FileDescriptor(.measure, path: path(name), flags: O_RDONLY).byteCount()
    } catch {
      guard error.cause == .noSuchFile, let archive else { throw error }
      return try archive.read(name, 0..<LogScan.segmentByteLimit).count
    }
  }

  func read(_ name: String, _ range: Range<Int>) throws(LogDiskError) -> [UInt8] {
    do throws(LogDiskError) {
      return try FileDescriptor(.read, path: path(name), flags: O_RDONLY).readWhatCanBeRead(range)
    } catch {
      guard error.cause == .noSuchFile, let archive else { throw error }
      return try archive.read(name, range)
    }
  }

  mutating func create(_ name: String) throws(LogDiskError) {
    openName = nil
    openFile = try FileDescriptor(.create, path: path(name), flags: O_RDWR | O_CREAT | O_TRUNC)
    openName = name
  }

  mutating func write(_ bytes: [UInt8], to name: String, at offset: Int) throws(LogDiskError) {
    StopPoint.reach(.beforeWrite)
    try withFile(name, .write) { file throws(LogDiskError) in
      if StopPoint.isChosen(.amidWrite) {
        let end = bytes.lastIndex { $0 != 0 } ?? 0
        try file.write(Array(bytes.prefix(end / 2)), at: offset)
        StopPoint.reach(.amidWrite)
      }
      try file.write(bytes, at: offset)
    }
    StopPoint.reach(.afterWrite)
  }

  mutating func sync(_ name: String) throws(LogDiskError) {
    StopPoint.reach(.beforeSync)
    try withFile(name, .sync) { file throws(LogDiskError) in try file.syncData() }
    StopPoint.reach(.afterSync)
  }

  mutating func truncate(_ name: String, to byteCount: Int) throws(LogDiskError) {
    try withFile(name, .truncate) { file throws(LogDiskError) in try file.truncate(to: byteCount) }
  }

  mutating func rename(_ name: String, to newName: String) throws(LogDiskError) {
    closeFile()
    try FileSystem.rename(path(name), to: path(newName))
  }

  mutating func remove(_ name: String) throws(LogDiskError) {
    closeFile()
    try FileSystem.remove(path(name))
  }

  mutating func syncDirectory() throws(LogDiskError) { try FileDescriptor(directory: directory).syncNames() }

  mutating func quarantine(_ bytes: [UInt8], as name: String) throws(LogDiskError) {
    try FileSystem.makeDirectories(quarantineDirectory)
    guard try !FileSystem.files(in: quarantineDirectory).contains(name) else { return }
    try FileSystem.publish(bytes, as: name, in: quarantineDirectory)
  }

  func freeByteCount() throws(LogDiskError) -> Int? { try FileDescriptor(directory: directory).freeByteCount() }

  private func path(_ name: String) -> String { "\(directory)/\(name)" }

  private mutating func closeFile() {
    openName = nil
    openFile = nil
  }

  private mutating func withFile(
    _ name: String, _ operation: LogDiskError.Operation, _ work: (borrowing FileDescriptor) throws(LogDiskError) -> Void
  ) throws(LogDiskError) {
    if openName != name {
      closeFile()
      openFile = try FileDescriptor(operation, path: path(name), flags: O_RDWR)
      openName = name
    }
    switch openFile {
    case .some(let file): try work(file)
    case .none: preconditionFailure("the file has just been opened")
    }
  }
}
