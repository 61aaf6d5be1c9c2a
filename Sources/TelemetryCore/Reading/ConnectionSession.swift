/// Reads all sites behind one host and port over one connection.
///
///     idle ─scanDue─► connecting ─connected─► connected ──► idle
///       ▲                 │                       │
///       └──deadline── backingOff ◄── failed, closed, not Modbus, nobody on it answers
///
/// Requests take turns: first come, first served, at most ``ConnectionLimits/pipeline`` under way, and each site has at
/// most one waiting or under way. A scan that comes while the one before waits is skipped, so nothing bunches up behind a
/// slow device. A unit that did not answer twice in a row leaves the line to its neighbours and is only probed.
///
/// Whoever drives it tells what happened, sends the bytes and does the actions that come back, in their order. It calls
/// with ``Event/deadlinePassed`` once ``deadline`` has been reached, and passes nothing on from a connection that the
/// session was told is closed or has closed.
package struct ConnectionSession: Sendable {
  package static let connectTimeout = Milliseconds.seconds(10)
  /// So many requests in a row without a word, at least one to each unit, end the connection.
  package static let unansweredLimit = 3

  private enum Link: Hashable, Sendable {
    case idle
    case backingOff(until: UptimeInstant)
    case connecting(deadline: UptimeInstant)
    case connected
  }

  private struct Turn: Sendable {
    let device: Int
    let request: ModbusRequest
    let isProbe: Bool
  }

  private let limits: ConnectionLimits
  private var probeLimit: Milliseconds
  private var link = Link.idle
  private var devices: [DeviceSession]
  private var turns: [Turn] = []
  private var frames = ModbusFrameReader()
  private var serialAnswers = RTUAnswerReader()
  /// Units whose answer may still come, on a line where nothing would tell it from the answer to the next request.
  private var heldBack: [(unit: UInt8, until: UptimeInstant)] = []
  private var transactions = ModbusTransactions()
  /// The registers of the answer at hand.
  private var registers: [UInt16] = []
  private var backoff = Backoff()
  private var unanswered = 0
  private var lastWord = UptimeInstant(milliseconds: 0)
  private var contest = ConnectionContest()
  private var probeBudget = ProbeBudget()
  private var isProbing = false
  package private(set) var statistics = LinkStatistics()

  /// - Precondition: at least one site.
  package init(_ members: [ConnectionMember], limits: ConnectionLimits = .standard) {
    precondition(!members.isEmpty, "a connection has a site")
    self.limits = limits
    probeLimit = Self.probeLimit(members, limits)
    devices = members.map { DeviceSession($0) }
  }

  private static func probeLimit(_ members: [ConnectionMember], _ limits: ConnectionLimits) -> Milliseconds {
    let period = members.map(\.scan).reduce(members[0].scan, min)
    // Where a late answer cannot be told from another one, a probe has all the time there is, and comes the more rarely.
    return limits.framing == .rtu
      ? limits.replyTimeout : ProbeBudget.limit(period: period, replyTimeout: limits.replyTimeout)
  }

  /// Goes on with other sites, whatever is under way; a new one waits for its first scan.
  ///
  /// - Parameters:
  ///   - members: at least one
  ///   - kept: by member, which of the present ones it is; nil for one that is new
  package mutating func rearrange(_ members: [ConnectionMember], kept: [Int?]) {
    precondition(!members.isEmpty && members.count == kept.count, "a connection has a site")
    var places = [Int?](repeating: nil, count: devices.count)
    devices = zip(members, kept).enumerated().map { place, pair in
      guard let before = pair.1, devices.indices.contains(before) else { return DeviceSession(pair.0) }
      places[before] = place
      var device = devices[before]
      device.site = pair.0.site
      return device
    }
    transactions.rename { places[$0] }
    turns = turns.compactMap { turn in
      if let place = places[turn.device] { return Turn(device: place, request: turn.request, isProbe: turn.isProbe) }
      if turn.isProbe { isProbing = false }
      return nil
    }
    probeLimit = Self.probeLimit(members, limits)
  }

  /// When the session wants to be told that time has passed, nil when it waits for a scan.
  package var deadline: UptimeInstant? {
    switch link {
    case .idle: nil
    case .backingOff(let deadline), .connecting(let deadline): deadline
    case .connected: transactions.deadline
    }
  }

  package var isConnected: Bool { link == .connected }

  /// Takes in what happened and adds what is to be done.
  ///
  /// The jitter spreads attempts after failures: a new random number at each call.
  package mutating func handle(
    _ event: Event, at moment: Moment, jitter: UInt8, into output: inout ConnectionOutput
  ) {
    let context = ConnectionContext(moment: moment, jitter: jitter)
    switch event {
    case .scanDue(let device): scanDue(device, context, &output)
    case .deadlinePassed: deadlinePassed(context, &output)
    case .connected: connected(context, &output)
    case .unreachable(let reason): disconnected(.unreachable(reason: reason), context, &output)
    case .received(let bytes): received(bytes, context, &output)
    case .closed(let reason): closed(reason, context, &output)
    }
  }
}

// MARK: Events from the schedule

extension ConnectionSession {
  private mutating func scanDue(_ device: Int, _ context: ConnectionContext, _ output: inout ConnectionOutput) {
    guard devices.indices.contains(device) else { return }
    switch link {
    case .idle: connect(context, &output)
    case .backingOff, .connecting:
      statistics.scansSkipped += 1
      devices[device].skipped(context, &output.actions)
    case .connected:
      if !isHeldBack(device, context), let request = devices[device].scan(context, &output.actions) {
        turns.append(Turn(device: device, request: request, isProbe: false))
      } else {
        statistics.scansSkipped += 1
      }
      probe(context, &output)
      takeTurns(context, &output)
    }
  }

  /// Of the silent units whose wait is over, the one that was probed the longest ago.
  private mutating func probe(_ context: ConnectionContext, _ output: inout ConnectionOutput) {
    guard !isProbing, probeBudget.allows(at: context.uptime) else { return }
    var oldest: (device: Int, probed: UptimeInstant?)?
    for device in devices.indices where devices[device].isSilent && devices[device].mayBegin(at: context.uptime) {
      guard !isHeldBack(device, context) else { continue }
      let probed = devices[device].lastProbe
      if let found = oldest?.probed, probed.map({ $0 >= found }) ?? false { continue }
      if oldest != nil, oldest?.probed == nil { continue }
      oldest = (device, probed)
    }
    guard let device = oldest?.device else { return }
    guard let request = devices[device].probe(context, &output.actions) else { return }
    isProbing = true
    turns.append(Turn(device: device, request: request, isProbe: true))
  }

  private mutating func takeTurns(_ context: ConnectionContext, _ output: inout ConnectionOutput) {
    let pipeline = limits.framing == .rtu ? 1 : limits.pipeline
    while isConnected, !turns.isEmpty, transactions.pending.count < pipeline {
      let turn = turns.removeFirst()
      let byteCount = output.bytes.count
      let unit = devices[turn.device].unit
      transactions.ask(
        turn.request, of: unit, for: turn.device, at: context.moment, within: replyLimit(turn),
        isProbe: turn.isProbe, framing: limits.framing, into: &output.bytes)
      if limits.framing == .rtu { serialAnswers.expect(turn.request, of: unit) }
      statistics.requests += 1
      statistics.bytesSent += output.bytes.count - byteCount
    }
  }

  private func replyLimit(_ turn: Turn) -> Milliseconds {
    if turn.isProbe { return probeLimit }
    // With a line of its own nobody waits for it.
    guard devices.count > 1 else { return limits.replyTimeout }
    return devices[turn.device].patience(atLeast: probeLimit, atMost: limits.replyTimeout)
  }

  private mutating func deadlinePassed(_ context: ConnectionContext, _ output: inout ConnectionOutput) {
    guard let deadline, deadline <= context.uptime else { return }
    switch link {
    case .idle: break
    case .backingOff: connect(context, &output)
    case .connecting: close(.connectionTimedOut, context, &output)
    case .connected:
      while isConnected, let exchange = transactions.giveUp(at: context.uptime) {
        timedOut(exchange, context, &output)
      }
      takeTurns(context, &output)
    }
  }

  private mutating func timedOut(
    _ exchange: ModbusExchange, _ context: ConnectionContext, _ output: inout ConnectionOutput
  ) {
    statistics.timeouts += 1
    unanswered += 1
    if exchange.isProbe { probeEnded(exchange, context) }
    if limits.framing == .rtu { holdBack(exchange) }
    if let device = exchange.device { devices[device].timedOut(context, &output.actions) }
    // As long as one of them may still answer, the line is not given up for the others.
    guard unanswered >= Self.unansweredLimit, devices.allSatisfy({ $0.unanswered > 0 }) else { return }
    close(.replyTimedOut, context, &output)
  }

  private mutating func holdBack(_ exchange: ModbusExchange) {
    heldBack.removeAll { $0.unit == exchange.unit }
    heldBack.append((exchange.unit, exchange.sent.uptime + limits.replyTimeout * 2))
  }

  private func isHeldBack(_ device: Int, _ context: ConnectionContext) -> Bool {
    heldBack.contains { $0.unit == devices[device].unit && $0.until > context.uptime }
  }

  private mutating func probeEnded(_ exchange: ModbusExchange, _ context: ConnectionContext) {
    isProbing = false
    probeBudget.spent(from: exchange.sent.uptime, to: context.uptime)
  }

  private mutating func connect(_ context: ConnectionContext, _ output: inout ConnectionOutput) {
    link = .connecting(deadline: context.uptime + Self.connectTimeout)
    output.actions.append(.connect)
  }
}

// MARK: Events from the connection

extension ConnectionSession {
  private mutating func connected(_ context: ConnectionContext, _ output: inout ConnectionOutput) {
    guard case .connecting = link else { return }
    link = .connected
    statistics.connections += 1
    frames = ModbusFrameReader()
    unanswered = 0
    lastWord = context.uptime
    for device in devices.indices where !isHeldBack(device, context) {
      guard let request = devices[device].connected(context, &output.actions) else { continue }
      turns.append(Turn(device: device, request: request, isProbe: false))
    }
    takeTurns(context, &output)
  }

  private mutating func closed(_ reason: String, _ context: ConnectionContext, _ output: inout ConnectionOutput) {
    if isConnected, contest.ended(at: context.uptime, lastWord: lastWord) {
      output.actions.append(.contested(devices[0].site))
    }
    disconnected(.connectionLost(reason: reason), context, &output)
  }

  private mutating func disconnected(
    _ failure: ReadFailure, _ context: ConnectionContext, _ output: inout ConnectionOutput
  ) {
    switch link {
    case .idle, .backingOff: break
    case .connecting, .connected: backOff(failure, context, &output)
    }
  }

  private mutating func received(
    _ bytes: [UInt8], _ context: ConnectionContext, _ output: inout ConnectionOutput
  ) {
    guard isConnected else { return }
    statistics.bytesReceived += bytes.count
    guard limits.framing == .tcp else { return receivedOnLine(bytes, context, &output) }
    frames.feed(bytes)
    do throws(ModbusFramingError) {
      // An answer may end the connection; what stands behind it is then nobody's.
      while isConnected, let frame = try frames.nextInPlace() { received(frame, context, &output) }
    } catch {
      statistics.framingErrors += 1
      return close(.framing(error), context, &output)
    }
    takeTurns(context, &output)
  }

  private mutating func received(
    _ frame: ReceivedModbusFrame, _ context: ConnectionContext, _ output: inout ConnectionOutput
  ) {
    statistics.frames += 1
    unanswered = 0
    lastWord = context.uptime
    switch transactions.match(transaction: frame.transaction, unit: frame.unit) {
    case .stranger: statistics.framesDiscarded += 1
    case .late(let exchange):
      statistics.framesDiscarded += 1
      heardLate(frame, of: exchange, context)
    case .answer(let exchange): heard(frame.message, of: exchange, context, &output)
    }
  }

  private mutating func receivedOnLine(
    _ bytes: [UInt8], _ context: ConnectionContext, _ output: inout ConnectionOutput
  ) {
    serialAnswers.feed(bytes)
    while isConnected, let message = serialAnswers.next(), let exchange = transactions.takeOnly() {
      statistics.frames += 1
      unanswered = 0
      lastWord = context.uptime
      heard(message, of: exchange, context, &output)
    }
    takeTurns(context, &output)
  }

  private mutating func heard(
    _ message: ArraySlice<UInt8>, of exchange: ModbusExchange, _ context: ConnectionContext,
    _ output: inout ConnectionOutput
  ) {
    backoff.succeeded()
    if contest.answered(at: context.uptime) { output.actions.append(.uncontested(devices[0].site)) }
    if exchange.isProbe { probeEnded(exchange, context) }
    guard let device = exchange.device else { return }
    answered(message, to: exchange.request, sent: exchange.sent, of: device, context, &output)
  }

  private mutating func answered(
    _ message: ArraySlice<UInt8>, to request: ModbusRequest, sent: Moment, of device: Int,
    _ context: ConnectionContext, _ output: inout ConnectionOutput
  ) {
    let next: ModbusRequest?
    do throws(ModbusMessageError) {
      if let exception = try ModbusResponse.read(message, answering: request, into: &registers) {
        statistics.exceptions += 1
        next = devices[device].refused(exception, context, &output.actions)
      } else {
        next = devices[device].answered(registers, sent: sent, context, &output.actions)
      }
    } catch {
      statistics.framesUnreadable += 1
      devices[device].unreadable(error, context, &output.actions)
      next = nil
    }
    if let next { turns.append(Turn(device: device, request: next, isProbe: false)) }
  }

  /// Until now the line was held by a request that had been given up.
  private mutating func heardLate(
    _ frame: ReceivedModbusFrame, of exchange: ModbusExchange, _ context: ConnectionContext
  ) {
    if exchange.isProbe { probeBudget.spent(from: exchange.sent.uptime, to: context.uptime) }
    // One that would not be in time with all the time there is cannot be read, and waiting would be its neighbours' loss.
    let length = context.uptime - exchange.sent.uptime
    guard let device = exchange.device, length <= limits.replyTimeout else { return }
    do throws(ModbusMessageError) {
      let exception = try ModbusResponse.read(frame.message, answering: exchange.request, into: &registers)
      if exception?.isOfGateway != true { devices[device].heardLate(after: length) }
    } catch {
      statistics.framesUnreadable += 1
    }
  }
}

// MARK: Failures

extension ConnectionSession {
  private mutating func close(
    _ failure: ReadFailure, _ context: ConnectionContext, _ output: inout ConnectionOutput
  ) {
    output.bytes.removeAll(keepingCapacity: true)
    output.actions.append(.close)
    backOff(failure, context, &output)
  }

  private mutating func backOff(
    _ failure: ReadFailure, _ context: ConnectionContext, _ output: inout ConnectionOutput
  ) {
    link = .backingOff(until: context.uptime + backoff.failed(jitter: context.jitter))
    turns.removeAll(keepingCapacity: true)
    transactions.connectionEnded()
    isProbing = false
    for device in devices.indices { devices[device].connectionLost(failure, context, &output.actions) }
  }
}
