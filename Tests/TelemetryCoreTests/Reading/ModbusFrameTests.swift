import Testing

@testable import TelemetryCore
import TelemetrySimulation

@Suite struct ModbusFrameTests {
  /// Read holding registers 0x006B to 0x006D: the request in section 6.3 of the Modbus application protocol.
  private let request: [UInt8] = [0x00, 0x01, 0x00, 0x00, 0x00, 0x06, 0x11, 0x03, 0x00, 0x6B, 0x00, 0x03]

  private func frames(_ chunks: [[UInt8]]) throws -> [ModbusFrame] {
    var reader = ModbusFrameReader()
    var frames: [ModbusFrame] = []
    for chunk in chunks {
      reader.feed(chunk)
      while let frame = try reader.next() { frames.append(frame) }
    }
    return frames
  }

  @Test func aFrameIsEncodedAsTheStandardPrintsIt() {
    let frame = ModbusFrame(
      transaction: 1, unit: 0x11, message: ModbusRequest(start: 0x6B, count: 3).encoded)
    #expect(frame.encoded == request)
  }

  @Test func aFrameSurvivesEveryCut() throws {
    let whole = try frames([request])
    for cut in 0...request.count {
      #expect(try frames([Array(request[..<cut]), Array(request[cut...])]) == whole)
    }
    #expect(try frames(request.map { [$0] }) == whole)
    #expect(whole.count == 1)
  }

  @Test func framesThatComeInOneReadComeOutInTheirOrder() throws {
    let second = ModbusFrame(transaction: 2, unit: 7, message: [0x83, 0x02])
    let found = try frames([request + second.encoded + request.prefix(5)])
    #expect(found.map(\.transaction) == [1, 2])
    #expect(found.last == second)
  }

  @Test func everyTruncationIsMoreToCome() throws {
    for length in 0..<request.count { #expect(try frames([Array(request[..<length])]).isEmpty) }
  }

  @Test func anotherProtocolIsAnError() {
    #expect(throws: ModbusFramingError.protocolIdentifier(0x5450)) { try frames([Array("HTTP/1.1 400".utf8)]) }
  }

  @Test(arguments: [UInt16(0), 1, 255, 0xFFFF]) func aLengthThatNoMessageHasIsAnError(length: UInt16) {
    let bytes: [UInt8] = [0, 1, 0, 0, UInt8(length >> 8), UInt8(length & 0xFF), 1, 3]
    #expect(throws: ModbusFramingError.length(length)) { try frames([bytes]) }
  }

  @Test func framesBeforeGarbageAreDeliveredAndTheErrorStays() throws {
    var reader = ModbusFrameReader()
    reader.feed(request + [UInt8](repeating: 0xFF, count: 20))
    #expect(try reader.next()?.transaction == 1)
    #expect(throws: ModbusFramingError.self) { try reader.next() }
    reader.feed(request)
    #expect(throws: ModbusFramingError.self) { try reader.next() }
  }

  @Test func noPeerMakesTheBufferGrow() {
    var random = SeededRandom(seed: 1)
    for _ in 0..<200 {
      var reader = ModbusFrameReader()
      for _ in 0..<50 {
        reader.feed(mutated(request, &random))
        while let frame = try? reader.next() { #expect(ModbusFrame.messageByteCounts.contains(frame.message.count)) }
        #expect(reader.pendingByteCount < 260 + 64)
      }
    }
  }

  @Test func noMutationOfAMessageTraps() {
    var random = SeededRandom(seed: 2)
    let asked = ModbusRequest(start: 0, count: 4)
    let answer = ModbusResponse.registers([1, 2, 3, 4]).encoded(answering: 3)
    for _ in 0..<20_000 {
      let bytes = mutated(answer, &random)
      if case .registers(let registers)? = try? ModbusResponse.decode(bytes, answering: asked) {
        #expect(registers.count == 4)
      }
      if let request = try? ModbusRequest.decode(mutated(asked.encoded, &random)) {
        #expect(Int(request.start) + Int(request.count) <= 65_536)
      }
    }
  }
}

/// The bytes with a few of them changed, dropped or added.
func mutated(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
  var bytes = bytes
  for _ in 0..<Int.random(in: 0...3, using: &random) {
    let value = UInt8.random(in: 0...255, using: &random)
    let position = Int.random(in: 0...bytes.count, using: &random)
    switch Int.random(in: 0...3, using: &random) {
    case 0 where position < bytes.count: bytes[position] = value
    case 1 where position < bytes.count: bytes.remove(at: position)
    case 2: bytes.insert(value, at: position)
    default: bytes = Array(bytes[..<position])
    }
  }
  return bytes
}
