/// Reads one site over a connection that it may share with others.
///
///     unknown ─scan─► walking ─found─► checking ─good─► recognised ─scan─► reading ─answers─► recognised
///        ▲               │                │                 │                 │
///        └────────────── failed, silent, another model there, connection lost ┘
///
/// A map by hand is not walked for, and what was recognised before is not checked again.
///
/// It says what it wants to ask next and takes in what became of it. When its turn comes is the connection's decision.
struct DeviceSession: Sendable {
  /// So many requests in a row without an answer, and the unit counts as silent: it is only probed from then on.
  static let silentAfter = 2
  /// So many failed reads in a row, and its map is not believed any more.
  static let failedReadLimit = 3

  enum Errand: Sendable {
    case none
    case walking(SunSpecWalk)
    case checking(BlockCheck)
    /// The block that was asked for, and whether one before told anything.
    case reading(block: Int, hasTold: Bool)
  }

  var site: SiteIndex
  let unit: UInt8
  let source: MeterSource
  /// A reply slower than this is no data: three scans, at least 15 s.
  let bridge: Milliseconds

  var errand = Errand.none
  /// The device that answered last, whether its map is still believed, and whether it was found since the connection
  /// was made and the unit last fell silent.
  var knownDevice: SunSpecDevice?
  var mapIsBelieved = false
  var isRecognised = false
  /// What is read by, once it was checked.
  var map: MeterMap?
  var plan: ReadPlan?

  var unanswered = 0
  /// The longest that a reply took, forgotten by and by.
  var usualReply: Milliseconds?
  var failedReads = 0
  var backoff = Backoff()
  var waitsUntil: UptimeInstant?
  var lastFailure: ReadFailure?
  var voice = SiteVoice()
  private(set) var lastProbe: UptimeInstant?

  init(_ member: ConnectionMember) {
    site = member.site
    unit = member.unit
    source = member.source
    bridge = .bridge(scan: member.scan)
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

  mutating func learn(_ length: Milliseconds) {
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
    return isRecognised ? read() : recognise(context, &actions)
  }

  private mutating func read() -> ModbusRequest? {
    guard let plan else { return nil }
    errand = .reading(block: 0, hasTold: false)
    return plan.blocks[0].request
  }

  /// A new connection: whatever held the device back may be over.
  mutating func connected(
    _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) -> ModbusRequest? {
    waitsUntil = nil
    return isSilent ? nil : recognise(context, &actions)
  }

  /// What to ask a unit that has been silent.
  ///
  /// It may be another device by now, so the first question is who it is.
  mutating func probe(_ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]) -> ModbusRequest? {
    lastProbe = context.uptime
    return recognise(context, &actions)
  }

  /// Asks who is there, or where the user has told, reads it.
  private mutating func recognise(
    _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) -> ModbusRequest? {
    switch source {
    case .sunSpec(let choice):
      let walk = SunSpecWalk(known: mapIsBelieved ? knownDevice : nil, choice: choice)
      errand = .walking(walk)
      return walk.start()
    case .byHand(let map):
      guard plan == nil else {
        isRecognised = true
        return read()
      }
      return check(map, context, &actions)
    }
  }

  /// Compares what the device answers to long reads with what it answers to short ones.
  mutating func check(
    _ map: MeterMap, _ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]
  ) -> ModbusRequest? {
    self.map = map
    plan = nil
    guard let plan = ReadPlan(map) else {
      walkFailed(.mapTooWide, context, &actions)
      return nil
    }
    var check = BlockCheck(map, plan: plan)
    guard let request = check.start() else {
      settle(plan)
      return nil
    }
    errand = .checking(check)
    return request
  }

  mutating func settle(_ plan: ReadPlan) {
    errand = .none
    self.plan = plan
    isRecognised = true
  }

  /// A scan that was not made leaves the site unread, which is worth a word once it lasts.
  mutating func skipped(_ context: ConnectionContext, _ actions: inout [ConnectionSession.Action]) {
    guard let lastFailure else { return }
    speak(lastFailure, context, &actions)
  }
}
