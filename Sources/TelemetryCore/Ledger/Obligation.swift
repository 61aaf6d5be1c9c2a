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

/// One interval that is owed.
package struct Obligation: Hashable, Sendable {
  package var state = ObligationState.due
  package var held = HeldRevision.none
  /// The latest revision, 0 before the first seal.
  package var revision = 0
  package var quality = QualityClass.missing
  /// In wire units.
  package var value: Int64 = 0
  package var energy = Energy.zero
  /// The submission that it is part of, from the intent until the outcome is settled.
  package var submission: SubmissionID?
  /// It goes out with no other series in the submission.
  package var goesAlone = false
  /// The sites that the latest revision stands on.
  package var siteCount = 0

  package init() {}
}
