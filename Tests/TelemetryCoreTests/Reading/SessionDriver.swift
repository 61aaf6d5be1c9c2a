@testable import TelemetryCore

/// Plays the connection and the clock for one session.
struct SessionDriver {
  var session: SiteSession
  var device: SimulatedRegisters
  /// Wall time is this much ahead of uptime.
  var wallOffset: Int64 = 1_700_000_000_000
  private(set) var uptime = UptimeInstant(milliseconds: 50_000)
  /// What the pipeline was told, the connection's actions left out.
  private(set) var told: [SiteSession.Action] = []
  private(set) var connectCount = 0
  private(set) var closeCount = 0
  /// The last request that was sent and not yet answered.
  private(set) var asked: ModbusFrame?

  init(_ device: SimulatedRegisters, scan: Milliseconds = .seconds(4)) {
    session = SiteSession(site: SiteIndex(3), unit: 1, scan: scan)
    self.device = device
  }

  var now: Moment {
    Moment(utc: UTCInstant(milliseconds: uptime.milliseconds + wallOffset), uptime: uptime)
  }

  var readings: [SiteReading] {
    told.compactMap { if case .reading(let reading) = $0 { reading } else { nil } }
  }

  var losses: [ReadFailure] {
    told.compactMap { if case .lost(let failure) = $0 { failure } else { nil } }
  }

  mutating func wait(milliseconds: Int64) { uptime = uptime + Milliseconds(milliseconds) }

  mutating func tell(_ event: SiteSession.Event) {
    var actions: [SiteSession.Action] = []
    session.handle(event, at: now, jitter: 0, into: &actions)
    for action in actions {
      switch action {
      case .connect: connectCount += 1
      case .close: closeCount += 1
      case .send(let bytes): asked = Self.frame(bytes)
      default: told.append(action)
      }
    }
  }

  /// The device's answer to the last request.
  func reply() -> ModbusFrame? {
    guard let asked, let request = try? ModbusRequest.decode(asked.message) else { return nil }
    return ModbusFrame(
      transaction: asked.transaction, unit: asked.unit, message: device.answer(request).encoded(answering: 3))
  }

  mutating func answer() {
    guard let reply = reply() else { return }
    asked = nil
    tell(.received(reply.encoded))
  }

  mutating func forgetRequest() { asked = nil }

  /// Connects and walks, until the session waits for a scan.
  mutating func becomeReady() {
    if connectCount == 0 { tell(.scanDue) }
    tell(.connected)
    while asked != nil { answer() }
  }

  mutating func scan() {
    tell(.scanDue)
    answer()
  }

  /// Waits for the session's deadline and tells it.
  mutating func passDeadline() {
    guard let deadline = session.deadline else { return }
    uptime = deadline
    tell(.deadlinePassed)
  }

  private static func frame(_ bytes: [UInt8]) -> ModbusFrame? {
    var reader = ModbusFrameReader()
    reader.feed(bytes)
    return try? reader.next()
  }
}
