/// Every submission that a ledger tells of, what was sent and answered, and what became of its rows.
///
/// Fed with every record in order. The accounts forget a submission once each of its rows has an outcome; this does not.
package struct SubmissionHistory: Sendable {
  /// In the order in which they were decided on.
  package private(set) var submissions: [SubmissionStory] = []
  private var places: [SubmissionID: Int] = [:]
  /// Those whose rows do not all have an outcome.
  private var open: [Int] = []
  private var state = LedgerState()

  package init() {}

  package subscript(_ id: SubmissionID) -> SubmissionStory? { places[id].map { submissions[$0] } }

  /// Takes the next record; one that cannot be read tells nothing.
  package mutating func take(_ sequence: LogSequence, _ record: LogRecord) {
    let decoded: LedgerRecord
    do throws(LedgerDecodingProblem) {
      decoded = try LedgerRecord(record)
    } catch {
      return state.report(.unreadable, sequence, because: "\(error)")
    }
    let leaving = rowsThatAPersonDecides(decoded)
    state.apply(decoded, at: sequence)
    tell(decoded)
    for (place, rows, outcome) in leaving { submissions[place].close(rows, as: outcome) }
    if decoded.mayEndSubmissions { refresh() }
  }

  private mutating func tell(_ record: LedgerRecord) {
    switch record {
    case .intent(let intent):
      guard places[intent.id] == nil else { return }
      places[intent.id] = submissions.count
      open.append(submissions.count)
      submissions.append(SubmissionStory(intent))
    case .attempt(let id, let number, let created, let digest):
      update(id) { $0.attempts.append(.init(number: number, created: created, envelopeDigest: digest)) }
    case .notSent(let id, let reason): update(id) { $0.answered("not sent: \(reason)", nil) }
    case .unprocessed(let id, let reason, let digest): update(id) { $0.answered("not looked at: \(reason)", digest) }
    case .unknown(let id, let reason): update(id) { $0.answered("not known whether it arrived: \(reason)", nil) }
    case .taken(let id, let batch, let isFinal, let digest):
      update(id) {
        $0.batch = batch
        $0.answered("taken in", digest)
        if isFinal { $0.closeAll(as: .accepted) }
      }
    case .rejected(let id, let reason, let digest):
      update(id) {
        $0.answered("rejected: \(reason)", digest == Digest() ? nil : digest)
        $0.closeAll(as: .rejected)
      }
    case .verdict(let id, .accepted, let digest):
      update(id) {
        $0.statusDigest = digest
        $0.closeAll(as: .accepted)
      }
    case .verdict(let id, .faulty(let faults), let digest):
      update(id) {
        $0.statusDigest = digest
        $0.close(faults.map(\.reference), as: .rejected)
      }
    case .resolved(let resolution): tell(resolution)
    case .kept(let evidence): update(evidence.submission.id) { $0.keep(evidence) }
    default: break
    }
  }

  private mutating func tell(_ resolution: Resolution) {
    guard let id = resolution.submission else { return }
    let goesAgain = state.submissions[id]?.state == .waiting
    update(id) {
      $0.close(resolution.held, as: .accepted)
      if !goesAgain { $0.close(resolution.absent, as: .requeued) }
    }
  }

  /// What a decision takes out of submissions, as it stands before the decision.
  private func rowsThatAPersonDecides(
    _ record: LedgerRecord
  ) -> [(place: Int, rows: [RevisionReference], SubmissionStory.RowOutcome)] {
    let (decided, outcome): (DecidedIntervals, SubmissionStory.RowOutcome)
    switch record {
    case .waived(let intervals): (decided, outcome) = (intervals, .waived)
    case .resolvedByPerson(let intervals, let isHeld): (decided, outcome) = (intervals, isHeld ? .accepted : .requeued)
    default: return []
    }
    return open.compactMap { place in
      let rows = submissions[place].openRows.filter { row in
        row.series == decided.series
          && decided.runs.contains { $0.first <= row.intervalEnding && row.intervalEnding <= $0.last }
          && state.series[row.series]?[row.intervalEnding].submission == submissions[place].id
      }
      return rows.isEmpty ? nil : (place, Array(rows), outcome)
    }
  }

  /// Where the accounts have forgotten a submission, rows that have no outcome stand in others.
  private mutating func refresh() {
    for place in open {
      submissions[place].account = state.submissions[submissions[place].id]?.state
      if submissions[place].account == nil { submissions[place].closeAll(as: .requeued) }
    }
    open.removeAll { submissions[$0].account == nil }
  }

  private mutating func update(_ id: SubmissionID, _ change: (inout SubmissionStory) -> Void) {
    guard let place = places[id] else { return }
    change(&submissions[place])
  }
}

extension LedgerRecord {
  /// Records about readings and intervals are most of a ledger and end no submission.
  fileprivate var mayEndSubmissions: Bool {
    switch self {
    case .damaged, .intent, .attempt, .notSent, .taken, .rejected, .unprocessed, .unknown, .verdict, .disbanded,
      .resolved, .waived, .resolvedByPerson, .resubmitted:
      true
    default: false
    }
  }
}
