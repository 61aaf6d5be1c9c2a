/// Where an interval that is owed stands, from due to receipt (rule 9 of the accounts).
package enum ObligationState: UInt8, Hashable, Sendable, CaseIterable {
  /// Not judged yet: not begun, in progress, or within its grace.
  case due
  /// Judged, and not all of its registers were there.
  case missing
  /// Sealed, and waiting to be sent.
  case queued
  /// In a submission that is about to leave or on its way.
  case sending
  /// Taken in by the operator, whose validation is not through.
  case validating
  /// May have arrived or not: the operator is asked before anything else happens.
  case unknown
  case accepted
  /// Refused for good. A person must look.
  case rejected
  /// Given up by a person, with a reason.
  case waived

  package var name: String {
    switch self {
    case .due: "due"
    case .missing: "missing"
    case .queued: "queued"
    case .sending: "sending"
    case .validating: "validating"
    case .unknown: "unknown"
    case .accepted: "accepted"
    case .rejected: "rejected"
    case .waived: "waived"
    }
  }
}

/// The revision that the operator is known to hold.
package enum HeldRevision: Hashable, Sendable {
  case none
  case revision(Int)
  /// Unknown: the first or the second, where 0 is none.
  case either(Int, Int)
}

/// A revision that stands in a submission.
package struct StatedRevision: Hashable, Sendable {
  package var revision: Int
  /// In wire units.
  package var value: Int64

  package init(revision: Int, value: Int64) {
    self.revision = revision
    self.value = value
  }
}

/// One interval that is owed.
///
/// One revision at a time is without an outcome: a newer one waits beside it, and replaces one that was never sent.
package struct Obligation: Hashable, Sendable {
  /// Where the stated revision stands, or the latest one where none is stated.
  package var state = ObligationState.due
  package var held = HeldRevision.none
  /// The latest revision, 0 before the first seal.
  package var revision = 0
  /// Of the latest revision, as its value and energy.
  package var quality = QualityClass.missing
  /// In wire units.
  package var value: Int64 = 0
  package var energy = Energy.zero
  /// The submission that it is part of, from the intent until the outcome is settled.
  package var submission: SubmissionID?
  /// What that submission states; nil for an interval that is in none.
  package var stated: StatedRevision?
  /// It goes out with no other series in the submission.
  package var goesAlone = false
  /// The sites whose registers the latest revision stands on.
  package var siteCount = 0
  /// The sites that it was estimated for, until their registers return.
  package var estimates: [SiteEstimate] = []
  /// The sites whose registers were read too far from the interval's start or end, by their place in the epoch's list.
  package var spreadSites: [Int] = []
  /// Since when a revision waits that replaces what the operator may hold.
  package var collectingSince: UTCInstant?

  package init() {}

  /// The revision that the state is about.
  package var revisionInQuestion: StatedRevision { stated ?? StatedRevision(revision: revision, value: value) }

  /// A newer revision waits for the outcome of the one that is stated.
  package var hasNewerRevision: Bool { stated.map { $0.revision < revision } ?? false }
}
