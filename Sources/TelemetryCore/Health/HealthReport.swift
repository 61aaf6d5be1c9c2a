/// How the daemon is doing, in one line and for the watchdog.
package struct HealthReport: Hashable, Sendable {
  package var sitesAnswering: Int
  package var siteCount: Int
  /// Intervals that are judged and neither accepted, rejected nor waived.
  package var backlog: Int
  package var lastAccepted: IntervalEnding?
  /// Whole days until the first certificate ends, negative after it; nil where none could be read.
  package var certificateDays: Int?

  package init(sitesAnswering: Int, siteCount: Int, backlog: Int, lastAccepted: IntervalEnding?) {
    self.sitesAnswering = sitesAnswering
    self.siteCount = siteCount
    self.backlog = backlog
    self.lastAccepted = lastAccepted
  }

  /// One line for systemd.
  package var text: String {
    let last = lastAccepted.map { "last interval accepted \($0.instant.clockText)" } ?? "no interval accepted yet"
    let certificate = certificateDays.map { $0 < 0 ? ", certificate EXPIRED" : ", certificate \($0) days" } ?? ""
    let sites = siteCount == 0 ? "no sites yet" : "sites \(sitesAnswering)/\(siteCount)"
    return "\(sites), \(last), backlog \(backlog)\(certificate)"
  }
}

extension Pipeline {
  /// How long one commit may take before the log counts as stalled.
  private static let commitPatience = Milliseconds.seconds(20)

  package var health: HealthReport {
    var report = HealthReport(
      sitesAnswering: sites.answeringCount, siteCount: settings.sites.count, backlog: 0, lastAccepted: nil)
    for index in ledger.seriesInOrder {
      guard let account = ledger.series[index] else { continue }
      report.backlog += account.openCount
      report.lastAccepted = [report.lastAccepted, account.lastAccepted].compactMap(\.self).max()
    }
    return report
  }

  /// Whether nothing that is due is overdue (P8): of the stages that can hang, the log is the one whose end is awaited
  /// here without a deadline of its own.
  package func isAlive(at now: Moment) -> Bool {
    commitAge(at: now).map { $0 < Self.commitPatience } ?? true
  }
}
