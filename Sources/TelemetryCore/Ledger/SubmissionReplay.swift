/// What the records of submissions change in the accounts.
extension LedgerState {
  mutating func applyToSubmission(_ record: LedgerRecord, at sequence: LogSequence) {
    switch record {
    case .intent(let intent): apply(intent, at: sequence)
    case .attempt(let id, let number, let instant, _):
      move(id, from: [.queued], to: .sending, at: sequence)
      update(id) {
        $0.state = .sending
        $0.attempts = number
        $0.lastAttemptAt = instant
      }
    case .notSent(let id, _), .unprocessed(let id, _, _):
      move(id, from: [.sending], to: .queued, at: sequence)
      update(id) { $0.state = .waiting }
      if hasReplacedRows(id) { disband(id) }
    case .taken(let id, let batch, let isFinal, _):
      move(id, from: [.sending], to: isFinal ? .accepted : .validating, at: sequence)
      update(id) { $0.state = isFinal ? .settled : .validating(batch) }
      if let batch { receipts.note(batch, of: id) }
    case .rejected(let id, _, _):
      move(id, from: [.sending, .validating, .unknown], to: .rejected, at: sequence)
      update(id) { $0.state = .settled }
    case .unknown(let id, _):
      move(id, from: [.sending, .validating], to: .unknown, at: sequence)
      update(id) { $0.state = .unknown }
    case .verdict(let id, let verdict, _): apply(verdict, to: id, at: sequence)
    case .disbanded(let id, _):
      guard submissions[id]?.state == .waiting else {
        return report(.dangling, sequence, because: "submission \(id) is given up and does not wait")
      }
      disband(id)
    default: preconditionFailure("a record of a submission")
    }
  }

  private mutating func apply(_ intent: SubmissionIntent, at sequence: LogSequence) {
    guard submissions[intent.id] == nil else {
      return report(.double, sequence, because: "submission \(intent.id) exists already")
    }
    add(SubmissionAccount(intent: intent))
    for row in intent.rows {
      update(row.series, row.intervalEnding, at: sequence) { obligation in
        guard obligation.state == .queued, obligation.revision == row.revision, obligation.submission == nil else {
          return "revision \(row.revision) goes out while the interval is \(obligation.state.name)"
        }
        obligation.submission = intent.id
        obligation.stated = StatedRevision(revision: row.revision, value: obligation.value)
        obligation.collectingSince = nil
        return nil
      }
    }
  }

  private mutating func apply(
    _ verdict: LedgerRecord.Verdict, to id: SubmissionID, at sequence: LogSequence
  ) {
    switch verdict {
    case .accepted:
      move(id, from: [.validating], to: .accepted, at: sequence)
      update(id) { $0.state = .settled }
    case .faulty(let faults):
      move(faults.map(\.reference), of: id, from: [.validating], to: .rejected, at: sequence)
      let named = Set(faults.map(\.reference))
      let others = (submissions[id]?.intent.rows ?? []).filter { !named.contains($0) }
      move(others, of: id, from: [.validating], to: .unknown, at: sequence)
      update(id) {
        $0.state = others.isEmpty ? .settled : .unknown
        $0.isFaultyAsAWhole = faults.isEmpty
      }
    }
  }

  mutating func apply(_ resolution: Resolution, at sequence: LogSequence) {
    let id = resolution.submission
    let goesAgain = resolution.goesAgainAsItWas(submissions) && id.map { !hasReplacedRows($0) } ?? false
    move(resolution.held, of: id, from: [.unknown], to: .accepted, at: sequence)
    move(resolution.absent, of: id, from: [.unknown], to: .queued, at: sequence)
    for row in resolution.absent {
      update(row.series, row.intervalEnding, at: sequence) { obligation in
        if !goesAgain { obligation.leaveSubmission() }
        obligation.goesAlone = resolution.splits
        return nil
      }
    }
    guard let id else { return }
    let isOpen = rows(of: id, in: .unknown).isEmpty == false
    update(id) { $0.state = goesAgain ? .waiting : isOpen ? .unknown : .settled }
  }

  /// A newer revision waits for some row, which must not go out again as it was.
  private func hasReplacedRows(_ id: SubmissionID) -> Bool {
    submissions[id]?.intent.rows.contains { row in
      let obligation = series[row.series]?[row.intervalEnding] ?? Obligation()
      return obligation.submission == id && obligation.hasNewerRevision
    } ?? false
  }

  /// Dissolves a submission that is not on its way: its rows go out anew, in others.
  mutating func disband(_ id: SubmissionID) {
    for row in submissions[id]?.intent.rows ?? [] {
      _ = series[row.series]?.update(row.intervalEnding) { obligation in
        guard obligation.submission == id, obligation.state == .queued else { return }
        obligation.leaveSubmission()
      }
    }
    update(id) { $0.state = .settled }
  }

  /// The rows of a submission that stand in a state and belong to it.
  package func rows(of id: SubmissionID, in state: ObligationState) -> [RevisionReference] {
    (submissions[id]?.intent.rows ?? []).filter { row in
      guard let obligation = series[row.series]?[row.intervalEnding] else { return false }
      return obligation.submission == id && obligation.state == state
    }
  }

  private mutating func move(
    _ id: SubmissionID, from allowed: [ObligationState], to state: ObligationState, at sequence: LogSequence
  ) {
    guard let submission = submissions[id] else {
      return report(.dangling, sequence, because: "no submission \(id)")
    }
    let rows = submission.intent.rows.filter { row in
      guard let obligation = series[row.series]?[row.intervalEnding] else { return true }
      return obligation.submission == id && ![.accepted, .rejected, .waived].contains(obligation.state)
    }
    move(rows, of: id, from: allowed, to: state, at: sequence)
  }

  private mutating func move(
    _ rows: [RevisionReference], of id: SubmissionID?, from allowed: [ObligationState],
    to state: ObligationState, at sequence: LogSequence
  ) {
    for row in rows {
      update(row.series, row.intervalEnding, at: sequence) { obligation in
        guard obligation.submission == id, obligation.revisionInQuestion.revision == row.revision,
          allowed.contains(obligation.state)
        else { return "\(state.name) while it is \(obligation.state.name)" }
        obligation.move(to: state)
        return nil
      }
    }
  }
}

extension Obligation {
  /// The stated revision comes to another state; where a newer one waits, an outcome makes it the one in question.
  mutating func move(to next: ObligationState) {
    let inQuestion = revisionInQuestion.revision
    switch next {
    case .sending, .unknown, .validating: held = .either(heldForCertain, inQuestion)
    case .accepted: held = .revision(inQuestion)
    case .queued, .rejected: held = heldForCertain == 0 ? .none : .revision(heldForCertain)
    case .due, .missing, .waived: break
    }
    state = next
    guard hasNewerRevision, next == .accepted || next == .rejected else { return }
    state = .queued
    leaveSubmission()
  }

  /// Its latest revision waits for a submission.
  mutating func leaveSubmission() {
    submission = nil
    stated = nil
  }

  /// The revision held before the one that is under way, 0 for none.
  private var heldForCertain: Int {
    switch held {
    case .none: 0
    case .revision(let revision): revision
    case .either(let earlier, _): earlier
    }
  }
}

extension Resolution {
  /// Nothing of it was held: the same payload goes out again, byte for byte (P5).
  fileprivate func goesAgainAsItWas(_ submissions: [SubmissionID: SubmissionAccount]) -> Bool {
    guard let submission, !splits, held.isEmpty, let intent = submissions[submission]?.intent else { return false }
    return absent.count == intent.rows.count
  }
}
