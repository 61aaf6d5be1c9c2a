/// A question for some registers of one table.
///
/// Source of the codes and limits: MODBUS Application Protocol Specification V1.1b3, sections 6.3 and 6.4.
package struct ModbusRequest: Hashable, Sendable {
  /// The raw value is the function code that reads the table.
  package enum Table: UInt8, Hashable, Sendable {
    case holding = 3
    case input = 4
  }

  package var table: Table
  /// Counted from 0.
  package var start: UInt16
  package var count: UInt16

  package static let registerCounts: ClosedRange<UInt16> = 1...125
  package static let addressCount = 65_536

  /// - Precondition: 1 to 125 registers, none beyond the last address.
  package init(table: Table = .holding, start: UInt16, count: UInt16) {
    precondition(Self.registerCounts.contains(count), "a request asks for 1 to 125 registers")
    precondition(Int(start) + Int(count) <= Self.addressCount, "a request stays inside the table")
    self.table = table
    self.start = start
    self.count = count
  }

  package var encoded: [UInt8] {
    var bytes = [table.rawValue]
    bytes.append(bigEndian: start)
    bytes.append(bigEndian: count)
    return bytes
  }

  /// Reads a request as a server does.
  ///
  /// - Throws: the exception that is the answer to it.
  package static func decode(_ message: [UInt8]) throws(ModbusException) -> ModbusRequest {
    guard let function = message.first, let table = Table(rawValue: function) else { throw .illegalFunction }
    guard message.count == 5 else { throw .illegalDataValue }
    let start = message.bigEndianWord(at: 1)
    let count = message.bigEndianWord(at: 3)
    guard registerCounts.contains(count) else { throw .illegalDataValue }
    guard Int(start) + Int(count) <= addressCount else { throw .illegalDataAddress }
    return ModbusRequest(table: table, start: start, count: count)
  }
}

/// The answer to a request: the registers, or why not.
package enum ModbusResponse: Hashable, Sendable {
  case registers([UInt16])
  case exception(ModbusException)

  /// Marks the function code of an exception.
  private static let exceptionFlag: UInt8 = 0x80

  package func encoded(answering function: UInt8) -> [UInt8] {
    switch self {
    case .registers(let registers):
      precondition(registers.count <= Int(ModbusRequest.registerCounts.upperBound), "an answer fits a frame")
      var bytes = [function, UInt8(registers.count * 2)]
      for register in registers { bytes.append(bigEndian: register) }
      return bytes
    case .exception(let exception):
      return [function | Self.exceptionFlag, exception.code]
    }
  }

  /// Reads the answer to a request.
  ///
  /// - Throws: where the bytes are no answer to this request.
  package static func decode(
    _ message: [UInt8], answering request: ModbusRequest
  ) throws(ModbusMessageError) -> ModbusResponse {
    var registers: [UInt16] = []
    let exception = try read(message[...], answering: request, into: &registers)
    return exception.map { .exception($0) } ?? .registers(registers)
  }

  /// Reads the answer to a request into an array that is used again and again.
  ///
  /// - Returns: the exception, if the answer is one; there are no registers then.
  /// - Throws: where the bytes are no answer to this request.
  package static func read(
    _ message: ArraySlice<UInt8>, answering request: ModbusRequest, into registers: inout [UInt16]
  ) throws(ModbusMessageError) -> ModbusException? {
    registers.removeAll(keepingCapacity: true)
    let first = message.startIndex
    guard let function = message.first else { throw .truncated }
    let asked = request.table.rawValue
    if function == asked | exceptionFlag {
      guard message.count == 2 else { throw .truncated }
      return ModbusException(code: message[first + 1])
    }
    guard function == asked else { throw .function(function, asked: asked) }
    guard message.count >= 2 else { throw .truncated }
    let expected = 2 * Int(request.count)
    guard Int(message[first + 1]) == expected, message.count == 2 + expected else {
      throw .byteCount(message.count - 2, expected: expected)
    }
    for index in 0..<Int(request.count) {
      let place = first + 2 + 2 * index
      registers.append(UInt16(message[place]) << 8 | UInt16(message[place + 1]))
    }
    return nil
  }
}

/// Why an answer could not be understood.
package enum ModbusMessageError: Error, Hashable, Sendable {
  case truncated
  case function(UInt8, asked: UInt8)
  case byteCount(Int, expected: Int)
}

extension ModbusMessageError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .truncated: "an answer that ends too early"
    case .function(let function, let asked): "an answer to function \(function), asked was \(asked)"
    case .byteCount(let count, let expected): "an answer of \(count) bytes, expected \(expected)"
    }
  }
}
