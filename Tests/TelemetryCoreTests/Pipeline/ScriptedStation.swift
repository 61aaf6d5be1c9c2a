import TelemetryCore

/// The operator as the pipeline sees it: what it takes in, what it holds, and what it says.
struct ScriptedStation {
  /// What the operator does with one submission.
  enum Behaviour {
    case take
    /// Takes it in, and the answer is lost.
    case takeAndLoseTheAnswer
    /// The connection fails before the first byte.
    case beUnreachable
    /// The answer is lost, and so was the submission.
    case loseEverything
    /// Does not look at it, and gives the answer to the one before.
    case answerAsBefore
    case reject
    case throttle
    /// Throttles, and says how long.
    case throttleFor(Milliseconds)
  }

  /// One for each submission that arrives; ``Behaviour/take`` when there are no more.
  var script: [Behaviour] = []
  /// What a batch's validation says.
  var validation: StatusAnswer = .accepted
  /// Whether it gives any answer at all to questions.
  var answersQuestions = true
  /// The resource about which no answer can be read, whatever is asked of what it holds.
  var isUnreadableAbout: ResourceID?
  /// How it tells a value that it holds, and in which unit where that is not the wire profile's.
  var tellsValues: (SubmissionRow) -> (value: Int64?, unit: WireUnit?) = { ($0.value, $0.unit) }
  /// Whether it has thrown away whatever it took in.
  var holdsNothing = false
  var contents: [SubmissionID: SubmissionContent] = [:]
  /// Every value that was taken in, in order.
  private(set) var rows: [SubmissionRow] = []
  private(set) var sent: [SubmissionID] = []
  private var lastTaken = SubmissionID("0")
  private var pending: [Pipeline.Event] = []

  var distinctCount: Int {
    Set(rows.map { [$0.resource.name, $0.measurement.name, "\($0.intervalEnding.seconds)"] }).count
  }

  mutating func forgetCalls() { pending = [] }

  mutating func receive(_ call: CallNumber, _ id: SubmissionID) {
    sent.append(id)
    let outcome: CallOutcome<SubmitAnswer>
    switch script.isEmpty ? .take : script.removeFirst() {
    case .take:
      rows += contents[id]?.rows ?? []
      lastTaken = id
      outcome = .answered(.taken(OperatorBatchID("B-\(id)")))
    case .takeAndLoseTheAnswer:
      rows += contents[id]?.rows ?? []
      outcome = .noAnswer(reason: "the connection closed")
    case .loseEverything: outcome = .noAnswer(reason: "the connection closed")
    case .beUnreachable: outcome = .notSent(reason: "connection refused")
    case .answerAsBefore: outcome = .answered(.taken(OperatorBatchID("B-\(lastTaken)")))
    case .reject: outcome = .answered(.rejected(reason: "unknown element"))
    case .throttleFor(let wait):
      pending.append(.toldToWait(call, wait))
      outcome = .answered(.failed(.throttled))
    case .throttle: outcome = .answered(.failed(.throttled))
    }
    pending.append(.submitEnded(call, outcome, answerDigest: Digest()))
  }

  mutating func arriveLate(_ content: SubmissionContent?) { rows += content?.rows ?? [] }

  mutating func askedStatus(_ call: CallNumber) {
    let outcome: CallOutcome<StatusAnswer> =
      answersQuestions ? .answered(validation) : .notSent(reason: "connection refused")
    pending.append(.statusEnded(call, outcome, answerDigest: Digest()))
  }

  mutating func asked(
    _ call: CallNumber, _ question: RetrieveQuestion, keptWith place: Pipeline.StoredSubmission
  ) {
    let held =
      holdsNothing
      ? []
      : rows.filter {
        $0.resource == question.resource && $0.measurement == question.measurement
          && $0.intervalEnding >= question.first && $0.intervalEnding <= question.last
      }
    let values = held.map {
      let (value, unit) = tellsValues($0)
      return HeldValue(
        resource: $0.resource, measurement: $0.measurement, intervalEnding: $0.intervalEnding.instant, value: value,
        unit: unit)
    }
    let outcome: CallOutcome<RetrieveAnswer> =
      question.resource == isUnreadableAbout
      ? .answered(.failed(.unreadable(reason: "two values for one interval")))
      : answersQuestions ? .answered(.held(values)) : .notSent(reason: "connection refused")
    let kept = [
      Evidence(submission: place, file: .question(Digest()), digest: Digest()),
      Evidence(submission: place, file: .heldAnswer(Digest()), digest: Digest()),
    ]
    pending.append(.retrieveEnded(call, outcome, kept: kept))
  }

  mutating func events(at instant: UTCInstant) -> [Pipeline.Event] {
    defer { pending = [] }
    return pending
  }
}
