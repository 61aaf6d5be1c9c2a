/// Why bytes are not a frame or not a segment header.
package enum FrameProblem: Error, Hashable, Sendable {
  /// The file ends before the frame does.
  case truncated
  /// The disk refuses to read it, or a part of it.
  case unreadable
  /// The bytes do not begin as a frame does.
  case wrongMagic
  case headerChecksum
  /// Whole, but written by another version of this program.
  case unknownVersion(UInt16)
  case unknownFlags(UInt16)
  /// Whole, but from another life of these disk blocks.
  case otherEpoch(UInt64)
  case sequenceOutOfRange
  case payloadTooLong(byteCount: UInt32)
  case frameChecksum
  /// The checksums hold but the records in the payload do not fill it exactly.
  case records(DecodingProblem)
  /// Whole, but its sequence had been passed already.
  case outOfOrder(first: LogSequence)
}

extension FrameProblem: CustomStringConvertible {
  package var description: String {
    switch self {
    case .truncated: "ends too early"
    case .unreadable: "the disk refuses to read it"
    case .wrongMagic: "does not begin as it should"
    case .headerChecksum: "wrong checksum of the header"
    case .unknownVersion(let version): "format version \(version) is not known here"
    case .unknownFlags(let flags): "flags \(flags) are not known here"
    case .otherEpoch(let epoch): "of another epoch, \(epoch)"
    case .sequenceOutOfRange: "impossible sequence"
    case .payloadTooLong(let byteCount): "\(byteCount) bytes are longer than any payload"
    case .frameChecksum: "wrong checksum of the frame"
    case .records(let problem): "records: \(problem.cause) at byte \(problem.byteOffset) of the payload"
    case .outOfOrder(let first): "begins with record \(first.number), which had been passed"
    }
  }
}

extension [UInt8] {
  /// A little-endian integer at an index.
  ///
  /// - Precondition: the array is long enough.
  func littleEndian<Value: FixedWidthInteger>(_ type: Value.Type, at index: Int) -> Value {
    var value = Value.zero
    for byte in self[index..<(index + Value.bitWidth / 8)].reversed() {
      value = value << 8 | Value(truncatingIfNeeded: byte)
    }
    return value
  }
}
