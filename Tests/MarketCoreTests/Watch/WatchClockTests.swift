import MarketCore
import TelemetryCore
import Testing

@Suite struct WatchClockTests {
  private static func at(_ seconds: Int64) -> UptimeInstant { UptimeInstant(milliseconds: seconds * 1_000) }

  private static func clock() -> WatchClock<String> {
    WatchClock([("dispatch", .seconds(30)), ("prices", .seconds(300)), ("dispatch", .seconds(1))], from: at(0))
  }

  @Test func eachIsDueAtOnceAndThenAfterItsTimeAndNeverTwiceAtATime() {
    var clock = Self.clock()
    #expect(clock.begin(at: Self.at(0)) == ["dispatch", "prices"])
    #expect(clock.begin(at: Self.at(1_000)) == [], "both are running")
    #expect(clock.end("dispatch", isWell: true, at: Self.at(10)) == nil)
    #expect(clock.begin(at: Self.at(39)) == [] && clock.begin(at: Self.at(40)) == ["dispatch"])
  }

  /// When it is due next, as a timer would find out.
  private static func next(_ clock: WatchClock<String>, after now: Int64) -> Int64 {
    (now...now + 2_000).first { second in
      var clock = clock
      return clock.begin(at: at(second)).contains("dispatch")
    } ?? -1
  }

  @Test func whatIsAwayIsSaidOnceAndAskedLessAndLessOften() {
    var clock = Self.clock()
    var now: Int64 = 0
    var pauses: [Int64] = []
    for number in 0..<8 {
      #expect(clock.begin(at: Self.at(now)).contains("dispatch"))
      #expect(clock.end("dispatch", isWell: false, at: Self.at(now)) == (number == 0 ? .away : nil))
      let due = Self.next(clock, after: now)
      pauses.append(due - now)
      now = due
    }
    #expect(pauses == [30, 60, 120, 240, 480, 900, 900, 900])
    #expect(clock.begin(at: Self.at(now)).contains("dispatch"))
    #expect(clock.end("dispatch", isWell: true, at: Self.at(now)) == .back)
    #expect(Self.next(clock, after: now) == now + 30)
  }
}
