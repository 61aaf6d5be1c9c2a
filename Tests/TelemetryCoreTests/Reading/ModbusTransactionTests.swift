import Testing

@testable import TelemetryCore

@Suite struct ModbusTransactionTests {
  private let request = ModbusRequest(start: 0x6B, count: 3)
  private let start = Moment(utc: UTCInstant(milliseconds: 0), uptime: UptimeInstant(milliseconds: 1_000))

  private func ask(_ transactions: inout ModbusTransactions, unit: UInt8 = 1, device: Int = 0) -> ModbusFrame {
    var bytes: [UInt8] = []
    transactions.ask(request, of: unit, for: device, at: start, within: .seconds(3), into: &bytes)
    return ConnectionDriver.frames(bytes)[0]
  }

  @Test func aRequestIsTheFrameThatTheEncoderMakes() {
    var transactions = ModbusTransactions()
    let frame = ask(&transactions, unit: 0x11)
    #expect(frame == ModbusFrame(transaction: 1, unit: 0x11, message: request.encoded))
  }

  @Test func aReplyIsFoundByTransactionAndUnit() {
    var transactions = ModbusTransactions()
    let asked = ask(&transactions)
    #expect(transactions.match(transaction: asked.transaction &+ 1, unit: 1) == .stranger)
    #expect(transactions.match(transaction: asked.transaction, unit: 2) == .stranger)
    guard case .answer(let exchange) = transactions.match(transaction: asked.transaction, unit: 1) else {
      Issue.record("the reply is not found")
      return
    }
    #expect(exchange.request == request)
    #expect(transactions.match(transaction: asked.transaction, unit: 1) == .stranger)
  }

  @Test func repliesInAnyOrderFindTheirRequests() {
    var transactions = ModbusTransactions()
    let asked = (0..<16).map { ask(&transactions, device: $0) }
    for (device, frame) in asked.enumerated().reversed() {
      guard case .answer(let exchange) = transactions.match(transaction: frame.transaction, unit: 1) else {
        Issue.record("the reply is not found")
        return
      }
      #expect(exchange.device == device)
    }
  }

  @Test func aLateReplyIsNeverTakenForTheAnswerToTheNextRequest() {
    var transactions = ModbusTransactions()
    let late = ask(&transactions)
    #expect(transactions.giveUp(at: UptimeInstant(milliseconds: 3_999)) == nil)
    #expect(transactions.giveUp(at: UptimeInstant(milliseconds: 4_000))?.transaction == late.transaction)
    let next = ask(&transactions, device: 1)
    guard case .late(let exchange) = transactions.match(transaction: late.transaction, unit: 1) else {
      Issue.record("the reply is not late")
      return
    }
    #expect(exchange.device == 0)
    #expect(transactions.match(transaction: late.transaction, unit: 1) == .stranger)
    guard case .answer = transactions.match(transaction: next.transaction, unit: 1) else {
      Issue.record("the right reply is not found")
      return
    }
  }

  @Test func nothingOfAConnectionOutlivesIt() {
    var transactions = ModbusTransactions()
    let old = ask(&transactions)
    transactions.connectionEnded()
    #expect(transactions.deadline == nil)
    #expect(ask(&transactions).transaction != old.transaction)
    #expect(transactions.match(transaction: old.transaction, unit: 1) == .stranger)
  }

  @Test func identifiersWrapAround() {
    var transactions = ModbusTransactions()
    for _ in 0..<70_000 {
      let asked = ask(&transactions)
      #expect(transactions.match(transaction: asked.transaction, unit: 1) != .stranger)
    }
  }
}
