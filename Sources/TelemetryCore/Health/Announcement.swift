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

  /// What it is about, as a native field of the journal.
  package enum Field: String, Sendable, Hashable, CaseIterable {
    case site = "DER_SITE"
    case resource = "DER_RESOURCE"
    case intervalEnding = "DER_INTERVAL_ENDING"
    case submission = "DER_SUBMISSION"
    case channel = "DER_CHANNEL"
  }

  package var kind: Kind
  package var priority: Priority
  package var message: String
  package var site: SiteID?
  package var resource: ResourceID?
  package var intervalEnding: IntervalEnding?
  package var submission: SubmissionID?
  package var channel: ChannelName?

  /// Without a priority it has the first one that its kind may have.
  package init(
    _ kind: Kind, _ message: String, _ priority: Priority? = nil, site: SiteID? = nil, resource: ResourceID? = nil,
    intervalEnding: IntervalEnding? = nil, submission: SubmissionID? = nil, channel: ChannelName? = nil
  ) {
    self.kind = kind
    self.priority = priority ?? kind.priorities.first ?? .notice
    self.message = message
    self.site = site
    self.resource = resource
    self.intervalEnding = intervalEnding
    self.submission = submission
    self.channel = channel
  }

  /// The fields that it has, with their values.
  package var fields: [Field: String] {
    var fields: [Field: String] = [:]
    fields[.site] = site?.name
    fields[.resource] = resource?.name
    fields[.intervalEnding] = intervalEnding?.instant.text
    fields[.submission] = submission.map { "\($0)" }
    fields[.channel] = channel?.name
    return fields
  }
}
