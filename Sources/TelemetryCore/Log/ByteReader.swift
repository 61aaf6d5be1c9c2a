/// Why bytes are not what they should be, and where.
package struct DecodingProblem: Error, Hashable, Sendable {
  package enum Cause: Hashable, Sendable {
    /// The bytes end within a value.
    case truncated
    /// A varint that is wider than its type, or longer than its value needs.
    case overlongVarint
    /// Bytes or text that say they are longer than the reader accepts.
    case tooLong(limit: Int)
    case notUTF8
    /// A well-formed value that has no meaning here, such as a boolean of 7.
    case invalidValue
    /// Bytes are left after the last value.
    case trailingBytes
  }

  package var cause: Cause
  /// Where the value at fault begins, counted from the reader's first byte.
  package var byteOffset: Int

  package init(_ cause: Cause, at byteOffset: Int) {
    self.cause = cause
    self.byteOffset = byteOffset
  }
}

/// Reads what ``ByteWriter`` wrote, from bytes that may be anything.
///
/// Nothing traps and nothing is allocated that the bytes themselves do not fill. After an error the reader stands where
/// the value at fault begins.
package struct ByteReader: Sendable {
  /// The limit of a string when the caller names none: names and reasons are far shorter.
  package static let stringByteLimit = 4_096

  private let bytes: ArraySlice<UInt8>
  /// Bytes read so far.
  package private(set) var offset = 0

  package init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }
  package init(_ bytes: [UInt8]) { self.bytes = bytes[...] }

  package var remaining: Int { bytes.count - offset }
  package var isAtEnd: Bool { remaining == 0 }

  package mutating func readUInt8() throws(DecodingProblem) -> UInt8 { try readFixed() }
  package mutating func readUInt16() throws(DecodingProblem) -> UInt16 { try readFixed() }
  package mutating func readUInt32() throws(DecodingProblem) -> UInt32 { try readFixed() }
  package mutating func readUInt64() throws(DecodingProblem) -> UInt64 { try readFixed() }
  package mutating func readInt64() throws(DecodingProblem) -> Int64 { try readFixed() }
  package mutating func readInt128() throws(DecodingProblem) -> Int128 { try readFixed() }

  package mutating func readBool() throws(DecodingProblem) -> Bool {
    let start = offset
    let byte = try readUInt8()
    guard byte <= 1 else { throw fault(.invalidValue, at: start) }
    return byte == 1
  }

  /// One byte that stands for a case of an enumeration.
  package mutating func readCase<Case: RawRepresentable<UInt8>>(
    of type: Case.Type = Case.self
  ) throws(DecodingProblem) -> Case {
    let start = offset
    guard let value = Case(rawValue: try readUInt8()) else { throw fault(.invalidValue, at: start) }
    return value
  }

  package mutating func readVarint() throws(DecodingProblem) -> UInt64 { try readLEB128() }

  package mutating func readZigzag() throws(DecodingProblem) -> Int64 {
    let value: UInt64 = try readLEB128()
    return Int64(bitPattern: value >> 1) ^ -Int64(value & 1)
  }

  package mutating func readZigzag128() throws(DecodingProblem) -> Int128 {
    let value: UInt128 = try readLEB128()
    return Int128(bitPattern: value >> 1) ^ -Int128(value & 1)
  }

  /// A varint that counts things still to come, each of at least one byte.
  ///
  /// So a count out of thin air is refused before anything is reserved for it.
  package mutating func readCount() throws(DecodingProblem) -> Int {
    let start = offset
    let value = try readVarint()
    guard value <= UInt64(remaining) else { throw fault(.truncated, at: start) }
    return Int(value)
  }

  /// So many bytes, whose length is known from elsewhere.
  package mutating func readRaw(count: Int) throws(DecodingProblem) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else { throw DecodingProblem(.truncated, at: offset) }
    let start = bytes.startIndex + offset
    offset += count
    return bytes[start..<(start + count)]
  }

  package mutating func readBytes(limit: Int) throws(DecodingProblem) -> ArraySlice<UInt8> {
    let start = offset
    let length = try readVarint()
    guard length <= UInt64(max(0, limit)) else { throw fault(.tooLong(limit: limit), at: start) }
    guard length <= UInt64(remaining) else { throw fault(.truncated, at: start) }
    return try readRaw(count: Int(length))
  }

  package mutating func readString(limit: Int = ByteReader.stringByteLimit) throws(DecodingProblem) -> String {
    let start = offset
    guard let string = String(validating: try readBytes(limit: limit), as: UTF8.self) else {
      throw fault(.notUTF8, at: start)
    }
    return string
  }

  /// Throws unless every byte has been read.
  package func expectEnd() throws(DecodingProblem) {
    guard isAtEnd else { throw DecodingProblem(.trailingBytes, at: offset) }
  }

  private mutating func readFixed<Value: FixedWidthInteger>() throws(DecodingProblem) -> Value {
    let width = Value.bitWidth / 8
    guard width <= remaining else { throw DecodingProblem(.truncated, at: offset) }
    let start = bytes.startIndex + offset
    var value = Value.zero
    for index in (start..<(start + width)).reversed() {
      value = value << 8 | Value(truncatingIfNeeded: bytes[index])
    }
    offset += width
    return value
  }

  private mutating func readLEB128<Value: FixedWidthInteger & UnsignedInteger>() throws(DecodingProblem) -> Value {
    let start = offset
    var value = Value.zero
    var shift = 0
    while true {
      guard remaining > 0 else { throw fault(.truncated, at: start) }
      let byte = bytes[bytes.startIndex + offset]
      offset += 1
      let bits = Value(byte & 0x7F)
      let fits = shift < Value.bitWidth && bits <= Value.max >> shift
      let isPadding = byte == 0 && shift > 0
      guard fits, !isPadding else { throw fault(.overlongVarint, at: start) }
      value |= bits << shift
      guard byte & 0x80 != 0 else { return value }
      shift += 7
    }
  }

  /// Steps back to the start of the value at fault.
  private mutating func fault(_ cause: DecodingProblem.Cause, at start: Int) -> DecodingProblem {
    offset = start
    return DecodingProblem(cause, at: start)
  }
}
