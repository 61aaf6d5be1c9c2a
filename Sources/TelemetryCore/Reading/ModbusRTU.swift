/// How messages are framed on their way.
package enum ModbusFraming: UInt8, Hashable, Sendable {
  /// With a header that has a transaction identifier: ``ModbusFrame``.
  case tcp
  /// As on a serial line, with a checksum and nothing that tells one answer from another: serial lines, and serial servers
  /// that pass bytes on as they are.
  case rtu
}

/// Messages as they stand on a serial line: unit, message, CRC with its low byte first.
///
/// Source: MODBUS over Serial Line Specification and Implementation Guide V1.02, sections 2.5.1 and 6.2.2.
package enum ModbusRTU {
  /// The checksum of bytes: polynomial 0xA001, from all ones.
  package static func checksum(_ bytes: some Sequence<UInt8>) -> UInt16 {
    var sum: UInt16 = 0xFFFF
    for byte in bytes {
      sum ^= UInt16(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xA001 : sum >> 1 }
    }
    return sum
  }

  package static func frame(unit: UInt8, message: [UInt8]) -> [UInt8] {
    var bytes = [unit] + message
    append(checksum(bytes), to: &bytes)
    return bytes
  }

  static func append(_ sum: UInt16, to bytes: inout [UInt8]) {
    bytes.append(UInt8(truncatingIfNeeded: sum))
    bytes.append(UInt8(truncatingIfNeeded: sum >> 8))
  }
}

/// Finds the answer to one request in the bytes of a line.
///
/// A line has noise, echoes of what was sent and answers that came too late. So nothing is taken for the answer that does
/// not begin as it must (unit, function, number of bytes) and end with the right checksum; everything else is dropped byte
/// for byte. What came before a request was sent is no answer to it.
struct RTUAnswerReader: Sendable {
  /// The longest answer has 255 bytes; an echo may come before it.
  private static let byteLimit = 1_024

  private var pending: [UInt8] = []
  private var unit: UInt8 = 0
  private var table = ModbusRequest.Table.holding
  private var byteCount: UInt8 = 0
  private var isExpecting = false

  /// Waits for the answer to this request, and forgets what is there.
  mutating func expect(_ request: ModbusRequest, of unit: UInt8) {
    pending.removeAll(keepingCapacity: true)
    self.unit = unit
    table = request.table
    byteCount = UInt8(request.count * 2)
    isExpecting = true
  }

  mutating func feed(_ bytes: [UInt8]) {
    guard isExpecting else { return }
    pending.append(contentsOf: bytes)
    if pending.count > Self.byteLimit { pending.removeFirst(pending.count - Self.byteLimit) }
  }

  /// The message of the answer, nil until it is whole.
  mutating func next() -> ArraySlice<UInt8>? {
    guard isExpecting else { return nil }
    var start = 0
    // What may still become the answer stays; what cannot is dropped at the next request.
    while start < pending.count {
      if let length = answerLength(at: start), start + length <= pending.count, isWhole(start, length) {
        isExpecting = false
        return pending[(start + 1)..<(start + length - 2)]
      }
      start += 1
    }
    return nil
  }

  /// How long the answer is that begins here; nil where none does.
  private func answerLength(at start: Int) -> Int? {
    guard start + 2 < pending.count, pending[start] == unit else { return nil }
    if pending[start + 1] == table.rawValue | 0x80 { return 5 }
    guard pending[start + 1] == table.rawValue, pending[start + 2] == byteCount else { return nil }
    return 5 + Int(byteCount)
  }

  private func isWhole(_ start: Int, _ length: Int) -> Bool {
    let end = start + length - 2
    let sum = UInt16(pending[end + 1]) << 8 | UInt16(pending[end])
    return ModbusRTU.checksum(pending[start..<end]) == sum
  }
}
