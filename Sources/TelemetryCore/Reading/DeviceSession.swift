/// Reads one site over a connection that it may share with others.
///
///     unknown ─scan─► walking ─found─► recognised ─scan─► reading ─answer─► recognised
///        ▲                │                 │                  │
///        └────── failed, silent, another model there, connection lost ────┘
///
/// It says what it wants to ask next and takes in what became of it. When its turn comes is the connection's decision.
struct DeviceSession: Sendable {
  /// So many requests in a row without an answer, and the unit counts as silent: it is only probed from then on.
  static let silentAfter = 2
  /// So many failed reads in a row, and its map is not believed any more.
  static let failedReadLimit = 3

  private enum Errand: Sendable {
    case none
    case walking(SunSpecWalk)
    case reading
  }

  let site: SiteIndex
  let unit: UInt8
  /// A reply slower than this is no data: three scans, at least 15 s.
  private let bridge: Milliseconds

  private var errand = Errand.none
  /// The device that answered last, whether its map is still believed, and whether it was found since the connection
  /// was made and the unit last fell silent.
  private var knownDevice: SunSpecDevice?
  private var mapIsBelieved = false
  private var isRecognised = false

  private(set) var unanswered = 0
  /// The longest that a reply took, forgotten by and by.
  private var usualReply: Milliseconds?
  private var failedReads = 0
  private var backoff = Backoff()
  private var waitsUntil: UptimeInstant?
  private var lastFailure: ReadFailure?
  private var voice = SiteVoice()
  private(set) var lastProbe: UptimeInstant?

  init(site: SiteIndex, unit: UInt8, scan: Milliseconds) {
    self.site = site
    self.unit = unit
    bridge = .bridge(scan: scan)
  }

  var isSilent: Bool { unanswered >= Self.silentAfter }

  var isBusy: Bool {
    if case .none = errand { return false }
    return true
  }

  /// How long a reply may take where others wait for the line: four times what it usually takes, and longer after each
  /// request without one.
  func patience(atLeast shortest: Milliseconds, atMost longest: Milliseconds) -> Milliseconds {
    guard let usualReply else { return longest }
    return min(max(usualReply * 4, shortest) * Int64(1 + unanswered), longest)
  }

  private mutating func learn(_ length: Milliseconds) {
    let before = usualReply?.count ?? 0
    usualReply = Milliseconds(max(length.count, before - before / 8))
  }

  func mayBegin(at uptime: UptimeInstant) -> Bool { !isBusy && waitsUntil.map { $0 <= uptime } ?? true }
}

// MARK: What it wants to ask

extension DeviceSession {
  /// What to ask at its slot; nil where the scan is to be skipped.
  mutating func scan(_ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]) -> ModbusRequest? {
    guard !isSilent, mayBegin(at: context.uptime) else {
      skipped(context, &actions)
      return nil
    }
    guard isRecognised, let device = knownDevice else { return walk() }
    errand = .reading
    return device.meteredRequest
  }

  /// A new connection: whatever held the device back may be over.
  mutating func connected() -> ModbusRequest? {
    waitsUntil = nil
    return isSilent ? nil : walk()
  }

  /// What to ask a unit that has been silent.
  ///
  /// It may be another device by now, so the first question is who it is.
  mutating func probe(at uptime: UptimeInstant) -> ModbusRequest {
    lastProbe = uptime
    return walk()
  }

  private mutating func walk() -> ModbusRequest {
    let walk = SunSpecWalk(known: mapIsBelieved ? knownDevice : nil)
    errand = .walking(walk)
    return walk.start()
  }

  /// A scan that was not made leaves the site unread, which is worth a word once it lasts.
  mutating func skipped(_ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]) {
    guard let lastFailure else { return }
    speak(lastFailure, context, &actions)
  }
}

// MARK: What became of it

extension DeviceSession {
  /// Takes in an answer, and says what to ask next.
  mutating func answered(
    _ registers: [UInt16], sent: Moment, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) -> ModbusRequest? {
    unanswered = 0
    learn(context.uptime - sent.uptime)
    switch errand {
    case .none: return nil
    case .walking(var walk):
      let step = walk.answered(.registers(registers))
      return advance(walk, step, context, &actions)
    case .reading:
      errand = .none
      read(registers, sent: sent, context, &actions)
      return nil
    }
  }

  mutating func refused(
    _ exception: ModbusException, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) -> ModbusRequest? {
    guard !exception.isOfGateway else {
      fellSilent(.refused(exception), context, &actions)
      return nil
    }
    unanswered = 0
    switch errand {
    case .none: return nil
    case .walking(var walk):
      let step = walk.answered(.exception(exception))
      return advance(walk, step, context, &actions)
    case .reading:
      readFailed(.refused(exception), context, &actions)
      return nil
    }
  }

  mutating func unreadable(
    _ error: ModbusMessageError, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) {
    unanswered = 0
    switch errand {
    case .none: return
    case .walking: walkFailed(.unreadable(error), context, &actions)
    case .reading: readFailed(.unreadable(error), context, &actions)
    }
  }

  mutating func timedOut(_ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]) {
    fellSilent(.replyTimedOut, context, &actions)
  }

  /// A reply that came too late is no data, but whoever sent it is alive: at the next slot it has all the time again.
  mutating func heardLate(after length: Milliseconds) {
    learn(length)
    guard isSilent, !isBusy else { return }
    unanswered = Self.silentAfter - 1
    waitsUntil = nil
  }

  mutating func connectionLost(
    _ failure: ReadFailure, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) {
    errand = .none
    isRecognised = false
    failedReads = 0
    lose(failure, context, &actions)
  }
}

// MARK: Walking and reading

extension DeviceSession {
  private mutating func advance(
    _ walk: SunSpecWalk, _ step: SunSpecWalk.Step, _ context: ConnectionContext,
    _ actions: inout [ConnectionSession.Action]
  ) -> ModbusRequest? {
    switch step {
    case .read(let request):
      errand = .walking(walk)
      return request
    case .found(let device):
      errand = .none
      recognise(device, &actions)
    case .failed(let error): walkFailed(.walk(error), context, &actions)
    }
    return nil
  }

  private mutating func recognise(_ device: SunSpecDevice, _ actions: inout [ConnectionSession.Action]) {
    if let known = knownDevice, !device.identity.isSameDevice(as: known.identity) {
      actions.append(.replaced(site, old: known.identity, new: device.identity))
    }
    if device != knownDevice { actions.append(.identified(site, device)) }
    knownDevice = device
    mapIsBelieved = true
    isRecognised = true
    failedReads = 0
  }

  private mutating func read(
    _ registers: [UInt16], sent: Moment, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) {
    let length = context.uptime - sent.uptime
    // A deadline that has passed unseen, as when the machine slept, leaves only this to tell.
    guard length <= bridge else { return readFailed(.replyTooSlow, context, &actions) }
    guard let points = knownDevice?.points(registers) else {
      isRecognised = false
      mapIsBelieved = false
      return readFailed(.modelMoved, context, &actions)
    }
    failedReads = 0
    backoff.succeeded()
    // An inverter may sleep all night.
    guard !points.isEmpty else { return lose(.nothingMeasured, context, &actions) }
    lastFailure = nil
    if voice.heard(at: context.uptime) { actions.append(.back(site)) }
    actions.append(.reading(reading(points, length: length, context)))
  }

  /// The instant is the midpoint of request and reply: its length is measured in uptime, which nobody can set, and laid
  /// back from the newest wall time.
  private func reading(_ points: MeteredPoints, length: Milliseconds, _ context: ConnectionContext) -> SiteReading {
    SiteReading(
      site: site, instant: context.moment.utc - Milliseconds(length.count / 2), power: points.power,
      export: points.export, import: points.import)
  }
}

// MARK: Failures

extension DeviceSession {
  private mutating func fellSilent(
    _ failure: ReadFailure, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) {
    errand = .none
    unanswered += 1
    if isSilent {
      // Who was silent may be someone else when it speaks again.
      isRecognised = false
      wait(context)
    }
    lose(failure, context, &actions)
  }

  private mutating func walkFailed(
    _ failure: ReadFailure, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) {
    errand = .none
    mapIsBelieved = false
    wait(context)
    lose(failure, context, &actions)
  }

  private mutating func readFailed(
    _ failure: ReadFailure, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) {
    errand = .none
    failedReads += 1
    if failedReads >= Self.failedReadLimit {
      // The device answers, but not as its map says: walk again before the next read.
      isRecognised = false
      mapIsBelieved = false
      wait(context)
    }
    lose(failure, context, &actions)
  }

  private mutating func wait(_ context: ConnectionContext) {
    waitsUntil = context.uptime + backoff.failed(jitter: context.jitter)
  }

  private mutating func lose(
    _ failure: ReadFailure, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) {
    lastFailure = failure
    actions.append(.lost(site, failure))
    speak(failure, context, &actions)
  }

  private mutating func speak(
    _ failure: ReadFailure, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) {
    if voice.missed(at: context.uptime, patience: bridge) { actions.append(.quiet(site, failure)) }
  }
}

extension ModbusException {
  /// A gateway says that it had no answer from the unit behind it.
  var isOfGateway: Bool { self == .gatewayPathUnavailable || self == .gatewayTargetFailedToRespond }
}
