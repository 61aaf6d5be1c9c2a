/// Something that happened and that a person may want to know, for the journal.
package struct Announcement: Hashable, Sendable {
  /// How urgent it is, as syslog(3) counts.
  package enum Priority: Int, Sendable, Hashable {
    /// Money is being lost now.
    case critical = 2
    /// Act today.
    case error = 3
    case warning = 4
    case notice = 5
    case info = 6
  }

  package var priority: Priority
  package var message: String
  package var site: SiteID?
  package var resource: ResourceID?
  package var intervalEnding: IntervalEnding?
  package var submission: SubmissionID?

  package init(
    _ priority: Priority, _ message: String, site: SiteID? = nil, resource: ResourceID? = nil,
    intervalEnding: IntervalEnding? = nil, submission: SubmissionID? = nil
  ) {
    self.priority = priority
    self.message = message
    self.site = site
    self.resource = resource
    self.intervalEnding = intervalEnding
    self.submission = submission
  }
}
