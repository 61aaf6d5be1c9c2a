/// What a person's decisions change in the accounts.
extension LedgerState {
  /// More intervals than a record of ours ever names; a longer run is none of ours.
  private static let runLimit: Int64 = 1 << 20

  mutating func apply(_ kind: IntervalDecision, _ decided: DecidedIntervals, at sequence: LogSequence) {
    guard let length = series[decided.series]?.length else {
      return report(.dangling, sequence, because: "no series \(decided.series.position)")
    }
    for run in decided.runs {
      guard run.last >= run.first, run.first.seconds.isMultiple(of: length.seconds),
        run.last.seconds - run.first.seconds < Self.runLimit * length.seconds
      else {
        report(.dangling, sequence, because: "a decision about no intervals")
        continue
      }
      var ending = run.first
      while ending <= run.last {
        apply(kind, to: decided.series, ending, at: sequence)
        ending = ending.advanced(by: 1, length)
      }
    }
  }

  private mutating func apply(
    _ kind: IntervalDecision, to index: SeriesIndex, _ ending: IntervalEnding, at sequence: LogSequence
  ) {
    let submission = series[index]?[ending].submission
    if let submission, submissions[submission]?.state == .waiting { disband(submission) }
    let judged = judgedThrough
    update(index, ending, at: sequence) { obligation in
      guard obligation.allows(kind, ending, judgedThrough: judged) else {
        return "\(kind.name) while it is \(obligation.state.name)"
      }
      obligation.take(kind)
      return nil
    }
    guard let submission, submissions[submission]?.state == .unknown, rows(of: submission, in: .unknown).isEmpty
    else { return }
    update(submission) { $0.state = .settled }
  }
}

extension IntervalDecision {
  /// The word for it.
  package var name: String {
    switch self {
    case .waived: "waived"
    case .resubmitted: "resubmitted"
    case .foundHeld: "resolved as held"
    case .foundAbsent: "resolved as absent"
    }
  }

  /// The states in which it may be decided.
  package var allowedStates: [ObligationState] {
    switch self {
    case .waived: [.missing, .queued, .rejected, .unknown]
    case .resubmitted: [.rejected, .waived]
    case .foundHeld, .foundAbsent: [.unknown]
    }
  }
}

extension Obligation {
  /// Whether it is in a state in which a person may decide this.
  ///
  /// What was judged and has no state is a hole that damage has left: nothing comes of it by itself, so it can be waived.
  package func allows(_ kind: IntervalDecision, _ ending: IntervalEnding, judgedThrough: IntervalEnding?) -> Bool {
    if kind == .waived, state == .due { return judgedThrough.map { ending <= $0 } ?? false }
    guard kind.allowedStates.contains(state) else { return false }
    return kind != .resubmitted || revision > 0
  }

  /// Nobody knows which revision the operator holds.
  private var mayHaveArrived: Bool {
    guard case .either = held else { return false }
    return true
  }

  fileprivate mutating func take(_ kind: IntervalDecision) {
    switch kind {
    case .waived:
      // What may have arrived is kept in mind, should it be sent after all.
      let inQuestion = mayHaveArrived ? revisionInQuestion : nil
      state = .waived
      leaveSubmission()
      stated = inQuestion
    case .resubmitted:
      goesAlone = false
      collectingSince = nil
      guard !mayHaveArrived else {
        stated = revisionInQuestion
        return move(to: .unknown)
      }
      state = .queued
      leaveSubmission()
    case .foundHeld: move(to: .accepted)
    case .foundAbsent:
      move(to: .queued)
      leaveSubmission()
    }
  }
}
