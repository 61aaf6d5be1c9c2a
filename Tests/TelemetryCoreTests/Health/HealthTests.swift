import Testing

import TelemetryCore

/// Whether the daemon says that it is alive (P8).
@Suite struct HealthTests {
  private static func moment(_ seconds: Int64) -> Moment {
    Moment(utc: House.noon + .seconds(seconds), uptime: UptimeInstant(milliseconds: seconds * 1_000))
  }

  private static func pipeline() -> Pipeline {
    Pipeline(settings: .fixture(), ledger: LedgerState(), nextSequence: LogSequence(1))
  }

  @Test func aCommitThatNeverEndsIsAStall() {
    var pipeline = Self.pipeline()
    _ = pipeline.handle(.started(version: "test", damages: []), at: Self.moment(0))
    #expect(pipeline.isAlive(at: Self.moment(19)))
    #expect(!pipeline.isAlive(at: Self.moment(20)))
  }

  @Test func silenceOfEverythingOutsideIsNoStall() {
    var house = House()
    house.station.script = Array(repeating: .beUnreachable, count: 1_000)
    house.run(seconds: 700)
    house.meter = { _, _ in nil }
    for _ in 0..<100 {
      house.run(seconds: 60)
      #expect(house.pipeline.isAlive(at: house.now))
    }
    #expect(house.station.sent.count > 1)
    #expect(house.audit.series[0].count(.missing) > 1)
  }

  @Test func theStatusSaysSitesLastIntervalBacklogAndDaysOfTheCertificate() {
    let ending = IntervalEnding(seconds: House.noon.seconds, length: .fiveMinutes)
    var report = HealthReport(sitesAnswering: 98, siteCount: 100, backlog: 3, lastAccepted: ending)
    #expect(report.text == "sites 98/100, last interval accepted 12:00Z, backlog 3")
    report.certificateDays = 58
    #expect(report.text == "sites 98/100, last interval accepted 12:00Z, backlog 3, certificate 58 days")
    report.certificateDays = -1
    #expect(report.text.hasSuffix("certificate EXPIRED"))
    report = HealthReport(sitesAnswering: 0, siteCount: 0, backlog: 0, lastAccepted: nil)
    #expect(report.text == "no sites yet, no interval accepted yet, backlog 0")
  }
}
