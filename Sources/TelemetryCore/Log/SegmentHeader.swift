/// The first bytes of a segment file.
///
/// All integers little-endian.
///
///     offset  size  field
///     0       8     magic, the letters DERTELOG
///     8       2     format version, 2
///     10      2     flags, all others 0:
///                     bit 0  the log was opened after its tail had been cut
///                     bit 1  and what was cut was a write that had not come to its end
///                     bit 2  a frame follows the one before it directly
///     12      8     segment epoch, random: what another life of these disk blocks left behind has another one
///     20      8     segment first sequence, 1 …
///     28      4     CRC32C of bytes 0 ..< 28
///
/// The first frame follows the header. Without bit 2 each later commit begins a block of 4,096 bytes and is written with
/// zeros to the end of its last one, so that no write touches a block that an earlier one has filled: a disk rewrites
/// whole blocks, and one that loses its power meanwhile may lose what had long been in them.
///
/// The header is a convenience: each frame carries the epoch too, so a segment without a readable header loses nothing.
package struct SegmentHeader: Hashable, Sendable {
  package static let byteCount = 32
  package static let formatVersion: UInt16 = 2

  package var epoch: UInt64
  package var segmentFirstSequence: LogSequence
  /// What had been written last before this segment could not be read and was cut off.
  package var followsCut: TailCut?
  /// A frame follows the one before it directly.
  package var isPacked: Bool

  package init(epoch: UInt64, segmentFirstSequence: LogSequence, followsCut: TailCut?, isPacked: Bool = false) {
    self.epoch = epoch
    self.segmentFirstSequence = segmentFirstSequence
    self.followsCut = followsCut
    self.isPacked = isPacked
  }

  /// Bytes: the page of the kernel, the block of the usual file systems and the sector of the disks of today.
  package static let blockByteCount = 4_096

  /// Where the next commit begins, given where the one before it, or the header, ends.
  package static func commitStart(after end: Int, isPacked: Bool) -> Int {
    isPacked || end == byteCount ? end : (end + blockByteCount - 1) / blockByteCount * blockByteCount
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter(reserving: Self.byteCount)
    writer.writeRaw(Self.magic)
    writer.writeUInt16(Self.formatVersion)
    writer.writeUInt16(flags)
    writer.writeUInt64(epoch)
    writer.writeUInt64(segmentFirstSequence.number)
    writer.writeUInt32(CRC32C.checksum(writer.bytes))
    precondition(writer.count == Self.byteCount, "a segment header has a fixed size")
    return writer.bytes
  }

  /// The format of a segment that is not in this one; nil where it is, and where the header cannot be read.
  static func otherVersion(of bytes: [UInt8]) -> UInt16? {
    do throws(FrameProblem) {
      _ = try SegmentHeader(decoding: bytes)
    } catch {
      if case .unknownVersion(let version) = error { return version }
    }
    return nil
  }

  private var flags: UInt16 {
    let cut =
      switch followsCut {
      case nil: UInt16(0)
      case .damage: Self.followsCutFlag
      case .unfinishedWrite: Self.followsCutFlag | Self.unfinishedFlag
      }
    return isPacked ? cut | Self.packedFlag : cut
  }

  package init(decoding bytes: [UInt8]) throws(FrameProblem) {
    guard bytes.count >= Self.byteCount else { throw .truncated }
    guard bytes.prefix(8).elementsEqual(Self.magic) else { throw .wrongMagic }
    guard bytes.littleEndian(UInt32.self, at: 28) == CRC32C.checksum(bytes, in: 0..<28) else { throw .headerChecksum }
    let version = bytes.littleEndian(UInt16.self, at: 8)
    guard version == Self.formatVersion else { throw .unknownVersion(version) }
    let flags = bytes.littleEndian(UInt16.self, at: 10)
    let unfinished = flags & Self.unfinishedFlag != 0
    let isCut = flags & Self.followsCutFlag != 0
    guard flags & ~(Self.followsCutFlag | Self.unfinishedFlag | Self.packedFlag) == 0, isCut || !unfinished else {
      throw .unknownFlags(flags)
    }
    let number = bytes.littleEndian(UInt64.self, at: 20)
    guard LogSequence.numbers.contains(number) else { throw .sequenceOutOfRange }
    epoch = bytes.littleEndian(UInt64.self, at: 12)
    segmentFirstSequence = LogSequence(number)
    followsCut = isCut ? (unfinished ? .unfinishedWrite : .damage) : nil
    isPacked = flags & Self.packedFlag != 0
  }

  private static let magic = [UInt8]("DERTELOG".utf8)
  private static let followsCutFlag: UInt16 = 1
  private static let unfinishedFlag: UInt16 = 2
  private static let packedFlag: UInt16 = 4
}

/// What could not be read at the end of a log.
package enum TailCut: Hashable, Sendable {
  /// A write that never came to its end, so that nobody was told it had.
  case unfinishedWrite
  /// Bytes that may once have been a whole frame.
  case damage
}
