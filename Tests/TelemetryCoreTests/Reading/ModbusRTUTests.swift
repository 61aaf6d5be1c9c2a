import Testing

@testable import TelemetryCore
import TelemetrySimulation

/// Serial framing: nothing but the checksum and the unit says whose answer it is.
@Suite struct ModbusRTUTests {
  private let request = ModbusRequest(start: 0x6B, count: 3)
  private let message: [UInt8] = [0x03, 0x06, 0x02, 0x2B, 0x00, 0x00, 0x00, 0x64]

  private var answer: [UInt8] { ModbusRTU.frame(unit: 0x11, message: message) }

  private func found(_ chunks: [[UInt8]]) -> [UInt8]? {
    var reader = RTUAnswerReader()
    reader.expect(request, of: 0x11)
    for chunk in chunks {
      reader.feed(chunk)
      if let message = reader.next() { return Array(message) }
    }
    return nil
  }

  @Test func theChecksumIsThatOfTheStandard() {
    // 02 07 41 12: the example in appendix B of MODBUS over Serial Line.
    #expect(ModbusRTU.frame(unit: 2, message: [7]) == [0x02, 0x07, 0x41, 0x12])
    var bytes: [UInt8] = []
    var transactions = ModbusTransactions()
    let moment = Moment(utc: UTCInstant(milliseconds: 0), uptime: UptimeInstant(milliseconds: 0))
    transactions.ask(
      ModbusRequest(start: 0, count: 10), of: 1, for: 0, at: moment, within: .seconds(1), framing: .rtu, into: &bytes)
    #expect(bytes == [0x01, 0x03, 0x00, 0x00, 0x00, 0x0A, 0xC5, 0xCD])
  }

  @Test func anAnswerIsFoundInEveryCutAfterNoiseAndAfterTheEchoOfTheRequest() {
    for cut in 0...answer.count {
      #expect(found([Array(answer[..<cut]), Array(answer[cut...])]) == message)
    }
    #expect(found(answer.map { [$0] }) == message)
    #expect(found([[0x11, 0x03, 0xFF, 0x00], answer]) == message)
    #expect(found([ModbusRTU.frame(unit: 0x11, message: request.encoded) + answer]) == message)
    #expect(found([[0x11, 0x03, 0x06] + answer]) == message)
  }

  @Test func anExceptionIsAnAnswer() {
    #expect(found([ModbusRTU.frame(unit: 0x11, message: [0x83, 0x02])]) == [0x83, 0x02])
  }

  @Test func noFlippedBitAndNoOthersAnswerIsTaken() {
    for bit in 0..<(answer.count * 8) {
      var wrong = answer
      wrong[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(found([wrong]) == nil, "bit \(bit)")
    }
    for length in 0..<answer.count { #expect(found([Array(answer[..<length])]) == nil) }
    #expect(found([ModbusRTU.frame(unit: 0x12, message: message)]) == nil)
    #expect(found([ModbusRTU.frame(unit: 0x11, message: [0x04] + message.dropFirst())]) == nil)
    #expect(found([ModbusRTU.frame(unit: 0x11, message: [0x03, 0x02, 0x00, 0x64])]) == nil)
  }

  @Test func noNoiseGrowsOrTraps() {
    for seed in UInt64(0)..<50 {
      var random = SeededRandom(seed: seed)
      var reader = RTUAnswerReader()
      for _ in 0..<40 {
        if Int.random(in: 0...4, using: &random) == 0 { reader.expect(request, of: 0x11) }
        reader.feed(
          (0..<Int.random(in: 0...400, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
        reader.feed(mutated(answer, &random))
        while let message = reader.next() { #expect(message.count == 8 || message.count == 2, "seed \(seed)") }
      }
    }
  }

  // MARK: The session on such a line

  /// Plays the line.
  private struct Line {
    var session: ConnectionSession
    var device = SimulatedRegisters.device(models: [SimulatedRegisters.meter()])
    var uptime = UptimeInstant(milliseconds: 10_000)
    var asked: [[UInt8]] = []
    var readings: [SiteReading] = []
    private var output = ConnectionOutput()

    init(units: [UInt8]) {
      let limits = ConnectionLimits(pipeline: 4, replyTimeout: .seconds(3), framing: .rtu)
      session = ConnectionSession(
        units.enumerated().map { ConnectionMember(site: SiteIndex($0), unit: $1, scan: .seconds(4)) }, limits: limits)
    }

    mutating func tell(_ event: ConnectionSession.Event) {
      output.clear()
      let moment = Moment(utc: UTCInstant(milliseconds: uptime.milliseconds), uptime: uptime)
      session.handle(event, at: moment, jitter: 0, into: &output)
      for start in stride(from: 0, to: output.bytes.count, by: 8) {
        asked.append(Array(output.bytes[start..<(start + 8)]))
      }
      for case .reading(let reading) in output.actions { readings.append(reading) }
    }

    func reply(to bytes: [UInt8]) -> [UInt8] {
      guard let request = try? ModbusRequest.decode(Array(bytes[1..<6])) else { return [] }
      return ModbusRTU.frame(unit: bytes[0], message: device.answer(request).encoded(answering: 3))
    }

    mutating func answerAll() {
      while !asked.isEmpty { tell(.received(reply(to: asked.removeFirst()))) }
    }

    mutating func becomeReady() {
      tell(.scanDue(0))
      tell(.connected)
      answerAll()
    }
  }

  @Test func aSiteIsReadOverALine() {
    var line = Line(units: [1])
    line.becomeReady()
    line.tell(.scanDue(0))
    line.answerAll()
    #expect(line.readings.map(\.power) == [Power(milliwatts: -1_500_000)])
    #expect(line.session.statistics.timeouts == 0)
  }

  @Test func aLineCarriesOneRequestAtATime() {
    var line = Line(units: [1, 2, 3])
    line.becomeReady()
    for member in 0..<3 { line.tell(.scanDue(member)) }
    #expect(line.asked.count == 1)
    line.answerAll()
    #expect(line.readings.map(\.site.position) == [0, 1, 2])
  }

  @Test func aLateAnswerIsNotTakenForTheNextOneSinceTheUnitIsNotAskedAgainBeforeItMustHaveCome() {
    var line = Line(units: [1, 2])
    line.becomeReady()
    line.tell(.scanDue(0))
    let late = line.reply(to: line.asked.removeFirst())
    line.device = SimulatedRegisters.device(models: [SimulatedRegisters.meter([18: 77])])
    guard let deadline = line.session.deadline else { return _ = Issue.record("no deadline") }
    line.uptime = deadline
    line.tell(.deadlinePassed)
    line.tell(.scanDue(0))
    #expect(line.asked.isEmpty)
    line.tell(.scanDue(1))
    #expect(line.asked.count == 1)
    line.tell(.received(late))
    #expect(line.readings.isEmpty)
    line.answerAll()
    line.uptime = line.uptime + .seconds(6)
    line.tell(.scanDue(0))
    line.answerAll()
    #expect(line.readings.map(\.power) == [Power(milliwatts: -77_000), Power(milliwatts: -77_000)])
  }
}
