/// Builds the bytes of frames and records.
///
/// Fixed integers are little-endian. A varint is unsigned LEB128: seven bits a byte, lowest first, the top bit set on all
/// but the last. Zigzag turns 0, −1, 1, −2 into 0, 1, 2, 3 so that small negatives stay short. Every value has exactly one
/// encoding, which ``ByteReader`` insists on.
///
///     UInt32 0x01020304    04 03 02 01
///     varint 300           AC 02
///     zigzag −2            03
///     string "Wh"          02 57 68
package struct ByteWriter: Sendable {
  package private(set) var bytes: [UInt8] = []

  package init() {}

  package init(reserving byteCount: Int) { bytes.reserveCapacity(byteCount) }

  package var count: Int { bytes.count }

  /// Begins anew and keeps the room.
  package mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  package mutating func writeUInt8(_ value: UInt8) { bytes.append(value) }
  package mutating func writeUInt16(_ value: UInt16) { writeFixed(value) }
  package mutating func writeUInt32(_ value: UInt32) { writeFixed(value) }
  package mutating func writeUInt64(_ value: UInt64) { writeFixed(value) }
  package mutating func writeInt64(_ value: Int64) { writeFixed(value) }
  package mutating func writeInt128(_ value: Int128) { writeFixed(value) }
  package mutating func writeBool(_ value: Bool) { bytes.append(value ? 1 : 0) }

  package mutating func writeVarint(_ value: UInt64) { writeLEB128(value) }
  package mutating func writeZigzag(_ value: Int64) { writeLEB128(UInt64(bitPattern: value << 1 ^ value >> 63)) }
  package mutating func writeZigzag(_ value: Int128) { writeLEB128(UInt128(bitPattern: value << 1 ^ value >> 127)) }

  /// Bytes without their length: the reader must know it.
  package mutating func writeRaw(_ value: some Collection<UInt8>) { bytes.append(contentsOf: value) }

  /// Bytes after their length as a varint.
  ///
  /// - Precondition: at most `limit` bytes, the limit that the reader will use.
  package mutating func writeBytes(_ value: some Collection<UInt8>, limit: Int) {
    precondition(value.count <= limit, "bytes longer than their reader accepts")
    writeVarint(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  /// UTF-8 after its length in bytes as a varint.
  ///
  /// - Precondition: at most `limit` bytes, the limit that the reader will use. Text from outside is cut with
  ///   `cut(toBytes:)` first.
  package mutating func writeString(_ value: String, limit: Int = ByteReader.stringByteLimit) {
    writeBytes(value.utf8, limit: limit)
  }

  private mutating func writeFixed<Value: FixedWidthInteger>(_ value: Value) {
    var rest = value
    for _ in 0..<(Value.bitWidth / 8) {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  private mutating func writeLEB128<Value: FixedWidthInteger & UnsignedInteger>(_ value: Value) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }
}

extension String {
  /// The longest start of the string that has at most so many bytes in UTF-8, never half a character.
  package func cut(toBytes limit: Int) -> String {
    guard utf8.count > limit else { return self }
    var kept = ""
    var byteCount = 0
    for character in self {
      byteCount += character.utf8.count
      guard byteCount <= limit else { break }
      kept.append(character)
    }
    return kept
  }
}
