/// One message of Modbus on TCP.
///
///     offset  size  field
///     0       2     transaction identifier, repeated by the reply
///     2       2     protocol identifier, 0
///     4       2     length of what follows: 2 to 254
///     6       1     unit identifier
///     7       n     message (PDU): 1 to 253 bytes
///
/// All numbers big-endian. Source: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1.
package struct ModbusFrame: Hashable, Sendable {
  package var transaction: UInt16
  package var unit: UInt8
  package var message: [UInt8]

  package static let headerByteCount = 7
  /// A message has a function code and at most 252 bytes of data.
  ///
  /// MODBUS Application Protocol Specification V1.1b3, section 4.1.
  package static let messageByteCounts = 1...253

  /// - Precondition: the message has 1 to 253 bytes.
  package init(transaction: UInt16, unit: UInt8, message: [UInt8]) {
    precondition(Self.messageByteCounts.contains(message.count), "a message fits a frame")
    self.transaction = transaction
    self.unit = unit
    self.message = message
  }

  package var encoded: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.headerByteCount + message.count)
    bytes.append(bigEndian: transaction)
    bytes.append(bigEndian: UInt16(0))
    bytes.append(bigEndian: UInt16(1 + message.count))
    bytes.append(unit)
    bytes.append(contentsOf: message)
    return bytes
  }
}

/// Why a stream of bytes is not Modbus.
///
/// There is no way back into step: the connection must be closed.
package enum ModbusFramingError: Error, Hashable, Sendable {
  case protocolIdentifier(UInt16)
  /// A length that no message has.
  case length(UInt16)
}

/// A frame where it lies among the bytes that were received.
///
/// Its message shares their storage: drop it before more bytes are fed, or all of them are copied.
package struct ReceivedModbusFrame: Sendable {
  package let transaction: UInt16
  package let unit: UInt8
  package let message: ArraySlice<UInt8>
}

/// Cuts a stream of bytes into frames.
///
/// Give it each read with ``feed(_:)``, then take frames with ``next()`` until there is none. It then keeps less than
/// one frame, so a peer cannot make it grow.
package struct ModbusFrameReader: Sendable {
  private var pending: [UInt8] = []
  private var position = 0
  private var failure: ModbusFramingError?

  package init() {}

  /// Bytes that are fed and not yet part of a frame.
  package var pendingByteCount: Int { pending.count - position }

  package mutating func feed(_ bytes: [UInt8]) {
    if position > 0 {
      pending.removeFirst(position)
      position = 0
    }
    guard failure == nil else { return }
    pending.append(contentsOf: bytes)
  }

  /// The next whole frame, nil when more bytes are needed.
  ///
  /// - Throws: once the stream is out of step, and then at each call.
  package mutating func next() throws(ModbusFramingError) -> ModbusFrame? {
    try nextInPlace().map { ModbusFrame(transaction: $0.transaction, unit: $0.unit, message: Array($0.message)) }
  }

  /// The same without a copy.
  package mutating func nextInPlace() throws(ModbusFramingError) -> ReceivedModbusFrame? {
    if let failure { throw failure }
    guard pendingByteCount >= ModbusFrame.headerByteCount else { return nil }
    let length = pending.bigEndianWord(at: position + 4)
    if let error = Self.fault(protocolIdentifier: pending.bigEndianWord(at: position + 2), length: length) {
      failure = error
      throw error
    }
    let end = position + ModbusFrame.headerByteCount - 1 + Int(length)
    guard pending.count >= end else { return nil }
    defer { position = end }
    return ReceivedModbusFrame(
      transaction: pending.bigEndianWord(at: position), unit: pending[position + 6],
      message: pending[(position + ModbusFrame.headerByteCount)..<end])
  }

  private static func fault(protocolIdentifier: UInt16, length: UInt16) -> ModbusFramingError? {
    guard protocolIdentifier == 0 else { return .protocolIdentifier(protocolIdentifier) }
    // The length counts the unit identifier too.
    guard ModbusFrame.messageByteCounts.contains(Int(length) - 1) else { return .length(length) }
    return nil
  }
}

extension ModbusFramingError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .protocolIdentifier(let identifier): "not Modbus: protocol identifier \(identifier) instead of 0"
    case .length(let length): "not Modbus: frame length \(length)"
    }
  }
}

extension [UInt8] {
  /// - Precondition: two bytes lie at the offset.
  func bigEndianWord(at offset: Int) -> UInt16 { UInt16(self[offset]) << 8 | UInt16(self[offset + 1]) }

  mutating func append(bigEndian word: UInt16) {
    append(UInt8(truncatingIfNeeded: word >> 8))
    append(UInt8(truncatingIfNeeded: word))
  }
}
