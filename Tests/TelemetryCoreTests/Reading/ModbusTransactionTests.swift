import Testing

@testable import TelemetryCore

@Suite struct ModbusTransactionTests {
  private func reply(_ transaction: UInt16, unit: UInt8 = 1, _ register: UInt16) -> ModbusFrame {
    ModbusFrame(
      transaction: transaction, unit: unit, message: ModbusResponse.registers([register]).encoded(answering: 3))
  }

  @Test func aReplyIsFoundByTransactionAndUnit() {
    var transactions = ModbusTransactions()
    let asked = transactions.ask(ModbusRequest(start: 0, count: 1), of: 1)
    #expect(transactions.match(reply(asked.transaction &+ 1, 7)) == nil)
    #expect(transactions.match(reply(asked.transaction, unit: 2, 7)) == nil)
    #expect(transactions.match(reply(asked.transaction, 7)) == .answered(.registers([7])))
    #expect(transactions.match(reply(asked.transaction, 7)) == nil)
  }

  @Test func aLateReplyIsNeverTakenForTheAnswerToTheNextRequest() {
    var transactions = ModbusTransactions()
    let late = transactions.ask(ModbusRequest(start: 0, count: 1), of: 1)
    transactions.abandon()
    let next = transactions.ask(ModbusRequest(start: 0, count: 1), of: 1)
    #expect(transactions.match(reply(late.transaction, 1)) == nil)
    #expect(transactions.match(reply(next.transaction, 2)) == .answered(.registers([2])))
  }

  @Test func identifiersWrapAround() {
    var transactions = ModbusTransactions()
    for _ in 0..<70_000 {
      let asked = transactions.ask(ModbusRequest(start: 0, count: 1), of: 1)
      #expect(transactions.match(reply(asked.transaction, 9)) != nil)
    }
  }
}
