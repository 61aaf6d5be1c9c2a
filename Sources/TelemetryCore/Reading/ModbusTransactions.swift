/// A request on its way, and whose it is.
package struct ModbusExchange: Hashable, Sendable {
  package let transaction: UInt16
  package let unit: UInt8
  package let request: ModbusRequest
  /// Which of the connection's devices asks, by its place among them; nil where it has been taken away since.
  package fileprivate(set) var device: Int?
  package let sent: Moment
  package let deadline: UptimeInstant
  /// Asks a unit that has been silent, at the cost of its neighbours.
  package let isProbe: Bool
}

/// Gives each request an identifier and finds the reply that belongs to it.
///
/// A reply that nobody waits for any more is late: it must never be taken for the answer to the next request, but it does
/// say that its unit is alive. A reply to nothing that was asked is a stranger's.
package struct ModbusTransactions: Sendable {
  /// What a frame is to us.
  package enum Match: Hashable, Sendable {
    case answer(ModbusExchange)
    case late(ModbusExchange)
    case stranger
  }

  /// How many requests that were given up are remembered: several for each that can be under way.
  private static let givenUpLimit = 32

  private var lastTransaction: UInt16 = 0
  package private(set) var pending: [ModbusExchange] = []
  /// The newest last.
  private var givenUp: [ModbusExchange] = []

  package init() {}

  /// When the first request under way has waited long enough, nil when none is.
  package var deadline: UptimeInstant? { pending.lazy.map(\.deadline).min() }

  /// Adds the frame that asks to bytes that are about to be sent.
  package mutating func ask(
    _ request: ModbusRequest, of unit: UInt8, for device: Int, at sent: Moment, within limit: Milliseconds,
    isProbe: Bool = false, framing: ModbusFraming = .tcp, into bytes: inout [UInt8]
  ) {
    lastTransaction &+= 1
    pending.append(
      ModbusExchange(
        transaction: lastTransaction, unit: unit, request: request, device: device, sent: sent,
        deadline: sent.uptime + limit, isProbe: isProbe))
    switch framing {
    case .tcp: request.appendFrame(transaction: lastTransaction, unit: unit, to: &bytes)
    case .rtu: request.appendSerialFrame(unit: unit, to: &bytes)
    }
  }

  /// Whose reply this is; it then counts as received.
  package mutating func match(transaction: UInt16, unit: UInt8) -> Match {
    func isReply(_ exchange: ModbusExchange) -> Bool { exchange.transaction == transaction && exchange.unit == unit }
    if let index = pending.firstIndex(where: isReply) { return .answer(pending.remove(at: index)) }
    if let index = givenUp.lastIndex(where: isReply) { return .late(givenUp.remove(at: index)) }
    return .stranger
  }

  /// The request under way on a line that carries one at a time, whose answer has come.
  package mutating func takeOnly() -> ModbusExchange? { pending.popLast() }

  /// Gives up the first request that has waited long enough, nil when none has.
  package mutating func giveUp(at uptime: UptimeInstant) -> ModbusExchange? {
    guard let index = pending.firstIndex(where: { $0.deadline <= uptime }) else { return nil }
    let exchange = pending.remove(at: index)
    if givenUp.count == Self.givenUpLimit { givenUp.removeFirst() }
    givenUp.append(exchange)
    return exchange
  }

  /// Devices have other places, and some are no more: what they asked is on its way all the same.
  package mutating func rename(_ place: (Int) -> Int?) {
    for index in pending.indices { pending[index].device = pending[index].device.flatMap(place) }
    for index in givenUp.indices { givenUp[index].device = givenUp[index].device.flatMap(place) }
  }

  /// Forgets everything that was asked over a connection that has ended; identifiers go on, so that a gateway which
  /// answers old requests on a new connection finds nobody.
  package mutating func connectionEnded() {
    pending.removeAll(keepingCapacity: true)
    givenUp.removeAll(keepingCapacity: true)
  }
}

extension ModbusRequest {
  fileprivate func appendFrame(transaction: UInt16, unit: UInt8, to bytes: inout [UInt8]) {
    let messageByteCount: UInt16 = 5
    bytes.append(bigEndian: transaction)
    bytes.append(bigEndian: 0)
    bytes.append(bigEndian: 1 + messageByteCount)
    appendMessage(unit: unit, to: &bytes)
  }

  fileprivate func appendSerialFrame(unit: UInt8, to bytes: inout [UInt8]) {
    let first = bytes.count
    appendMessage(unit: unit, to: &bytes)
    ModbusRTU.append(ModbusRTU.checksum(bytes[first...]), to: &bytes)
  }

  private func appendMessage(unit: UInt8, to bytes: inout [UInt8]) {
    bytes.append(unit)
    bytes.append(table.rawValue)
    bytes.append(bigEndian: start)
    bytes.append(bigEndian: count)
  }
}
