import ArgumentParser
import Glibc
import TelemetryCore

/// A log as a person names it: its folder, or one segment file.
struct LogPath {
  /// `ledger`, `readings`, or the name of the file or folder.
  var name: String
  var path: String
  /// Nil for a folder.
  var file: SegmentName?

  private static let names = ["ledger", "readings"]

  /// The logs at a path: those of a state directory, the log of a folder, or a segment.
  ///
  /// - Throws: exit 69 where there is none, 74 where nobody can look.
  static func logs(at path: String) throws(ExitCode) -> [LogPath] {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    let name = path.split(separator: "/").last.map(String.init) ?? path
    var status = stat()
    guard stat(path, &status) == 0 else {
      let isAbsent = errno == ENOENT || errno == ENOTDIR
      let reason = isAbsent ? "there is nothing of this name" : String(cString: strerror(errno))
      StandardError.write("\(path): \(reason)\n")
      throw (isAbsent ? ExitStatus.unavailable : ExitStatus.inputOutput).exitCode
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      return [LogPath(name: name, path: path, file: SegmentName(fileName: name) ?? SegmentName(LogSequence(1)))]
    }
    let within = names.map { LogPath(name: $0, path: "\(path)/\($0)") }.filter { access($0.path, F_OK) == 0 }
    guard within.isEmpty else { return within }
    let segments = try orExit(path) { () throws(LogDiskError) in try FileSystem.files(in: path) }
    guard segments.contains(where: { SegmentName(fileName: $0) != nil }) else {
      StandardError.write("\(path): there is no log here, neither a state directory's nor a segment\n")
      throw ExitStatus.unavailable.exitCode
    }
    return [LogPath(name: name, path: path)]
  }

  /// Exit 74 where the disk fails.
  static func orExit<Result>(_ path: String, _ work: () throws(LogDiskError) -> Result) throws(ExitCode) -> Result {
    do throws(LogDiskError) {
      return try work()
    } catch {
      StandardError.write("\(path): \(error)\n")
      throw ExitStatus.inputOutput.exitCode
    }
  }

  /// Calls with each record that can be read, in order, and returns what is damaged, in words.
  ///
  /// One segment is in memory at a time.
  func forEachRecord(
    from first: LogSequence = LogSequence(1), _ visit: (LogSequence, LogRecord) -> Void
  ) throws(LogDiskError) -> [String] {
    let plan = try read(from: first, visit).plan
    return (plan.damage + [plan.tornTail].compactMap(\.self)).map(\.description)
  }

  /// Reads what there is and judges it.
  func read(
    from first: LogSequence, _ visit: (LogSequence, LogRecord) -> Void
  ) throws(LogDiskError) -> (plan: RecoveryPlan, unfinished: [String]) {
    guard let file else {
      let archive = SegmentArchive(directory: "\(path)/archive", origin: path)
      let disk = PosixLogDisk(directory: path, quarantineDirectory: "", archive: archive)
      let start = try LogContents.segmentNames(on: disk).last { $0.segmentFirstSequence <= first }
      let contents = try LogContents(of: disk, from: start, recovered: visit)
      return (contents.plan, contents.temporaryFiles)
    }
    let descriptor = try FileDescriptor(.read, path: path, flags: O_RDONLY)
    let bytes = try descriptor.read(0..<LogScan.segmentByteLimit)
    let scan = LogScan(file, bytes: bytes, fileByteCount: try descriptor.byteCount())
    var plan = RecoveryPlan()
    for frame in plan.add(scan) { LogContents.deliver(frame, of: bytes, to: visit) }
    return (plan, [])
  }
}
