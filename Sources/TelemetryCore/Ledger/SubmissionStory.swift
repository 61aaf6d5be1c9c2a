/// What a ledger tells of one submission.
package struct SubmissionStory: Hashable, Sendable {
  /// One time that it left.
  package struct Attempt: Hashable, Sendable {
    package var number: Int
    package var created: UTCInstant
    package var envelopeDigest: Digest
    /// How the call ended, in words; nil as long as nothing is known.
    package var ending: String?
    /// Of the answer, where one came.
    package var answerDigest: Digest?
  }

  /// What became of a row.
  package enum RowOutcome: String, Hashable, Sendable, CaseIterable {
    case accepted
    case rejected
    case waived
    /// Not held by the operator, or replaced before it left: it goes out in another submission.
    case requeued
  }

  package let id: SubmissionID
  package let created: UTCInstant
  package let channel: ChannelName
  package let schedulingCoordinator: SchedulingCoordinatorID
  package let payloadDigest: Digest
  package let rowCount: Int
  /// Nil where it has no rows, which no submission of ours is.
  package let endings: ClosedRange<IntervalEnding>?
  package internal(set) var attempts: [Attempt] = []
  /// The operator's receipt.
  package internal(set) var batch: OperatorBatchID?
  /// Of the answer that says what became of the batch.
  package internal(set) var statusDigest: Digest?
  /// The questions that were asked about rows of unknown outcome, and the answers.
  package private(set) var questions: [Evidence] = []
  /// How many rows have which outcome.
  package private(set) var outcomes: [RowOutcome: Int] = [:]
  private(set) var openRows: Set<RevisionReference>
  /// As the accounts have it; nil once every row has an outcome.
  var account: SubmissionAccount.State? = .waiting

  init(_ intent: SubmissionIntent) {
    id = intent.id
    created = intent.created
    channel = intent.channel
    schedulingCoordinator = intent.schedulingCoordinator
    payloadDigest = intent.payloadDigest
    rowCount = intent.rows.count
    let ordered = intent.rows.map(\.intervalEnding)
    endings = ordered.min().flatMap { first in ordered.max().map { first...$0 } }
    openRows = Set(intent.rows)
  }

  /// One word: `waiting`, `sending`, `validating` or `unknown` as long as rows have no outcome, then the outcome that
  /// all of them have, or `mixed`.
  package var stateName: String {
    switch account {
    case .waiting: "waiting"
    case .sending: "sending"
    case .validating: "validating"
    case .unknown: "unknown"
    case .settled, nil:
      RowOutcome.allCases.first { outcomes[$0] == rowCount }?.rawValue ?? "mixed"
    }
  }

  /// Every word that ``stateName`` may be.
  package static let stateNames =
    ["waiting", "sending", "validating", "unknown"] + RowOutcome.allCases.map(\.rawValue) + ["mixed"]

  mutating func close(_ rows: [RevisionReference], as outcome: RowOutcome) {
    for row in rows where openRows.remove(row) != nil { outcomes[outcome, default: 0] += 1 }
  }

  mutating func closeAll(as outcome: RowOutcome) { close(Array(openRows), as: outcome) }

  /// The first word about an attempt is how its call ended; later ones are about what was asked afterwards.
  mutating func answered(_ ending: String, _ digest: Digest?) {
    guard let last = attempts.indices.last, attempts[last].ending == nil else { return }
    attempts[last].ending = ending
    if let digest { attempts[last].answerDigest = digest }
  }

  mutating func keep(_ evidence: Evidence) {
    switch evidence.file {
    case .answer(let number):
      guard let index = attempts.lastIndex(where: { $0.number == number }) else { return }
      attempts[index].answerDigest = evidence.digest
    case .status: statusDigest = evidence.digest
    case .question, .heldAnswer: questions.append(evidence)
    case .payload, .envelope: break
    }
  }
}
