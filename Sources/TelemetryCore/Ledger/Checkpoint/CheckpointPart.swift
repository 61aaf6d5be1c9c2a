/// A piece of a checkpoint: all pieces together are the accounts as they are after the record before the first of them.
///
/// They stand at the head of a segment, so that a start reads them and what follows, and nothing before.
package struct CheckpointPart: Hashable, Sendable {
  /// Far below what a frame holds, so that each part is a frame of its own.
  package static let byteLimit = 1 << 20
  /// Of all parts together: with the records of some days behind it a segment still is within what a scan reads.
  package static let wholeByteLimit = 48 << 20

  /// The form of the whole; another version of this program may have another one.
  package var form: UInt8
  /// From 1.
  package var number: Int
  /// How many parts there are.
  package var count: Int
  /// Of all parts together.
  package var wholeByteCount: Int
  /// CRC32C of all parts together.
  package var wholeChecksum: UInt32
  /// As in the accounts, for whoever looks for a checkpoint before a date.
  package var judgedThrough: IntervalEnding?
  package var bytes: [UInt8]

  /// The parts of a whole, in order; none where it is longer than a checkpoint may be.
  package static func parts(of whole: [UInt8], form: UInt8, judgedThrough: IntervalEnding?) -> [Self] {
    guard !whole.isEmpty, whole.count <= wholeByteLimit else { return [] }
    let checksum = CRC32C.checksum(whole)
    let starts = Array(stride(from: 0, to: whole.count, by: byteLimit))
    return starts.enumerated().map { index, start in
      Self(
        form: form, number: index + 1, count: starts.count, wholeByteCount: whole.count, wholeChecksum: checksum,
        judgedThrough: judgedThrough, bytes: Array(whole[start..<min(start + byteLimit, whole.count)]))
    }
  }

  fileprivate func goesOn(after other: Self) -> Bool {
    form == other.form && number == other.number + 1 && count == other.count
      && wholeByteCount == other.wholeByteCount && wholeChecksum == other.wholeChecksum
      && judgedThrough == other.judgedThrough
  }
}

/// Puts parts together again.
package struct CheckpointAssembly: Sendable {
  private var last: CheckpointPart?
  private var bytes: [UInt8] = []

  package init() {}

  /// Takes the next part; returns the whole with its last part, and nil before and for parts that do not agree.
  package mutating func take(_ part: CheckpointPart) -> [UInt8]? {
    if part.number == 1 {
      bytes = []
    } else {
      guard let last, part.goesOn(after: last) else {
        self.last = nil
        return nil
      }
    }
    guard bytes.count + part.bytes.count <= CheckpointPart.wholeByteLimit else {
      last = nil
      return nil
    }
    bytes += part.bytes
    last = part
    guard part.number == part.count else { return nil }
    last = nil
    guard bytes.count == part.wholeByteCount, CRC32C.checksum(bytes) == part.wholeChecksum else { return nil }
    return bytes
  }
}

extension ByteWriter {
  mutating func write(_ part: CheckpointPart) {
    writeUInt8(part.form)
    writeVarint(UInt64(part.number))
    writeVarint(UInt64(part.count))
    writeVarint(UInt64(part.wholeByteCount))
    writeUInt32(part.wholeChecksum)
    writeOptional(part.judgedThrough) { $0.write($1) }
    writeBytes(part.bytes, limit: CheckpointPart.byteLimit)
  }

  mutating func writeOptional<Value>(_ value: Value?, _ write: (inout ByteWriter, Value) -> Void) {
    writeBool(value != nil)
    if let value { write(&self, value) }
  }
}

extension ByteReader {
  mutating func readCheckpointPart() throws(DecodingProblem) -> CheckpointPart {
    CheckpointPart(
      form: try readUInt8(), number: try readIndex(), count: try readIndex(), wholeByteCount: try readIndex(),
      wholeChecksum: try readUInt32(),
      judgedThrough: try readOptional { reader throws(DecodingProblem) in try reader.readEnding() },
      bytes: Array(try readBytes(limit: CheckpointPart.byteLimit)))
  }

  mutating func readOptional<Value>(
    _ read: (inout ByteReader) throws(DecodingProblem) -> Value
  ) throws(DecodingProblem) -> Value? {
    try readBool() ? try read(&self) : nil
  }
}
