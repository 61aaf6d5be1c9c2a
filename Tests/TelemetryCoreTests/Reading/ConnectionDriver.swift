@testable import TelemetryCore

/// Plays the connection, the devices behind it and the clock for one session.
struct ConnectionDriver {
  var session: ConnectionSession
  /// By unit.
  var devices: [UInt8: SimulatedRegisters]
  /// Wall time is this much ahead of uptime.
  var wallOffset: Int64 = 1_700_000_000_000
  private(set) var uptime = UptimeInstant(milliseconds: 50_000)
  /// What the pipeline was told, the connection's actions left out.
  private(set) var told: [ConnectionSession.Action] = []
  private(set) var connectCount = 0
  private(set) var closeCount = 0
  /// The requests that were sent and not yet answered, the oldest first.
  private(set) var asked: [ModbusFrame] = []
  private var output = ConnectionOutput()

  /// Sites from 3 on with units from 1 on.
  init(_ devices: [SimulatedRegisters], scan: Milliseconds = .seconds(4), limits: ConnectionLimits = .standard) {
    let units = devices.indices.map { UInt8($0 + 1) }
    session = ConnectionSession(
      units.map { ConnectionMember(site: SiteIndex(Int($0) + 2), unit: $0, scan: scan) }, limits: limits)
    self.devices = Dictionary(uniqueKeysWithValues: zip(units, devices))
  }

  init(_ device: SimulatedRegisters, scan: Milliseconds = .seconds(4)) { self.init([device], scan: scan) }

  /// The device of a single site.
  var device: SimulatedRegisters {
    get { devices[1] ?? SimulatedRegisters() }
    set { devices[1] = newValue }
  }

  var now: Moment {
    Moment(utc: UTCInstant(milliseconds: uptime.milliseconds + wallOffset), uptime: uptime)
  }

  var readings: [SiteReading] {
    told.compactMap { if case .reading(let reading) = $0 { reading } else { nil } }
  }

  var losses: [ReadFailure] {
    told.compactMap { if case .lost(_, let failure) = $0 { failure } else { nil } }
  }

  mutating func wait(milliseconds: Int64) { uptime = uptime + Milliseconds(milliseconds) }

  mutating func tell(_ event: ConnectionSession.Event) {
    output.clear()
    session.handle(event, at: now, jitter: 0, into: &output)
    asked += Self.frames(output.bytes)
    for action in output.actions {
      switch action {
      case .connect: connectCount += 1
      case .close:
        closeCount += 1
        asked = []
      default: told.append(action)
      }
    }
  }

  /// The device's answer to a request, nil where nobody has that unit.
  func reply(to frame: ModbusFrame) -> ModbusFrame? {
    guard let device = devices[frame.unit], let request = try? ModbusRequest.decode(frame.message) else { return nil }
    let message = device.answer(request).encoded(answering: request.table.rawValue)
    return ModbusFrame(transaction: frame.transaction, unit: frame.unit, message: message)
  }

  /// The answer to the oldest request.
  func reply() -> ModbusFrame? { asked.first.flatMap(reply) }

  mutating func answer() {
    guard let reply = reply() else { return }
    asked.removeFirst()
    tell(.received(reply.encoded))
  }

  /// The gateway says that nobody behind it answers.
  mutating func answer(_ exception: ModbusException) {
    guard !asked.isEmpty else { return }
    let frame = asked.removeFirst()
    let message = ModbusResponse.exception(exception).encoded(answering: 3)
    tell(.received(ModbusFrame(transaction: frame.transaction, unit: frame.unit, message: message).encoded))
  }

  /// Takes a request away without an answer.
  mutating func dropRequest() -> ModbusFrame { asked.removeFirst() }

  mutating func closedByDevice(_ reason: String = "reset") {
    asked = []
    tell(.closed(reason: reason))
  }

  /// Connects and walks, until the session waits for a scan.
  mutating func becomeReady() {
    if connectCount == 0 { tell(.scanDue(0)) }
    tell(.connected)
    while !asked.isEmpty { answer() }
  }

  mutating func scan(_ member: Int = 0) {
    tell(.scanDue(member))
    answer()
  }

  /// Waits for the session's deadline and tells it; a request whose time is over is answered no more.
  mutating func passDeadline() {
    guard let deadline = session.deadline else { return }
    uptime = deadline
    let before = asked
    asked = []
    tell(.deadlinePassed)
    if session.isConnected { asked = before.dropFirst() + asked }
  }

  /// How many registers a request asks for.
  static func count(of frame: ModbusFrame) -> Int {
    (try? ModbusRequest.decode(frame.message)).map { Int($0.count) } ?? 0
  }

  static func frames(_ bytes: [UInt8]) -> [ModbusFrame] {
    var reader = ModbusFrameReader()
    reader.feed(bytes)
    var frames: [ModbusFrame] = []
    while let frame = try? reader.next() { frames.append(frame) }
    return frames
  }
}
