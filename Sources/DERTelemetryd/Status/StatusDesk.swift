import TelemetryCore

/// What only the running process knows of its status: kept on the service's queue.
struct StatusDesk {
  private let startedAt: UptimeInstant
  /// What the start itself has written, such as the reserve, which no later time repeats.
  private let writtenAtStart = HostDisk.writtenBytes() ?? 0
  /// Why it works by an older configuration than that in the files.
  var configurationProblem: String?
  private var calls: [ChannelName: CallCount] = [:]

  init(startedAt: UptimeInstant, configurationProblem: String?) {
    self.startedAt = startedAt
    self.configurationProblem = configurationProblem
  }

  mutating func noteCall(through channel: ChannelName, at uptime: UptimeInstant) {
    calls[channel, default: CallCount()].note(at: uptime)
  }

  /// What is filled into a report that the accounts have told, apart from the queue.
  struct Facts: Sendable {
    var now: Moment
    var runningFor: Milliseconds
    var writtenAtStart: Int64
    var configurationProblem: String?
    var calls: [String: Int]
    var certificateDays: [String: Int]
    var stalled: [String]
    var clock: ClockSynchronisation
    var slip: Milliseconds?
    var stateDirectory: String

    /// Asks the host about the disk, which may take its time.
    func fill(_ report: inout StatusReport) {
      report.version = Version.number
      report.configurationProblem = configurationProblem
      report.stalled = stalled
      report.clock = clock.name
      report.scanSlipMilliseconds = slip?.count
      for index in report.channels.indices {
        let name = report.channels[index].name
        report.channels[index].callsLastHour = calls[name] ?? 0
        report.channels[index].certificateDays = certificateDays[name]
      }
      report.disk = HostDisk.freeBytes(at: stateDirectory).map { free in
        StatusReport.Disk(
          freeBytes: free, writtenBytes: HostDisk.writtenBytes().map { $0 - writtenAtStart }, in: runningFor)
      }
    }
  }

  mutating func facts(
    at now: Moment, _ settings: Settings, _ certificates: CertificateWatch, stalled: [String],
    clock: ClockSynchronisation, slip: Milliseconds?
  ) -> Facts {
    var counts: [String: Int] = [:]
    for name in calls.keys { counts[name.name] = calls[name]?.lastHour(at: now.uptime) }
    let days = settings.channels.compactMap { channel in
      certificates.days(of: channel.name, at: now.utc).map { (channel.name.name, $0) }
    }
    return Facts(
      now: now, runningFor: now.uptime - startedAt, writtenAtStart: writtenAtStart,
      configurationProblem: configurationProblem, calls: counts,
      certificateDays: Dictionary(days, uniquingKeysWith: { first, _ in first }), stalled: stalled, clock: clock,
      slip: slip, stateDirectory: settings.stateDirectory)
  }
}
