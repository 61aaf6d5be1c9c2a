/// Who decided something about the accounts, when and why.
package struct Decision: Hashable, Sendable {
  package var at: UTCInstant
  /// The name of the account on this host.
  package var user: String
  package var reason: String

  package init(at: UTCInstant, user: String, reason: String) {
    self.at = at
    self.user = user
    self.reason = reason
  }
}

/// Intervals of one series that lie side by side: the first and the last ending, both included.
package struct IntervalRun: Hashable, Sendable {
  package var first: IntervalEnding
  package var last: IntervalEnding

  package init(first: IntervalEnding, last: IntervalEnding) {
    self.first = first
    self.last = last
  }
}

/// What a person decides about intervals.
package enum IntervalDecision: UInt8, Hashable, Sendable, CaseIterable {
  /// Given up: it is neither sent nor waited for any more.
  case waived = 1
  /// What was refused goes out again.
  case resubmitted = 2
  /// A person has seen that the operator holds it.
  case foundHeld = 3
  /// A person has seen that the operator does not hold it.
  case foundAbsent = 4
}

/// A decision about intervals of one series.
package struct DecidedIntervals: Hashable, Sendable {
  package var series: SeriesIndex
  package var runs: [IntervalRun]
  package var decision: Decision

  package init(series: SeriesIndex, runs: [IntervalRun], decision: Decision) {
    self.series = series
    self.runs = runs
    self.decision = decision
  }
}
