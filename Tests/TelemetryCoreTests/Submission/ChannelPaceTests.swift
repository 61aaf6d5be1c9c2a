import TelemetrySimulation
import Testing

@testable import TelemetryCore

/// When the operator is called again after calls that came to nothing.
@Suite struct ChannelPaceTests {
  private let start = UptimeInstant(milliseconds: 1_000_000)

  private func desk(spacing: Int64) -> ChannelDesk {
    var settings = Settings.fixture().channels[0]
    settings.spacing = .seconds(spacing)
    return ChannelDesk(settings)
  }

  /// The first second after each of some failures in a row at which the channel may be called.
  private func waits(spacing: Int64, jitter: UInt8) -> [Int64] {
    var desk = desk(spacing: spacing)
    var now = start
    return (0..<9).map { _ in
      _ = desk.callFailed(at: now, jitter: jitter)
      let failed = now
      while !desk.mayCall(at: now) { now = now + .seconds(1) }
      return (now - failed).count / 1_000
    }
  }

  @Test func waitsDoubleUntilFiveMinutesAndTheJitterIsHalfOfThem() {
    #expect(waits(spacing: 5, jitter: 0) == [5, 10, 20, 40, 80, 150, 150, 150, 150])
    #expect(waits(spacing: 5, jitter: 255) == [10, 20, 40, 80, 160, 300, 300, 300, 300])
    #expect(waits(spacing: 0, jitter: 0).prefix(3) == [1, 2, 4])
  }

  @Test(arguments: [Int64(0), 1, 5, 60, 600, 3_600], [UInt8(0), 1, 127, 255])
  func noWaitIsShorterThanTheSpacing(spacing: Int64, jitter: UInt8) {
    #expect(waits(spacing: spacing, jitter: jitter).allSatisfy { $0 >= spacing })
  }

  @Test func aSuccessEndsTheBackOff() {
    var desk = desk(spacing: 5)
    for _ in 0..<6 { _ = desk.callFailed(at: start, jitter: 0) }
    let isBack = desk.callSucceeded(at: start)
    #expect(isBack)
    #expect(desk.mayCall(at: start + .seconds(5)))
    let isFirst = desk.callFailed(at: start, jitter: 0)
    #expect(isFirst, "the first failure of a row is told")
  }

  // MARK: Retry-After

  @Test(arguments: [
    ("0", Int64(0)), ("120", 120), ("Wed, 18 Mar 2026 12:02:00 GMT", 120), ("Wed, 18 Mar 2026 11:00:00 GMT", 0),
    ("999999999", 999_999_999), ("Sun, 06 Nov 1994 08:49:37 GMT", 0),
  ])
  func secondsAndDatesAreRead(text: String, seconds: Int64) {
    #expect(Milliseconds(retryAfter: text, at: House.noon) == .seconds(seconds))
  }

  @Test(arguments: [
    "", "-1", "+5", "5s", "1.5", "soon", "1234567890", "٣", "Wed, 18 Mar 2026 12:02:00", "18 Mar 2026 12:02:00 GMT",
    "Wed, 18 Foo 2026 12:02:00 GMT", "Wed, 31 Feb 2026 12:02:00 GMT", "Wed, 18 Mar 26 12:02:00 GMT",
    "Wednesday, 18-Mar-26 12:02:00 GMT", "Wed,  18 Mar 2026 12:02:00 GMT", "Wed, 18 Mar 2026 12:02:00 PST",
    "Wed, 18 Mar 2026 25:02:00 GMT", " 5",
  ])
  func everythingElseIsNoWait(text: String) {
    #expect(Milliseconds(retryAfter: text, at: House.noon) == nil)
  }

  @Test func mutatedDatesNeverTrap() {
    var random = SeededRandom(seed: 7)
    let text = Array("Wed, 18 Mar 2026 12:02:00 GMT".utf8)
    for _ in 0..<5_000 {
      var bytes = text
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      }
      let wait = Milliseconds(retryAfter: String(decoding: bytes, as: UTF8.self), at: House.noon)
      #expect(wait.map { $0.count >= 0 } ?? true, "\(bytes)")
    }
  }

  // MARK: The whole of it

  @Test func anOperatorThatSaysHowLongIsNotCalledBefore() {
    var house = House()
    house.station.script = [.throttleFor(.seconds(120))]
    house.run(seconds: 5 + 300 + 5 + 118)
    #expect(house.station.sent.count == 1)
    house.run(seconds: 10)
    #expect(house.station.sent.count == 2)
    #expect(Set(house.station.sent).count == 1, "the same payload goes again")
    #expect(house.station.rows.count == 1)
  }

  @Test func noWaitThatAnOperatorAsksForIsLongerThanAnHour() {
    var house = House()
    house.station.script = [.throttleFor(.seconds(999_999_999))]
    house.run(seconds: 5 + 300 + 5 + 3_590)
    #expect(house.station.sent.count == 1)
    #expect(house.announcements.contains { $0.priority == .warning && $0.message.contains("1h is waited") })
    house.run(seconds: 30)
    #expect(house.station.sent.count >= 2)
  }

  @Test func gatewaysThatFailedTogetherComeBackApart() {
    let returns = [UInt8(0), 80, 160, 255].map { jitter in
      var house = House()
      house.jitter = jitter
      house.station.script = Array(repeating: .beUnreachable, count: 5)
      while house.station.sent.count < 6 { house.run(seconds: 1) }
      return house.now.utc
    }
    #expect(Set(returns).count == returns.count)
  }

  @Test func aWaitThatIsAskedForInAnAnswerToAnOlderCallIsNone() {
    var house = House()
    house.run(seconds: 100)
    house.send(.toldToWait(CallNumber(77), .seconds(3_600)))
    house.run(seconds: 230)
    #expect(house.station.rows.count == 1)
  }
}
