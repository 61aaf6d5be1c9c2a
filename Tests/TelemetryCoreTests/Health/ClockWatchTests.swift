import TelemetryCore
import Testing

/// What a person hears of the host's clock.
@Suite struct ClockWatchTests {
  private static func moment(_ utc: Int64, _ uptime: Int64) -> Moment {
    Moment(utc: House.noon + Milliseconds(utc), uptime: UptimeInstant(milliseconds: uptime))
  }

  @Test func aStepIsToldWithItsLengthAndASlewIsNot() {
    var watch = ClockWatch()
    #expect(watch.look(at: Self.moment(0, 0), .unknown) == [])
    #expect(watch.look(at: Self.moment(1_500, 1_000), .unknown) == [], "half a second may be slewed away")
    #expect(watch.look(at: Self.moment(600_000, 600_000), .unknown) == [], "a host that slept has not jumped")
    let back = watch.look(at: Self.moment(600_000 - 7_200_000, 601_000), .unknown)
    #expect(back.map(\.kind) == [.clockStepped])
    #expect(back.first?.message.contains("went back by 7201 s, to 2026-03-18T10:10:00Z") == true)
    #expect(watch.look(at: Self.moment(-6_599_000, 602_000), .unknown) == [])
  }

  @Test func synchronisationIsToldWhenItChanges() {
    var watch = ClockWatch()
    let found: [ClockSynchronisation] = [
      .unknown, .synchronised, .synchronised, .unsynchronised, .unknown, .synchronised,
    ]
    let kinds = found.enumerated().flatMap { second, found in
      watch.look(at: Self.moment(Int64(second) * 1_000, Int64(second) * 1_000), found).map(\.kind)
    }
    #expect(kinds == [.clockSynchronised, .clockUnsynchronised, .clockSynchronised])
  }
}
