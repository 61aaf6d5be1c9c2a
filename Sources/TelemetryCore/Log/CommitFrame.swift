/// The header of a commit frame, the unit that the log writes, syncs and can lose.
///
/// All integers little-endian.
///
///     offset  size  field
///     0       4     magic, the letters DERF
///     4       2     format version, 2
///     6       2     flags, 0
///     8       8     segment epoch, the one of the segment header
///     16      8     first sequence: the number of the first record in the frame
///     24      4     record count, 1 …
///     28      4     payload length n in bytes, at most 8 MiB
///     32      4     the previous frame's checksum, 0 in the first frame of a log: evidence of order, never a seed
///     36      4     the header's checksum: CRC32C of bytes 0 ..< 36
///     40      n     payload: for each record
///                     1  kind
///                     …  length of what follows, varint
///                     …  the record's bytes
///     40 + n  4     the frame's checksum: CRC32C of bytes 0 ..< 36 and of the payload, written as all ones where it is 0
///
/// Each frame decodes by itself: nothing before it is needed to check or to read it. It never ends with four zeros, so
/// that one whose end never came to the disk shows.
package struct FrameHeader: Hashable, Sendable {
  package static let byteCount = 40
  /// Bytes of the frame's checksum, behind the payload.
  package static let checksumByteCount = 4
  package static let formatVersion: UInt16 = 2
  package static let magic = [UInt8]("DERF".utf8)

  /// Bytes: the seals of one boundary of 1,000 resources with 100 sites each, at 80 bytes a site, are 8 MB.
  package static let payloadByteLimit = 8 << 20

  package var epoch: UInt64
  package var firstSequence: LogSequence
  package var recordCount: UInt32
  package var payloadByteCount: Int
  package var previousChecksum: UInt32

  package var sequences: ClosedRange<LogSequence> {
    firstSequence...firstSequence.advanced(by: UInt64(recordCount) - 1)
  }

  package var frameByteCount: Int { Self.byteCount + payloadByteCount + Self.checksumByteCount }

  package var bytes: [UInt8] {
    var writer = ByteWriter(reserving: Self.byteCount)
    writer.writeRaw(Self.magic)
    writer.writeUInt16(Self.formatVersion)
    writer.writeUInt16(0)
    writer.writeUInt64(epoch)
    writer.writeUInt64(firstSequence.number)
    writer.writeUInt32(recordCount)
    writer.writeUInt32(UInt32(payloadByteCount))
    writer.writeUInt32(previousChecksum)
    writer.writeUInt32(CRC32C.checksum(writer.bytes))
    precondition(writer.count == Self.byteCount, "a frame header has a fixed size")
    return writer.bytes
  }

  /// Decodes the header at an index, whatever the bytes are.
  ///
  /// What it says about the frame is then proven, its payload is not.
  package init(decoding bytes: [UInt8], at start: Int) throws(FrameProblem) {
    guard bytes.count - start >= Self.byteCount else { throw .truncated }
    guard bytes[start..<(start + 4)].elementsEqual(Self.magic) else { throw .wrongMagic }
    let stored = bytes.littleEndian(UInt32.self, at: start + 36)
    guard stored == CRC32C.checksum(bytes, in: start..<(start + 36)) else { throw .headerChecksum }
    let version = bytes.littleEndian(UInt16.self, at: start + 4)
    guard version == Self.formatVersion else { throw .unknownVersion(version) }
    let flags = bytes.littleEndian(UInt16.self, at: start + 6)
    guard flags == 0 else { throw .unknownFlags(flags) }
    let first = bytes.littleEndian(UInt64.self, at: start + 16)
    let count = bytes.littleEndian(UInt32.self, at: start + 24)
    guard count >= 1, LogSequence.numbers.contains(first), LogSequence.numbers.contains(first + UInt64(count) - 1)
    else { throw .sequenceOutOfRange }
    let length = bytes.littleEndian(UInt32.self, at: start + 28)
    guard length <= Self.payloadByteLimit else { throw .payloadTooLong(byteCount: length) }
    epoch = bytes.littleEndian(UInt64.self, at: start + 8)
    firstSequence = LogSequence(first)
    recordCount = count
    payloadByteCount = Int(length)
    previousChecksum = bytes.littleEndian(UInt32.self, at: start + 32)
  }

  fileprivate init(
    epoch: UInt64, firstSequence: LogSequence, previousChecksum: UInt32, recordCount: Int,
    payloadByteCount: Int
  ) {
    self.epoch = epoch
    self.firstSequence = firstSequence
    self.recordCount = UInt32(recordCount)
    self.payloadByteCount = payloadByteCount
    self.previousChecksum = previousChecksum
  }
}

/// Encodes and decodes whole frames.
package enum CommitFrame {
  /// The bytes of a new frame.
  ///
  /// - Precondition: there are records, and their payload is within ``FrameHeader/payloadByteLimit``.
  package static func encode(
    _ records: [LogRecord], firstSequence: LogSequence, epoch: UInt64, previousChecksum: UInt32
  ) -> [UInt8] {
    precondition(!records.isEmpty, "a frame has records")
    let payloadByteCount = byteCount(records) - FrameHeader.byteCount - FrameHeader.checksumByteCount
    precondition(
      payloadByteCount <= FrameHeader.payloadByteLimit, "the records of a frame are within its byte limit")
    let header = FrameHeader(
      epoch: epoch, firstSequence: firstSequence, previousChecksum: previousChecksum, recordCount: records.count,
      payloadByteCount: payloadByteCount)
    var writer = ByteWriter(reserving: header.frameByteCount)
    writer.writeRaw(header.bytes)
    for record in records {
      writer.writeUInt8(record.kind)
      writer.writeBytes(record.payload, limit: FrameHeader.payloadByteLimit)
    }
    writer.writeUInt32(checksum(of: writer.bytes, at: 0, payload: FrameHeader.byteCount..<writer.count))
    precondition(writer.count == header.frameByteCount, "a frame has the size that its header tells")
    return writer.bytes
  }

  /// The checksum that a whole frame ends with, which the next one repeats.
  package static func checksum(of frame: [UInt8]) -> UInt32 {
    frame.littleEndian(UInt32.self, at: frame.count - FrameHeader.checksumByteCount)
  }

  /// Never 0, as in the headers of UDP.
  ///
  /// The header's own checksum is left out: a checksum of bytes and of their checksum is the same for all bytes.
  private static func checksum(of bytes: [UInt8], at start: Int, payload: Range<Int>) -> UInt32 {
    let header = CRC32C.checksum(bytes, in: start..<(start + FrameHeader.byteCount - 4))
    let whole = CRC32C.checksum(bytes, in: payload, continuing: header)
    return whole == 0 ? .max : whole
  }

  /// The byte count that these records will need as a frame.
  package static func byteCount(_ records: [LogRecord]) -> Int {
    records.reduce(FrameHeader.byteCount + FrameHeader.checksumByteCount) { sum, record in
      let lengthBits = max(1, Int.bitWidth - record.payload.count.leadingZeroBitCount)
      return sum + 1 + (lengthBits + 6) / 7 + record.payload.count
    }
  }

  /// The records of the frame at an index, whose header has been decoded, whatever the bytes behind it are.
  package static func records(
    header: FrameHeader, in bytes: [UInt8], at start: Int
  ) throws(FrameProblem) -> [LogRecord] {
    var records: [LogRecord] = []
    try forEachRecord(header: header, in: bytes, at: start) { kind, payload in
      records.append(LogRecord(kind: kind, payload: [UInt8](payload)))
    }
    return records
  }

  /// Throws what ``records(header:in:at:)`` would, and copies nothing.
  package static func validate(header: FrameHeader, in bytes: [UInt8], at start: Int) throws(FrameProblem) {
    try forEachRecord(header: header, in: bytes, at: start) { _, _ in }
  }

  private static func forEachRecord(
    header: FrameHeader, in bytes: [UInt8], at start: Int, _ take: (UInt8, ArraySlice<UInt8>) -> Void
  ) throws(FrameProblem) {
    let end = start + header.frameByteCount
    guard end <= bytes.count else { throw .truncated }
    let payload = (start + FrameHeader.byteCount)..<(end - FrameHeader.checksumByteCount)
    let stored = bytes.littleEndian(UInt32.self, at: payload.upperBound)
    guard stored == checksum(of: bytes, at: start, payload: payload) else { throw .frameChecksum }
    do throws(DecodingProblem) {
      var reader = ByteReader(bytes[payload])
      for _ in 0..<header.recordCount {
        take(try reader.readUInt8(), try reader.readBytes(limit: FrameHeader.payloadByteLimit))
      }
      try reader.expectEnd()
    } catch {
      throw .records(error)
    }
  }
}
