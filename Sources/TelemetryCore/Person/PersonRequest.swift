/// What a person asks the accounts to take note of.
package struct PersonRequest: Hashable, Sendable {
  package enum Subject: Hashable, Sendable {
    case hold(ChannelName)
    case release(ChannelName)
    case adopt
    case intervals(IntervalDecision, IntervalSelection)
  }

  package var subject: Subject
  package var user: String
  package var reason: String
  /// Decide for those intervals that allow it, where others do not; otherwise nothing is changed.
  package var isPartly: Bool

  package init(_ subject: Subject, user: String, reason: String, isPartly: Bool = false) {
    self.subject = subject
    self.user = user
    self.reason = reason
    self.isPartly = isPartly
  }
}

/// Intervals of a resource between two interval endings.
package struct IntervalSelection: Hashable, Sendable {
  package var resource: ResourceID
  /// Nil for all that the resource owes.
  package var measurement: MeasurementType?
  /// The first and the last interval ending, both included.
  package var first: UTCInstant
  package var last: UTCInstant

  package init(resource: ResourceID, measurement: MeasurementType?, first: UTCInstant, last: UTCInstant) {
    self.resource = resource
    self.measurement = measurement
    self.first = first
    self.last = last
  }

  /// The most intervals of one series that are decided about at once: a trade date of 25 hours, 31 times over.
  package static let intervalLimit: Int64 = 31 * 300
}

/// What becomes of a request: the same for a dry run and for the real thing.
package struct PersonVerdict: Hashable, Sendable {
  /// One interval that the request is about.
  package struct Line: Hashable, Sendable {
    package var key: SeriesKey
    package var intervalEnding: IntervalEnding
    package var state: ObligationState
    /// Why it stays as it is; nil where it is decided.
    package var refusal: String?
  }

  /// Why nothing can be done at all.
  package var problem: String?
  package var lines: [Line] = []
  /// What is to be written; empty where nothing is.
  package var records: [LedgerRecord] = []

  package init(problem: String? = nil, records: [LedgerRecord] = []) {
    self.problem = problem
    self.records = records
  }

  package var refusedCount: Int { lines.count { $0.refusal != nil } }
}
