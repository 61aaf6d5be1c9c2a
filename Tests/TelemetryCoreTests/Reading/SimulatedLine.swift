@testable import TelemetryCore
import TelemetrySimulation

/// A connection with devices behind it in virtual time: the schedule, the session and a gateway's line, tick by tick.
struct SimulatedLine {
  enum Behaviour {
    /// Answers after so many milliseconds.
    case answers(Int64)
    /// The gateway waits this long for it and then says so.
    case gatewaySaysNobody(Int64)
    case silent
  }

  /// A reading, and how long after its slot it was taken.
  struct Take {
    let site: Int
    let at: Int64
    let slip: Int64
  }

  private struct Reply {
    let at: Int64
    let bytes: [UInt8]
  }

  private var driver: ConnectionDriver
  private var schedule: ScanSchedule
  private var random: SeededRandom
  var behaviours: [Behaviour]
  /// A serial line behind a gateway carries one question at a time.
  var isSerial = false
  private var replies: [Reply] = []
  private var lineFreeAt: Int64 = 0
  private(set) var milliseconds: Int64 = 0
  private var lastSlot: [Int64]
  private(set) var takes: [Take] = []
  private var output = ConnectionOutput()
  private var session: ConnectionSession
  private let start: Int64 = 1_000_000
  private let scan: Milliseconds
  /// From when to when each request was under way, by site.
  private(set) var requests: [(site: Int, at: Int64)] = []
  private(set) var actions: [ConnectionSession.Action] = []

  init(
    _ behaviours: [Behaviour], scan: Milliseconds = .seconds(4), limits: ConnectionLimits = .standard, seed: UInt64
  ) {
    self.behaviours = behaviours
    self.scan = scan
    random = SeededRandom(seed: seed)
    driver = ConnectionDriver(
      behaviours.indices.map {
        SimulatedRegisters.device(serialNumber: "SN-\($0)", models: [SimulatedRegisters.meter()])
      }, scan: scan)
    session = ConnectionSession(
      behaviours.indices.map { ConnectionMember(site: SiteIndex($0), unit: UInt8($0 + 1), scan: scan) },
      limits: limits)
    schedule = ScanSchedule(
      periods: Array(repeating: scan, count: behaviours.count),
      connections: Array(repeating: 0, count: behaviours.count), start: UptimeInstant(milliseconds: start))
    lastSlot = Array(repeating: 0, count: behaviours.count)
  }

  mutating func run(seconds: Int64) {
    let end = milliseconds + seconds * 1_000
    while milliseconds < end {
      tick()
      milliseconds += 10
    }
  }

  private mutating func tick() {
    while let index = replies.firstIndex(where: { $0.at <= milliseconds }) {
      tell(.received(replies.remove(at: index).bytes))
    }
    let uptime = UptimeInstant(milliseconds: start + milliseconds)
    if let deadline = session.deadline, deadline <= uptime { tell(.deadlinePassed) }
    guard milliseconds.isMultiple(of: 50) else { return }
    var due: [SiteIndex] = []
    schedule.takeDue(at: uptime, into: &due)
    for site in due {
      lastSlot[site.position] = milliseconds
      tell(.scanDue(site.position))
    }
  }

  private mutating func tell(_ event: ConnectionSession.Event) {
    output.clear()
    let uptime = UptimeInstant(milliseconds: start + milliseconds)
    session.handle(
      event, at: Moment(utc: UTCInstant(milliseconds: uptime.milliseconds), uptime: uptime),
      jitter: UInt8.random(in: 0...255, using: &random), into: &output)
    let (bytes, happened) = (output.bytes, output.actions)
    for frame in ConnectionDriver.frames(bytes) { asked(frame) }
    for action in happened {
      actions.append(action)
      switch action {
      case .connect: tell(.connected)
      case .close: replies = []
      case .reading(let reading):
        let site = reading.site.position
        takes.append(Take(site: site, at: milliseconds, slip: milliseconds - lastSlot[site]))
      default: break
      }
    }
  }

  private mutating func asked(_ frame: ModbusFrame) {
    let site = Int(frame.unit) - 1
    requests.append((site, milliseconds))
    let begins = isSerial ? max(lineFreeAt, milliseconds) : milliseconds
    switch behaviours[site] {
    case .silent: if isSerial { lineFreeAt = begins }
    case .answers(let delay):
      lineFreeAt = begins + delay
      guard let reply = driver.reply(to: frame) else { return }
      replies.append(Reply(at: begins + delay, bytes: reply.encoded))
    case .gatewaySaysNobody(let delay):
      lineFreeAt = begins + delay
      let message = ModbusResponse.exception(.gatewayTargetFailedToRespond).encoded(answering: 3)
      let reply = ModbusFrame(transaction: frame.transaction, unit: frame.unit, message: message)
      replies.append(Reply(at: begins + delay, bytes: reply.encoded))
    }
  }
}
