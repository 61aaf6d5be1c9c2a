package import TelemetryCore

/// An operator that does whatever a seed makes it do, and watches that it is never given the same value twice.
///
/// Whatever it takes in becomes visible within its settle time, as operators promise: later than that nobody can tell a
/// late arrival from none.
package struct ScriptedOperator: Sendable {
  private struct Key: Hashable, Comparable {
    var resource: ResourceID
    var measurement: MeasurementType
    var ending: IntervalEnding

    init(_ row: SubmissionRow) { (resource, measurement, ending) = (row.resource, row.measurement, row.intervalEnding) }

    static func < (left: Self, right: Self) -> Bool {
      (left.resource, left.measurement, left.ending) < (right.resource, right.measurement, right.ending)
    }
  }

  /// A submission on its way: its rows, and which revision each of them is.
  package struct Delivery: Sendable {
    package var content: SubmissionContent
    package var revisions: [Int]

    package init(content: SubmissionContent, revisions: [Int]) {
      self.content = content
      self.revisions = revisions
    }
  }

  private struct Batch {
    var rows: [SubmissionRow]
    var revisions: [Int]
    var decidedAt: UTCInstant
    var verdict: StatusAnswer
    var isDecided = false
  }

  /// Whether it does anything but take in and accept.
  package var isTroubled = true
  package private(set) var violations: [String] = []
  package private(set) var takenCount = 0
  package private(set) var duplicateCount = 0
  private var random: SeededRandom
  private var held: [Key: Int64] = [:]
  /// The revision that is held, or was taken in and is not decided on.
  private var known: [Key: Int] = [:]
  private var heldRevision: [Key: Int] = [:]
  private var batches: [OperatorBatchID: Batch] = [:]
  /// Those that are still to be decided on, in the order in which they were taken in.
  private var open: [OperatorBatchID] = []
  private var arrivals: [(at: UTCInstant, batch: OperatorBatchID, delivery: Delivery)] = []
  /// What comes back, and when.
  private var answers: [(at: UTCInstant, event: Pipeline.Event)] = []

  package init(seed: UInt64) { random = SeededRandom(seed: seed) }

  private mutating func chance(_ percent: Int) -> Bool {
    isTroubled && Int.random(in: 0..<100, using: &random) < percent
  }

  private mutating func wait(upTo seconds: Int64) -> Milliseconds {
    .seconds(isTroubled ? Int64.random(in: 0...seconds, using: &random) : 0)
  }

  /// The daemon died: nobody hears the answers, and what was on its way arrives or does not.
  package mutating func callerDied() {
    answers = []
    if chance(50) { arrivals = [] }
  }

  package mutating func answer(_ event: Pipeline.Event, after wait: Milliseconds, at now: UTCInstant) {
    answers.append((now + wait, event))
    if chance(5) { answers.append((now + wait + self.wait(upTo: 200), event)) }
  }

  package func hasAnswer(by instant: UTCInstant) -> Bool { answers.contains { $0.at <= instant } }

  /// What the daemon hears by now.
  package mutating func heard(at now: UTCInstant) -> [Pipeline.Event] {
    for arrival in arrivals where arrival.at <= now { take(arrival.delivery, as: arrival.batch, at: now) }
    arrivals.removeAll { $0.at <= now }
    decide(at: now)
    defer { answers.removeAll { $0.at <= now } }
    return answers.filter { $0.at <= now }.map(\.event)
  }

  // MARK: Submissions

  package mutating func receive(
    _ delivery: Delivery, _ ended: (CallOutcome<SubmitAnswer>) -> Pipeline.Event, at now: UTCInstant
  ) {
    let batch = OperatorBatchID("B\(batches.count + arrivals.count)-\(delivery.content.id)-\(takenCount)")
    let outcome: CallOutcome<SubmitAnswer>
    switch isTroubled ? Int.random(in: 0..<100, using: &random) : 99 {
    case 0..<8: outcome = .notSent(reason: "connection refused")
    case 8..<16: outcome = .noAnswer(reason: "lost on the way")
    case 16..<20: outcome = .answered(.failed(.throttled))
    case 20..<22: outcome = .answered(.failed(.refused(reason: "who are you")))
    case 22..<24: outcome = .answered(.rejected(reason: "not a schema of ours"))
    case 24..<30:
      arrivals.append((now + wait(upTo: 100), batch, delivery))
      outcome = .noAnswer(reason: "too slow")
    case 30..<36:
      take(delivery, as: batch, at: now)
      outcome = .noAnswer(reason: "the connection closed")
    case 36..<40:
      take(delivery, as: batch, at: now)
      outcome = .answered(.failed(.unreadable(reason: "half an answer")))
    case 40..<44:
      take(delivery, as: batch, at: now)
      outcome = .answered(.taken(nil))
    default:
      take(delivery, as: batch, at: now)
      outcome = .answered(.taken(batch))
    }
    answer(ended(outcome), after: wait(upTo: 40), at: now)
  }

  private mutating func take(_ delivery: Delivery, as batch: OperatorBatchID, at now: UTCInstant) {
    takenCount += 1
    for (row, revision) in zip(delivery.content.rows, delivery.revisions) {
      if let earlier = known[Key(row)], earlier >= revision {
        duplicateCount += 1
        violations.append(
          "\(row.resource) \(row.intervalEnding.instant.text) was taken twice: revision \(revision) after \(earlier)")
      }
      known[Key(row)] = revision
    }
    let rows = delivery.content.rows
    // It loses what it took in and will know nothing of it.
    if chance(2) {
      for row in rows { known[Key(row)] = heldRevision[Key(row)] }
      return
    }
    open.append(batch)
    batches[batch] = Batch(
      rows: rows, revisions: delivery.revisions, decidedAt: now + wait(upTo: 60), verdict: verdict(on: rows))
  }

  private mutating func verdict(on rows: [SubmissionRow]) -> StatusAnswer {
    if chance(3) { return .errors(rows: [], general: ["schema"]) }
    guard chance(6) else { return .accepted }
    var errors = rows.filter { _ in chance(20) }.map {
      RowError(
        resource: $0.resource, measurement: $0.measurement, intervalEnding: $0.intervalEnding.instant, message: "no")
    }
    errors.append(
      RowError(
        resource: ResourceID("FOREIGN"), measurement: MeasurementType("GEN"), intervalEnding: Scenario.noon,
        message: "no")
    )
    return .errors(rows: errors, general: [])
  }

  private mutating func decide(at now: UTCInstant) {
    for name in open {
      guard let batch = batches[name], batch.decidedAt <= now else { continue }
      batches[name]?.isDecided = true
      var refused: Set<Key> = []
      if case .errors(let errors, _) = batch.verdict {
        let keepsTheRest = !errors.isEmpty && chance(50)
        let named = Set(errors.map { [$0.resource.name, $0.measurement.name, $0.intervalEnding.text] })
        refused = Set(
          batch.rows.filter {
            !keepsTheRest || named.contains([$0.resource.name, $0.measurement.name, $0.intervalEnding.instant.text])
          }.map(Key.init))
      }
      for (row, revision) in zip(batch.rows, batch.revisions) {
        let key = Key(row)
        if refused.contains(key) {
          known[key] = heldRevision[key]
        } else {
          held[key] = row.value
          heldRevision[key] = revision
        }
      }
    }
    open.removeAll { batches[$0]?.isDecided ?? true }
  }

  // MARK: Questions

  package mutating func tell(
    _ batch: OperatorBatchID, _ ended: (CallOutcome<StatusAnswer>) -> Pipeline.Event, at now: UTCInstant
  ) {
    decide(at: now)
    let outcome: CallOutcome<StatusAnswer>
    switch isTroubled ? Int.random(in: 0..<100, using: &random) : 99 {
    case 0..<6: outcome = .notSent(reason: "connection refused")
    case 6..<12: outcome = .noAnswer(reason: "the connection closed")
    case 12..<20: outcome = .answered(.failed(.unreadable(reason: "a web page")))
    case 20..<24: outcome = .answered(.failed(.throttled))
    case 24..<27: outcome = .answered(.failed(.refused(reason: "who are you")))
    default:
      outcome = .answered(
        batches[batch].map { $0.isDecided ? $0.verdict : .pending } ?? .failed(.unreadable(reason: "no such batch")))
    }
    answer(ended(outcome), after: wait(upTo: 30), at: now)
  }

  package mutating func tell(
    _ question: RetrieveQuestion, _ ended: (CallOutcome<RetrieveAnswer>) -> Pipeline.Event, at now: UTCInstant
  ) {
    decide(at: now)
    let outcome: CallOutcome<RetrieveAnswer>
    switch isTroubled ? Int.random(in: 0..<100, using: &random) : 99 {
    case 0..<6: outcome = .notSent(reason: "connection refused")
    case 6..<12: outcome = .noAnswer(reason: "the connection closed")
    case 12..<16: outcome = .answered(.failed(.unreadable(reason: "a web page")))
    default: outcome = .answered(.held(values(for: question)))
    }
    answer(ended(outcome), after: .seconds(0), at: now)
  }

  /// What it was asked for, and in trouble also what it was not asked for.
  private mutating func values(for question: RetrieveQuestion) -> [HeldValue] {
    let tellsAll = chance(30)
    return held.filter { key, _ in
      tellsAll
        || key.resource == question.resource && key.measurement == question.measurement
          && (question.first...question.last).contains(key.ending)
    }.sorted { $0.key < $1.key }.map { key, value in
      HeldValue(
        resource: key.resource, measurement: key.measurement, intervalEnding: key.ending.instant, value: value)
    }
  }

  /// What a person finds out about an interval by asking around.
  package enum Standing: Hashable, Sendable {
    /// Something is on its way, or being looked at.
    case undecided
    /// Nothing else is: the revision that it holds, 0 for none.
    case holds(Int)
  }

  package func standing(
    _ resource: ResourceID, _ measurement: MeasurementType, _ ending: IntervalEnding
  ) -> Standing {
    let key = Key(SubmissionRow(resource: resource, measurement: measurement, intervalEnding: ending, value: 0))
    let isOnItsWay = arrivals.contains { $0.delivery.content.rows.contains { Key($0) == key } }
    guard !isOnItsWay, known[key] == heldRevision[key] else { return .undecided }
    return .holds(heldRevision[key] ?? 0)
  }

  /// What it holds of an interval.
  package func value(_ resource: ResourceID, _ measurement: MeasurementType, _ ending: IntervalEnding) -> Int64? {
    held[Key(SubmissionRow(resource: resource, measurement: measurement, intervalEnding: ending, value: 0))]
  }
}
