extension Pipeline {
  /// What a status report is made from: taken in no time, so that the counting can go on elsewhere.
  package struct StatusSnapshot: Sendable {
    fileprivate var ledger: LedgerState
    fileprivate var settings: Settings
    fileprivate var sites: StatusReport.Sites
    fileprivate var awayChannels: Set<ChannelName>

    /// The resources that are read now.
    package var resources: [ResourceSettings] { settings.resources }

    /// The intervals that end in a span, both ends included, and have begun.
    package func rows(in span: ClosedRange<UTCInstant>, now: UTCInstant) -> [IntervalRow] {
      ledger.rows(in: span, now: now)
    }

    /// Counts every interval that has a state, also those that are folded.
    package func report(at now: UTCInstant) -> StatusReport {
      var report = StatusReport(ledger, settings, isRunning: true, now: now)
      report.sites = sites
      for index in report.channels.indices {
        report.channels[index].isAway = awayChannels.contains(ChannelName(report.channels[index].name))
      }
      return report
    }
  }

  package var statusSnapshot: StatusSnapshot {
    StatusSnapshot(
      ledger: ledger, settings: settings, sites: sites.status,
      awayChannels: Set(channels.filter { $0.failures > 0 }.map(\.name)))
  }
}

extension SiteDesk {
  fileprivate var status: StatusReport.Sites {
    var status = StatusReport.Sites()
    status.total = isRead.count
    status.answering = answeringCount
    status.quiet = quietCount
    status.unread = status.total - status.answering - status.quiet
    return status
  }
}
