/// Reads one site over one connection.
///
///     unconnected ─scanDue─► connecting ─connected─► walking ─found─► ready ◄─reply─ reading
///          ▲                     │                      │               └──scanDue──►  │
///          └──deadline── backingOff ◄── failed, closed, not Modbus, three scans in a row ┘
///
/// Whoever drives it tells what happened and does the actions that come back, in their order. It calls with
/// ``Event/deadlinePassed`` once ``deadline`` has been reached, and passes nothing on from a connection that the session
/// was told is closed or has closed.
package struct SiteSession: Sendable {
  /// How long the device may take for one reply.
  ///
  /// A whole model is 223 bytes, 2 s on a serial line of 1,200 baud behind a gateway.
  package static let replyTimeout = Milliseconds.seconds(5)
  package static let connectTimeout = Milliseconds.seconds(10)
  /// So many failed scans in a row end the connection.
  package static let failedScanLimit = 3

  private enum State: Sendable {
    case unconnected
    case backingOff(until: UptimeInstant)
    case connecting(deadline: UptimeInstant)
    case walking(SunSpecWalk, deadline: UptimeInstant)
    case ready(SunSpecDevice)
    case reading(SunSpecDevice, sent: Moment)
  }

  private let site: SiteIndex
  private let unit: UInt8
  /// A reply slower than this is no data: three scans, at least 15 s.
  private let bridge: Milliseconds

  private var state = State.unconnected
  private var frames = ModbusFrameReader()
  private var transactions = ModbusTransactions()
  private var backoff = Backoff()
  private var failedScans = 0
  private var voice = SiteVoice()
  /// The device that answered last, and whether its map is still believed.
  private var knownDevice: SunSpecDevice?
  private var mapIsBelieved = false
  package private(set) var statistics = LinkStatistics()

  package init(site: SiteIndex, unit: UInt8, scan: Milliseconds) {
    self.site = site
    self.unit = unit
    bridge = Self.bridge(scan: scan)
  }

  package static func bridge(scan: Milliseconds) -> Milliseconds { max(scan * 3, .seconds(15)) }

  /// When the session wants to be told that time has passed, nil when it waits for a scan.
  package var deadline: UptimeInstant? {
    switch state {
    case .unconnected, .ready: nil
    case .backingOff(let deadline), .connecting(let deadline), .walking(_, let deadline): deadline
    case .reading(_, let sent): sent.uptime + Self.replyTimeout
    }
  }

  package var isConnected: Bool {
    switch state {
    case .walking, .ready, .reading: true
    case .unconnected, .backingOff, .connecting: false
    }
  }

  /// Takes in what happened and adds what is to be done.
  ///
  /// The jitter spreads the attempts to connect again: a new random number at each call.
  package mutating func handle(_ event: Event, at moment: Moment, jitter: UInt8, into actions: inout [Action]) {
    let context = Context(moment: moment, jitter: jitter)
    switch event {
    case .scanDue: scanDue(context, &actions)
    case .deadlinePassed: deadlinePassed(context, &actions)
    case .connected: connected(context, &actions)
    case .unreachable(let reason): disconnected(.unreachable(reason: reason), context, &actions)
    case .received(let bytes): received(bytes, context, &actions)
    case .closed(let reason): disconnected(.connectionLost(reason: reason), context, &actions)
    }
  }

  /// What comes with each event.
  private struct Context {
    let moment: Moment
    let jitter: UInt8
    var uptime: UptimeInstant { moment.uptime }
  }
}

// MARK: Events from the schedule

extension SiteSession {
  private mutating func scanDue(_ context: Context, _ actions: inout [Action]) {
    switch state {
    case .unconnected: connect(context, &actions)
    case .ready(let device):
      state = .reading(device, sent: context.moment)
      ask(device.meteredRequest, &actions)
    case .backingOff, .connecting, .walking, .reading: statistics.scansSkipped += 1
    }
  }

  private mutating func deadlinePassed(_ context: Context, _ actions: inout [Action]) {
    guard let deadline, deadline <= context.uptime else { return }
    switch state {
    case .unconnected, .ready: break
    case .backingOff: connect(context, &actions)
    case .connecting: close(.connectionTimedOut, context, &actions)
    case .walking:
      statistics.timeouts += 1
      close(.replyTimedOut, context, &actions)
    case .reading(let device, _):
      statistics.timeouts += 1
      transactions.abandon()
      scanFailed(.replyTimedOut, device, context, &actions)
    }
  }

  private mutating func connect(_ context: Context, _ actions: inout [Action]) {
    state = .connecting(deadline: context.uptime + Self.connectTimeout)
    actions.append(.connect)
  }
}

// MARK: Events from the connection

extension SiteSession {
  private mutating func connected(_ context: Context, _ actions: inout [Action]) {
    guard case .connecting = state else { return }
    statistics.connections += 1
    frames = ModbusFrameReader()
    transactions = ModbusTransactions()
    failedScans = 0
    let walk = SunSpecWalk(known: mapIsBelieved ? knownDevice : nil)
    advance(walk, walk.start(), context, &actions)
  }

  private mutating func disconnected(_ failure: ReadFailure, _ context: Context, _ actions: inout [Action]) {
    switch state {
    case .unconnected, .backingOff: break
    case .connecting, .walking, .ready, .reading: backOff(failure, context, &actions)
    }
  }

  private mutating func received(_ bytes: [UInt8], _ context: Context, _ actions: inout [Action]) {
    guard isConnected else { return }
    statistics.bytesReceived += bytes.count
    frames.feed(bytes)
    do throws(ModbusFramingError) {
      // An answer may end the connection; what stands behind it is then nobody's.
      while isConnected, let frame = try frames.next() { received(frame, context, &actions) }
    } catch {
      statistics.framingErrors += 1
      close(.framing(error), context, &actions)
    }
  }

  private mutating func received(_ frame: ModbusFrame, _ context: Context, _ actions: inout [Action]) {
    statistics.frames += 1
    switch transactions.match(frame) {
    case nil: statistics.framesDiscarded += 1
    case .unreadable(let error)?:
      statistics.framesUnreadable += 1
      failed(.unreadable(error), context, &actions)
    case .answered(let response)?:
      if case .exception = response { statistics.exceptions += 1 }
      answered(response, context, &actions)
    }
  }

  private mutating func answered(_ response: ModbusResponse, _ context: Context, _ actions: inout [Action]) {
    switch (state, response) {
    case (.walking(var walk, _), _):
      let step = walk.answered(response)
      advance(walk, step, context, &actions)
    case (.reading(let device, _), .exception(let exception)):
      scanFailed(.refused(exception), device, context, &actions)
    case (.reading(let device, let sent), .registers(let registers)):
      read(registers, of: device, sent: sent, context, &actions)
    case (.unconnected, _), (.backingOff, _), (.connecting, _), (.ready, _):
      preconditionFailure("an answer belongs to a request")
    }
  }

  private mutating func failed(_ failure: ReadFailure, _ context: Context, _ actions: inout [Action]) {
    guard case .reading(let device, _) = state else { return close(failure, context, &actions) }
    scanFailed(failure, device, context, &actions)
  }
}

// MARK: Walking and reading

extension SiteSession {
  private mutating func advance(
    _ walk: SunSpecWalk, _ step: SunSpecWalk.Step, _ context: Context, _ actions: inout [Action]
  ) {
    switch step {
    case .read(let request):
      state = .walking(walk, deadline: context.uptime + Self.replyTimeout)
      ask(request, &actions)
    case .found(let device):
      state = .ready(device)
      recognise(device, &actions)
    case .failed(let error): close(.walk(error), context, &actions)
    }
  }

  private mutating func recognise(_ device: SunSpecDevice, _ actions: inout [Action]) {
    if let known = knownDevice, !device.identity.isSameDevice(as: known.identity) {
      actions.append(.replaced(old: known.identity, new: device.identity))
    }
    if device != knownDevice { actions.append(.identified(device)) }
    knownDevice = device
    mapIsBelieved = true
  }

  private mutating func ask(_ request: ModbusRequest, _ actions: inout [Action]) {
    let bytes = transactions.ask(request, of: unit).encoded
    statistics.requests += 1
    statistics.bytesSent += bytes.count
    actions.append(.send(bytes))
  }

  private mutating func read(
    _ registers: [UInt16], of device: SunSpecDevice, sent: Moment, _ context: Context, _ actions: inout [Action]
  ) {
    let length = context.uptime - sent.uptime
    // A deadline that has passed unseen, as when the machine slept, leaves only this to tell.
    guard length <= bridge else { return scanFailed(.replyTooSlow, device, context, &actions) }
    guard let points = device.points(registers) else {
      mapIsBelieved = false
      return scanFailed(.modelMoved, device, context, &actions)
    }
    state = .ready(device)
    failedScans = 0
    backoff.succeeded()
    // The link is good; an inverter may sleep all night.
    guard !points.isEmpty else { return lose(.nothingMeasured, context, &actions) }
    statistics.readings += 1
    if voice.heard(at: context.uptime) { actions.append(.back) }
    actions.append(.reading(reading(points, length: length, context)))
  }

  /// The instant is the midpoint of request and reply: its length is measured in uptime, which nobody can set, and laid
  /// back from the newest wall time.
  private func reading(_ points: MeteredPoints, length: Milliseconds, _ context: Context) -> SiteReading {
    SiteReading(
      site: site, instant: context.moment.utc - Milliseconds(length.count / 2), power: points.power,
      export: points.export, import: points.import)
  }
}

// MARK: Failures

extension SiteSession {
  /// A scan failed and the connection may still be good.
  private mutating func scanFailed(
    _ failure: ReadFailure, _ device: SunSpecDevice, _ context: Context, _ actions: inout [Action]
  ) {
    failedScans += 1
    guard failedScans < Self.failedScanLimit, mapIsBelieved else {
      // The device answers, but not as its map says: walk again before the next read.
      if failure != .replyTimedOut { mapIsBelieved = false }
      return close(failure, context, &actions)
    }
    state = .ready(device)
    lose(failure, context, &actions)
  }

  private mutating func close(_ failure: ReadFailure, _ context: Context, _ actions: inout [Action]) {
    actions.append(.close)
    backOff(failure, context, &actions)
  }

  private mutating func backOff(_ failure: ReadFailure, _ context: Context, _ actions: inout [Action]) {
    state = .backingOff(until: context.uptime + backoff.failed(jitter: context.jitter))
    lose(failure, context, &actions)
  }

  private mutating func lose(_ failure: ReadFailure, _ context: Context, _ actions: inout [Action]) {
    actions.append(.lost(failure))
    if voice.missed(at: context.uptime, patience: bridge) { actions.append(.quiet(failure)) }
  }
}
