import Glibc
import SignedXML
import TelemetryCore

/// Closed segments of a log, compressed, each as `NAME.log.gz`.
///
/// Nothing here is ever deleted.
/// A file is a gzip file of many members, each of a mebibyte of the segment, so that neither compressing nor reading the
/// start of one takes the memory of the whole.
struct SegmentArchive: Sendable {
  private static let suffix = ".gz"
  private static let pieceByteCount = 1 << 20

  /// Made when the first segment is put away.
  let directory: String
  /// Where the segments come from.
  let origin: String

  /// The segments that are here, by the names that they had.
  func names() throws(LogDiskError) -> Set<String> {
    do throws(LogDiskError) {
      let files = try FileSystem.files(in: directory).filter { $0.hasSuffix(Self.suffix) }
      return Set(files.map { String($0.dropLast(Self.suffix.count)) })
    } catch {
      guard error.cause == .noSuchFile else { throw error }
      return []
    }
  }

  /// The bytes of a range of a segment; fewer where it ends before it.
  ///
  /// What a damaged member held is given as ``UnreadableBlock`` says; the members after it are read.
  func read(_ name: String, _ range: Range<Int>) throws(LogDiskError) -> [UInt8] {
    let compressed = try FileDescriptor(.read, path: path(name), flags: O_RDONLY).readWhatCanBeRead(
      0..<LogScan.segmentByteLimit)
    let end = min(range.upperBound, LogScan.segmentByteLimit)
    var bytes: [UInt8] = []
    var offset: Int? = 0
    while let start = offset, start < compressed.count, bytes.count < end {
      if let (piece, next) = Gzip.member(of: compressed, at: start, byteLimit: Self.pieceByteCount) {
        bytes += piece
        offset = next
      } else {
        offset = Gzip.nextMember(of: compressed, after: start)
        if offset != nil { bytes += UnreadableBlock.bytes(0..<Self.pieceByteCount) }
      }
    }
    return Array(bytes[min(range.lowerBound, bytes.count)..<min(end, bytes.count)])
  }

  /// Compresses a closed segment, and removes it once the archive has been read back and holds the same bytes.
  func put(_ name: String) throws(LogDiskError) {
    try FileSystem.makeDirectories(directory)
    let original = try FileDescriptor(.read, path: "\(origin)/\(name)", flags: O_RDONLY)
    let temporary = "\(path(name)).tmp"
    do throws(LogDiskError) {
      try compress(original, as: name, temporary)
    } catch {
      // The room that it takes may be what was missing; a second failure says no more than the first.
      _ = unlink(temporary)
      throw error
    }
    // Only now: at no moment is the segment in neither place.
    try FileSystem.remove("\(origin)/\(name)")
    try FileDescriptor(directory: origin).syncNames()
  }

  private func compress(
    _ original: borrowing FileDescriptor, as name: String, _ temporary: String
  ) throws(LogDiskError) {
    let file = try FileDescriptor(.create, path: temporary, flags: O_RDWR | O_CREAT | O_TRUNC)
    let members = try compress(original, into: file)
    try file.syncData()
    try verify(file, members, against: original)
    try FileSystem.rename(temporary, to: path(name))
    try FileDescriptor(directory: directory).syncNames()
  }

  private func path(_ name: String) -> String { "\(directory)/\(name)\(Self.suffix)" }

  /// Returns where each member ends.
  private func compress(
    _ original: borrowing FileDescriptor, into file: borrowing FileDescriptor
  ) throws(LogDiskError) -> [Int] {
    var ends: [Int] = []
    var start = 0
    while case let piece = try original.read(start..<(start + Self.pieceByteCount)), !piece.isEmpty {
      let member = Gzip.compress(piece)
      try file.write(member, at: ends.last ?? 0)
      ends.append((ends.last ?? 0) + member.count)
      start += piece.count
    }
    return ends
  }

  private func verify(
    _ file: borrowing FileDescriptor, _ ends: [Int], against original: borrowing FileDescriptor
  ) throws(LogDiskError) {
    var start = 0
    for (index, end) in ends.enumerated() {
      let member = try file.read((index > 0 ? ends[index - 1] : 0)..<end)
      let piece = try original.read(start..<(start + Self.pieceByteCount))
      guard Gzip.member(of: member, at: 0, byteLimit: Self.pieceByteCount)?.bytes == piece else {
        throw LogDiskError(.read, path: file.path, cause: .other, reason: "does not hold what was written to it")
      }
      start += piece.count
    }
  }
}
