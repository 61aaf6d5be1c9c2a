import Testing

@testable import TelemetryCore

@Suite struct ModbusMessageTests {
  private let asked = ModbusRequest(start: 0x6B, count: 3)

  /// The answer in section 6.3 of the Modbus application protocol.
  @Test func anAnswerIsReadAsTheStandardPrintsIt() throws {
    let answer = try ModbusResponse.decode([0x03, 0x06, 0x02, 0x2B, 0x00, 0x00, 0x00, 0x64], answering: asked)
    #expect(answer == .registers([0x022B, 0, 0x64]))
  }

  @Test func bothTablesAndTheirAnswersMakeTheRoundTrip() throws {
    for table in [ModbusRequest.Table.holding, .input] {
      let request = ModbusRequest(table: table, start: 65_411, count: 125)
      #expect(try ModbusRequest.decode(request.encoded) == request)
      for answer in [ModbusResponse.registers(Array(1...125)), .exception(.serverDeviceBusy)] {
        let bytes = answer.encoded(answering: table.rawValue)
        #expect(try ModbusResponse.decode(bytes, answering: request) == answer)
      }
    }
  }

  @Test func anExceptionHasTheNameThatTheStandardGivesIt() throws {
    let answer = try ModbusResponse.decode([0x83, 0x0B], answering: asked)
    #expect(answer == .exception(.gatewayTargetFailedToRespond))
    #expect("\(ModbusException(code: 11))" == "exception 11 (gateway target device failed to respond)")
    #expect("\(ModbusException(code: 99))".contains("no exception that Modbus defines"))
  }

  @Test func anAnswerToAnotherQuestionIsAnError() {
    #expect(throws: ModbusMessageError.function(4, asked: 3)) {
      try ModbusResponse.decode([0x04, 0x06, 0, 0, 0, 0, 0, 0], answering: asked)
    }
    #expect(throws: ModbusMessageError.byteCount(4, expected: 6)) {
      try ModbusResponse.decode([0x03, 0x04, 0, 0, 0, 0], answering: asked)
    }
  }

  @Test func everyTruncationOfAnAnswerIsAnError() {
    let answer = ModbusResponse.registers([1, 2, 3]).encoded(answering: 3)
    for length in 0..<answer.count {
      #expect(throws: ModbusMessageError.self) {
        try ModbusResponse.decode(Array(answer[..<length]), answering: asked)
      }
    }
  }

  struct Refusal: CustomTestStringConvertible, Sendable {
    let message: [UInt8]
    let exception: ModbusException
    var testDescription: String { "\(message) → \(exception)" }
  }

  @Test(arguments: [
    Refusal(message: [], exception: .illegalFunction),
    Refusal(message: [0x10, 0, 0, 0, 1], exception: .illegalFunction),
    Refusal(message: [3, 0, 0, 0], exception: .illegalDataValue),
    Refusal(message: [3, 0, 0, 0, 0], exception: .illegalDataValue),
    Refusal(message: [3, 0, 0, 0, 126], exception: .illegalDataValue),
    Refusal(message: [3, 0xFF, 0xFF, 0, 2], exception: .illegalDataAddress),
  ]) func aServerRefusesWhatModbusDoesNotAllow(refusal: Refusal) {
    #expect(throws: refusal.exception) { try ModbusRequest.decode(refusal.message) }
  }
}
