/// What of a status wants a person, for `status --check` and whoever watches.
extension StatusReport {
  /// Days before a certificate ends.
  private static let certificateDays = (warning: 30, critical: 7)
  /// Hours until the disk is full.
  private static let diskHours = (warning: Int64(7 * 24), critical: Int64(24))
  /// Less is a full disk whatever the rate, which a daemon that a full disk stops again and again never comes to know.
  private static let leastFreeBytes: Int64 = 64 << 20
  /// How long an interval may wait for its receipt: an hour is what a day's submissions bear, a day is not.
  private static let waitSeconds = (warning: Int64(3_600), critical: Int64(24 * 3_600))

  /// Seconds before a deadline of a trade date that is not settled.
  private static let deadlineSeconds = (warning: Int64(2 * 24 * 3_600), critical: Int64(24 * 3_600))

  /// Fills in ``problems`` from everything else.
  package mutating func judge() {
    var found: [Problem] = []
    func add(_ isFound: Bool, _ level: Problem.Level, _ message: @autoclosure () -> String) {
      if isFound { found.append(Problem(level: level, message: message())) }
    }
    add(!isRunning, .critical, "the daemon is not running: systemctl start dertelemetryd")
    for stage in stalled { add(true, .critical, "\(stage) hangs") }
    add(isCopy, .critical, "this state directory looks like a copy, nothing is submitted: dertelemetryd adopt")
    add(configurationProblem != nil, .critical, "\(configurationProblem ?? ""): dertelemetryd check")
    let rejected = intervals[ObligationState.rejected.name] ?? 0
    add(rejected > 0, .critical, "\(rejected) intervals rejected: dertelemetryd submissions")
    let missing = intervals[ObligationState.missing.name] ?? 0
    add(missing > 0, .warning, "\(missing) intervals missing: get the sites to answer")
    let unknown = intervals[ObligationState.unknown.name] ?? 0
    add(unknown > 0, .warning, "\(unknown) intervals with an unknown outcome: the operator is being asked")
    if let wait = oldestUnacceptedSeconds, channels.contains(where: { $0.mode == "live" }) {
      let level: Problem.Level = wait >= Self.waitSeconds.critical ? .critical : .warning
      add(wait >= Self.waitSeconds.warning, level, "the oldest interval has waited for \(wait / 3_600) h")
    }
    add(
      sites.quiet > 0, .warning, "\(sites.quiet) of \(sites.total) sites quiet: journalctl -u dertelemetryd -p warning")
    for channel in channels { judge(channel, add) }
    for deadline in deadlines { judge(deadline, add) }
    judgeHost(add)
    problems = found.filter { $0.level == .critical } + found.filter { $0.level == .warning }
  }

  private typealias Add = (Bool, Problem.Level, @autoclosure () -> String) -> Void

  private func judge(_ channel: Channel, _ add: Add) {
    add(channel.isAway, .warning, "channel \(channel.name) does not answer")
    add(channel.isHeldByPerson, .warning, "channel \(channel.name) is held: dertelemetryd release \(channel.name)")
    guard let days = channel.certificateDays else {
      return add(
        isRunning && channel.mode == "live", .critical, "channel \(channel.name): its certificate cannot be used")
    }
    let level: Problem.Level = days < Self.certificateDays.critical ? .critical : .warning
    add(
      days < Self.certificateDays.warning, level,
      days < 0
        ? "channel \(channel.name): the certificate has expired"
        : "channel \(channel.name): the certificate ends in \(days) days")
  }

  private func judge(_ deadline: Deadline, _ add: Add) {
    let left = deadline.secondsLeft
    let level: Problem.Level = left <= Self.deadlineSeconds.critical ? .critical : .warning
    add(left <= Self.deadlineSeconds.warning, level, deadline.text)
  }

  private func judgeHost(_ add: Add) {
    if let disk, disk.freeBytes < Self.leastFreeBytes {
      let left = "\(disk.freeBytes / 1_000_000) MB free on the disk of the state directory"
      add(true, .critical, "\(left): make room, or nothing can be kept, sealed or submitted")
    } else if let hours = disk?.hoursLeft {
      let level: Problem.Level = hours < Self.diskHours.critical ? .critical : .warning
      add(hours < Self.diskHours.warning, level, "the disk is full in \(hours) h at this rate")
    }
    add(
      clock == ClockSynchronisation.unsynchronised.name, .warning,
      "the clock of the host is not synchronised: timedatectl timesync-status")
  }

  /// Lines for a terminal.
  package var text: String {
    var lines = [isRunning ? "running, version \(version), since \(startedAt ?? "just now")" : "not running"]
    lines.append(
      isRunning
        ? "sites: \(sites.answering)/\(sites.total) answering, \(sites.quiet) quiet" : "sites: \(sites.total)")
    let states = ObligationState.allCases.compactMap { state in
      intervals[state.name].map { "\($0) \(state.name)" }
    }
    lines.append("intervals: \(states.isEmpty ? "none yet" : states.joined(separator: ", "))")
    lines.append("last interval accepted: \(lastAccepted ?? "none yet")")
    let oldest = oldestUnaccepted.map { ", the oldest \($0)" } ?? ""
    lines.append("backlog: \(backlog) intervals, \(backlogHours) h\(oldest)")
    if let slip = scanSlipMilliseconds { lines.append("scans: 99 of 100 at most \(slip) ms late") }
    lines += channels.map(\.text) + deadlines.map { "deadline: \($0.text)" }
    if let disk { lines.append(disk.text) }
    lines.append("clock: \(clock)")
    return (lines + problems.map { "\($0.level.rawValue.uppercased()): \($0.message)" }).joined(separator: "\n")
  }

  /// One line for monitoring: the worst of it first.
  package var summary: String {
    let word = problems.first?.level.rawValue.uppercased() ?? "OK"
    let what = problems.isEmpty ? "backlog \(backlog)" : problems.map(\.message).joined(separator: "; ")
    return "\(word): \(what)"
  }

  /// 0, 1 or 2, as monitoring plugins have it.
  package var checkStatus: Int32 { problems.isEmpty ? 0 : problems.first?.level == .critical ? 2 : 1 }
}

extension StatusReport.Channel {
  fileprivate var text: String {
    let calls = callsLastHour.map { calls in
      ", \(calls)\(callBudgetAnHour.map { " of \($0)" } ?? "") calls in the last hour"
    }
    let certificate = certificateDays.map { $0 < 0 ? ", certificate expired" : ", certificate \($0) days" }
    return "channel \(name): \(mode)\(isHeldByPerson ? ", held" : "")\(isAway ? ", away" : "")\(calls ?? "")"
      + (certificate ?? "")
  }
}

extension StatusReport.Deadline {
  fileprivate var text: String {
    let what = "\(intervals) \(intervals == 1 ? "interval" : "intervals") of \(tradeDate)"
    return secondsLeft > 0
      ? "\(what) not settled, \(NearDeadline.text(.seconds(secondsLeft))) before \(name)"
      : "\(what) missed \(name): dertelemetryd intervals --trade-date \(tradeDate)"
  }
}

extension StatusReport.Disk {
  fileprivate var text: String {
    let rate = writtenBytesADay.map { ", \($0 / 1_000_000) MB written a day" } ?? ""
    return "disk: \(freeBytes / 1_000_000) MB free\(rate)\(hoursLeft.map { ", at least \($0) h left" } ?? "")"
  }
}
