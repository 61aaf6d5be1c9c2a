/// The first bytes of a segment file.
///
/// All integers little-endian.
///
///     offset  size  field
///     0       8     magic, the letters DERTELOG
///     8       2     format version, 1
///     10      2     flags: bit 0 set when the log was opened after its tail had been cut, all others 0
///     12      8     segment epoch, random: what another life of these disk blocks left behind has another one
///     20      8     segment first sequence, 1 …
///     28      4     CRC32C of bytes 0 ..< 28
///
/// The header is a convenience: each frame carries the epoch too, so a segment without a readable header loses nothing.
package struct SegmentHeader: Hashable, Sendable {
  package static let byteCount = 32
  package static let formatVersion: UInt16 = 1

  package var epoch: UInt64
  package var segmentFirstSequence: LogSequence
  /// What had been written last before this segment could not be read and was cut off.
  package var followsCut: Bool

  package init(epoch: UInt64, segmentFirstSequence: LogSequence, followsCut: Bool) {
    self.epoch = epoch
    self.segmentFirstSequence = segmentFirstSequence
    self.followsCut = followsCut
  }

  package var bytes: [UInt8] {
    var writer = ByteWriter(reserving: Self.byteCount)
    writer.writeRaw(Self.magic)
    writer.writeUInt16(Self.formatVersion)
    writer.writeUInt16(followsCut ? Self.followsCutFlag : 0)
    writer.writeUInt64(epoch)
    writer.writeUInt64(segmentFirstSequence.number)
    writer.writeUInt32(CRC32C.checksum(writer.bytes))
    precondition(writer.count == Self.byteCount, "a segment header has a fixed size")
    return writer.bytes
  }

  package init(decoding bytes: [UInt8]) throws(FrameProblem) {
    guard bytes.count >= Self.byteCount else { throw .truncated }
    guard bytes.prefix(8).elementsEqual(Self.magic) else { throw .wrongMagic }
    guard bytes.littleEndian(UInt32.self, at: 28) == CRC32C.checksum(bytes, in: 0..<28) else { throw .headerChecksum }
    let version = bytes.littleEndian(UInt16.self, at: 8)
    guard version == Self.formatVersion else { throw .unknownVersion(version) }
    let flags = bytes.littleEndian(UInt16.self, at: 10)
    guard flags & ~Self.followsCutFlag == 0 else { throw .unknownFlags(flags) }
    let number = bytes.littleEndian(UInt64.self, at: 20)
    guard LogSequence.numbers.contains(number) else { throw .sequenceOutOfRange }
    epoch = bytes.littleEndian(UInt64.self, at: 12)
    segmentFirstSequence = LogSequence(number)
    followsCut = flags & Self.followsCutFlag != 0
  }

  private static let magic = [UInt8]("DERTELOG".utf8)
  private static let followsCutFlag: UInt16 = 1
}
