/// What the ledger says of one submission.
package struct SubmissionAccount: Hashable, Sendable {
  package enum State: Hashable, Sendable {
    /// Not on its way: not yet sent, or known not to have been looked at. The stored payload will be sent.
    case waiting
    case sending
    /// Taken in; the operator's validation is not through.
    case validating(OperatorBatchID?)
    /// The operator must be asked.
    case unknown
    /// Every row has its outcome, or is queued anew in another submission.
    case settled
  }

  package var intent: SubmissionIntent
  package var state = State.waiting
  /// Attempts so far.
  package var attempts = 0
  package var lastAttemptAt: UTCInstant?
  /// The operator found fault with it and named no rows.
  package var isFaultyAsAWhole = false

  package init(intent: SubmissionIntent) { self.intent = intent }
}
