/// The same figures as text for collectors (OpenMetrics 1.0, which node_exporter's textfile collector reads too).
package struct OpenMetrics: Sendable {
  private var lines: [String] = []

  /// `text/plain` of older collectors is understood by all, and this is a subset of both.
  package static let contentType = "application/openmetrics-text; version=1.0.0; charset=utf-8"

  package init(_ report: StatusReport) {
    gauge("der_up", "1 while the daemon runs.", report.isRunning ? 1 : 0)
    family("der_intervals", "Intervals by state, since the first one that was owed.")
    for state in ObligationState.allCases where state != .due {
      sample("der_intervals", "state", state.name, Int64(report.intervals[state.name] ?? 0))
    }
    gauge("der_backlog_intervals", "Judged, and neither accepted, rejected nor waived.", Int64(report.backlog))
    gauge("der_backlog_hours", "The longest backlog of a resource and measurement.", Int64(report.backlogHours))
    gauge(
      "der_oldest_unaccepted_seconds", "Age of the oldest interval of the backlog, 0 where there is none.",
      report.oldestUnacceptedSeconds ?? 0)
    family("der_sites", "Sites by whether they answer.")
    sample("der_sites", "state", "answering", Int64(report.sites.answering))
    sample("der_sites", "state", "quiet", Int64(report.sites.quiet))
    sample("der_sites", "state", "unread", Int64(report.sites.unread))
    optional("der_scan_slip_p99_milliseconds", "How late 99 of 100 scans begin at most.", report.scanSlipMilliseconds)
    channels(report.channels)
    deadlines(report.deadlines)
    optional("der_disk_free_bytes", "Free on the file system of the state directory.", report.disk?.freeBytes)
    optional(
      "der_disk_written_bytes_a_day", "What the daemon writes, at its rate so far.", report.disk?.writtenBytesADay)
    optional("der_disk_hours_left", "Until the disk is full at that rate, at least.", report.disk?.hoursLeft)
    family("der_problems", "What a person should look at, by level.")
    for level in [StatusReport.Problem.Level.warning, .critical] {
      sample("der_problems", "level", level.rawValue, Int64(report.problems.count { $0.level == level }))
    }
  }

  package var text: String { (lines + ["# EOF"]).joined(separator: "\n") + "\n" }

  private mutating func channels(_ channels: [StatusReport.Channel]) {
    family("der_channel_away", "1 while the last call of a channel came to nothing.")
    for channel in channels { sample("der_channel_away", "channel", channel.name, channel.isAway ? 1 : 0) }
    family("der_channel_calls_last_hour", "Calls to the operator.")
    for channel in channels {
      channel.callsLastHour.map { sample("der_channel_calls_last_hour", "channel", channel.name, Int64($0)) }
    }
    family("der_channel_call_budget_an_hour", "Calls that the spacing of a channel allows.")
    for channel in channels {
      channel.callBudgetAnHour.map { sample("der_channel_call_budget_an_hour", "channel", channel.name, Int64($0)) }
    }
    family("der_certificate_days", "Until the certificate of a channel ends, negative after it.")
    for channel in channels {
      channel.certificateDays.map { sample("der_certificate_days", "channel", channel.name, Int64($0)) }
    }
  }

  /// The nearest of each name: the list is in the order of what is due first.
  private mutating func deadlines(_ deadlines: [StatusReport.Deadline]) {
    var nearest: [StatusReport.Deadline] = []
    for deadline in deadlines where !nearest.contains(where: { $0.name == deadline.name }) { nearest.append(deadline) }
    family("der_deadline_seconds", "Until the nearest deadline of a trade date that is not settled, negative after it.")
    for deadline in nearest { sample("der_deadline_seconds", "deadline", deadline.name, deadline.secondsLeft) }
    family("der_deadline_intervals", "Intervals of that trade date that are not settled.")
    for deadline in nearest { sample("der_deadline_intervals", "deadline", deadline.name, Int64(deadline.intervals)) }
  }

  private mutating func optional(_ name: String, _ help: String, _ value: Int64?) {
    if let value { gauge(name, help, value) }
  }

  private mutating func gauge(_ name: String, _ help: String, _ value: Int64) {
    family(name, help)
    lines.append("\(name) \(value)")
  }

  private mutating func family(_ name: String, _ help: String) {
    lines += ["# TYPE \(name) gauge", "# HELP \(name) \(help)"]
  }

  /// Label values are words of ours and names of channels and deadlines, which have no character that would have to be escaped.
  private mutating func sample(_ name: String, _ label: String, _ value: String, _ number: Int64) {
    lines.append("\(name){\(label)=\"\(value)\"} \(number)")
  }
}
