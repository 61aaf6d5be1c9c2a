import TelemetryCore
import Testing

/// What a status says, and when it wants a person.
@Suite struct StatusReportTests {
  private static func healthy(_ house: House = House()) -> StatusReport {
    var report = house.pipeline.statusSnapshot.report(at: house.now.utc)
    report.channels[0].certificateDays = 400
    return report
  }

  private static func findings(_ change: (inout StatusReport) -> Void) -> [String] {
    var report = healthy()
    change(&report)
    report.judge()
    return report.problems.map { "\($0.level.rawValue): \($0.message)" }
  }

  @Test func theStatusCountsWhatTheAccountsHold() {
    var house = House(.fixture(mode: .hold))
    house.run(seconds: 1_000)
    let report = Self.healthy(house)
    #expect(report.sites.total == 2 && report.sites.answering == 2 && report.sites.quiet == 0)
    #expect(report.intervals == ["queued": 3])
    #expect(report.backlog == 3 && report.backlogHours == 1)
    #expect(report.oldestUnaccepted == "2026-03-18T12:05:00Z")
    #expect(report.oldestUnacceptedSeconds == house.now.utc.seconds - House.noon.seconds - 300)
    #expect(report.lastAccepted == nil)
    #expect(report.channels.map(\.mode) == ["hold"])
  }

  @Test func whatIsAcceptedIsNoBacklog() {
    var house = House()
    house.run(seconds: 1_000)
    let report = Self.healthy(house)
    #expect(report.intervals == ["accepted": 3])
    #expect(report.backlog == 0 && report.oldestUnaccepted == nil && report.oldestUnacceptedSeconds == nil)
    #expect(report.lastAccepted == "2026-03-18T12:15:00Z")
  }

  @Test func nothingToDoIsOk() {
    var report = Self.healthy()
    report.judge()
    #expect(report.problems == [] && report.checkStatus == 0 && report.summary == "OK: backlog 0")
  }

  @Test func eachThingThatWantsAPersonIsNamedWithWhatToDo() {
    #expect(
      Self.findings { $0.isRunning = false }.first
        == "critical: the daemon is not running: systemctl start dertelemetryd")
    #expect(Self.findings { $0.isCopy = true }.first?.hasSuffix("dertelemetryd adopt") == true)
    #expect(
      Self.findings { $0.intervals["rejected"] = 2 } == ["critical: 2 intervals rejected: dertelemetryd submissions"])
    #expect(Self.findings { $0.intervals["missing"] = 2 }.map { $0.prefix(8) } == ["warning:"])
    #expect(Self.findings { $0.channels[0].certificateDays = 29 }.map { $0.prefix(8) } == ["warning:"])
    #expect(Self.findings { $0.channels[0].certificateDays = 6 }.map { $0.prefix(9) } == ["critical:"])
    #expect(Self.findings { $0.channels[0].certificateDays = -1 }.first?.hasSuffix("expired") == true)
    #expect(Self.findings { $0.channels[0].certificateDays = nil }.first?.hasSuffix("cannot be used") == true)
    #expect(Self.findings { $0.stalled = ["the log"] } == ["critical: the log hangs"])
    #expect(Self.findings { $0.oldestUnacceptedSeconds = 7_200 } == ["warning: the oldest interval has waited for 2 h"])
    #expect(Self.findings { $0.oldestUnacceptedSeconds = 90_000 }.map { $0.prefix(9) } == ["critical:"])
    #expect(Self.findings { $0.clock = ClockSynchronisation.unsynchronised.name }.count == 1)
  }

  @Test func theWorstComesFirstAndDecides() {
    var report = Self.healthy()
    report.sites.quiet = 1
    report.judge()
    #expect(report.checkStatus == 1 && report.summary.hasPrefix("WARNING: 1 of 2 sites quiet"))
    report.isCopy = true
    report.judge()
    #expect(report.checkStatus == 2 && report.summary.hasPrefix("CRITICAL: this state directory"))
  }

  @Test func hoursOfTheDiskFollowFromWhatWasWritten() {
    let disk = StatusReport.Disk(freeBytes: 48_000_000_000, writtenBytes: 1_000_000_000, in: .seconds(86_400))
    #expect(disk.writtenBytesADay == 1_000_000_000 && disk.hoursLeft == 1_152)
    #expect(StatusReport.Disk(freeBytes: 1, writtenBytes: 1, in: .seconds(899)).hoursLeft == nil)
    #expect(StatusReport.Disk(freeBytes: 1, writtenBytes: 0, in: .seconds(900)).hoursLeft == nil)
    let flooded = StatusReport.Disk(freeBytes: .max, writtenBytes: .max, in: .seconds(900))
    #expect(flooded.writtenBytesADay == .max && flooded.hoursLeft == 24)
    #expect(
      Self.findings { $0.disk = StatusReport.Disk(freeBytes: 1, writtenBytes: 10_000, in: .seconds(900)) }.count == 1)
  }

  /// A daemon that a full disk stops again and again never runs for long enough to know a rate.
  @Test func aFullDiskWantsAPersonBeforeAnyRateIsKnown() {
    func findings(_ freeBytes: Int64) -> [String] {
      Self.findings { $0.disk = StatusReport.Disk(freeBytes: freeBytes, writtenBytes: nil, in: .seconds(1)) }
    }
    #expect(findings(1 << 30).isEmpty)
    #expect(findings(5_000_000).map { $0.hasPrefix("critical: 5 MB free on the disk") } == [true])
  }

  @Test func slipIsWhatNinetyNineOfAHundredScansKeepTo() {
    var slips = SlipCount()
    #expect(slips.ninetyNinth == nil)
    for _ in 0..<99 { slips.note(Milliseconds(3)) }
    slips.note(Milliseconds(900))
    #expect(slips.ninetyNinth == Milliseconds(5))
    slips.note(Milliseconds(900))
    #expect(slips.ninetyNinth == Milliseconds(1_000))
    for _ in 0..<1_000_000 { slips.note(Milliseconds(15)) }
    #expect(slips.ninetyNinth == Milliseconds(20))
  }

  @Test func callsAreForgottenAfterAnHour() {
    var calls = CallCount()
    for second in 0..<7_200 { calls.note(at: UptimeInstant(milliseconds: Int64(second) * 1_000)) }
    let (now, later) = (UptimeInstant(milliseconds: 7_199_000), UptimeInstant(milliseconds: 7_199_000 + 1_800_000))
    #expect(calls.lastHour(at: now) == 3_600)
    #expect(calls.lastHour(at: later) == 1_800)
  }

  @Test func theMetricsAreTheFiguresOfTheStatus() {
    var report = Self.healthy()
    report.intervals = ["accepted": 7]
    report.disk = StatusReport.Disk(freeBytes: 5, writtenBytes: nil, in: .seconds(1))
    let lines = OpenMetrics(report).text.split(separator: "\n")
    #expect(lines.last == "# EOF")
    #expect(lines.contains("der_intervals{state=\"accepted\"} 7"))
    #expect(lines.contains("der_certificate_days{channel=\"production\"} 400"))
    #expect(lines.contains("der_disk_free_bytes 5"))
    let names = lines.filter { $0.hasPrefix("# TYPE ") }
    #expect(Set(names).count == names.count, "a family is told once")
  }
}
