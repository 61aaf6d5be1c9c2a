/// Gives each request an identifier and finds the reply that belongs to it.
///
/// One request is in flight at a time. A reply that nobody waits for, because it is late or not ours, is discarded: it
/// must never be taken for the answer to the next request.
package struct ModbusTransactions: Sendable {
  /// What came of a request.
  package enum Outcome: Hashable, Sendable {
    case answered(ModbusResponse)
    case unreadable(ModbusMessageError)
  }

  private struct Pending {
    let transaction: UInt16
    let unit: UInt8
    let request: ModbusRequest
  }

  private var lastTransaction: UInt16 = 0
  private var pending: Pending?

  package init() {}

  package var isWaiting: Bool { pending != nil }

  /// The frame that asks.
  ///
  /// - Precondition: no request is in flight.
  package mutating func ask(_ request: ModbusRequest, of unit: UInt8) -> ModbusFrame {
    precondition(pending == nil, "one request at a time")
    lastTransaction &+= 1
    pending = Pending(transaction: lastTransaction, unit: unit, request: request)
    return ModbusFrame(transaction: lastTransaction, unit: unit, message: request.encoded)
  }

  /// What the frame says about the request in flight, nil where it is not its reply.
  package mutating func match(_ frame: ModbusFrame) -> Outcome? {
    guard let asked = pending, frame.transaction == asked.transaction, frame.unit == asked.unit else { return nil }
    pending = nil
    do throws(ModbusMessageError) {
      return .answered(try ModbusResponse.decode(frame.message, answering: asked.request))
    } catch {
      return .unreadable(error)
    }
  }

  /// Stops waiting; the reply will be discarded should it still come.
  package mutating func abandon() { pending = nil }
}
