import Testing

import TelemetryCore

/// When a person hears that a certificate ends.
@Suite struct CertificateWatchTests {
  private static let channel = ChannelName("production")
  private static let end = House.noon

  private static func instant(_ daysBefore: Int64, _ milliseconds: Int64 = 1) -> UTCInstant {
    end - Milliseconds(daysBefore * 86_400_000 - milliseconds)
  }

  @Test func aPersonHearsOfItAt60And30And7And1DaysAndAtTheEnd() {
    var watch = CertificateWatch(ends: [Self.channel: Self.end])
    var heard: [String] = []
    for hour in 0..<(24 * 62) {
      let now = Self.instant(61) + .seconds(Int64(hour) * 3_600)
      for warning in watch.warnings(at: now) { heard.append("\(warning.priority) \(warning.days)") }
    }
    #expect(heard == ["notice 59", "warning 29", "error 6", "critical 0", "critical -1"])
  }

  @Test func aStartHearsTheMostUrgentWordAndOnlyThat() {
    var watch = CertificateWatch(ends: [Self.channel: Self.end])
    let warnings = watch.warnings(at: Self.instant(5))
    #expect(warnings.map(\.priority) == [.error])
    #expect(
      warnings.map(\.message) == [
        "channel production: the certificate ends in 4 days, 2026-03-18T12:00:00Z: get a new one, put it in its place and "
          + "restart"
      ])
    #expect(watch.warnings(at: Self.instant(5)) == [])
  }

  @Test func theFirstOneToEndCounts() {
    let watch = CertificateWatch(ends: [Self.channel: Self.end, ChannelName("spare"): Self.end + .seconds(86_400 * 9)])
    #expect(watch.days(at: Self.end) == 0)
    #expect(watch.days(at: Self.end + .seconds(1)) == -1)
    #expect(CertificateWatch().days(at: Self.end) == nil)
  }
}
