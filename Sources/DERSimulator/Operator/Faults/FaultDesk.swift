import TelemetryCore
import TelemetrySimulation

/// What goes wrong on purpose between the desk's decision and the wire.
///
/// A decision goes in, and comes out as it was or with one fault. The same seed, menu and calls give the same faults.
struct FaultDesk: Sendable {
  var menu: FaultMenu
  private var dice: SeededRandom
  private var counts: [OperatorFault: Int] = [:]
  /// Of each service the answer to the last call that was served well.
  private var lastAnswers: [OperatorServiceName: OperatorAnswer] = [:]
  /// How often each pending batch was asked for.
  private var asks: [String: Int] = [:]

  init(menu: FaultMenu, seed: UInt64) {
    self.menu = menu
    dice = SeededRandom(seed: seed)
  }

  /// Whether a connection is closed now, before its body is read; then this is what to say of it.
  mutating func closesBeforeBody() -> CallNote? {
    guard draw(for: nil) == .closeBeforeBody else { return nil }
    return counted(CallNote(outcome: .disturbed), .closeBeforeBody)
  }

  mutating func disturb(_ decision: OperatorDesk.Decision, at now: UTCInstant) -> OperatorDesk.Decision {
    let note = decision.answer.note
    guard note.outcome != .rejected, note.outcome != .failed,
      let service = note.service.flatMap(OperatorServiceName.init)
    else { return decision }
    let decision = stillPending(decision, at: now)
    let older = lastAnswers[service]
    guard let fault = draw(for: service), var disturbed = apply(fault, to: decision, older: older, at: now) else {
      lastAnswers[service] = decision.answer
      return decision
    }
    disturbed.answer.note = counted(disturbed.answer.note, fault)
    return disturbed
  }

  private mutating func draw(for service: OperatorServiceName?) -> OperatorFault? {
    menu.fault(Int64.random(in: 0..<FaultMenu.whole, using: &dice), for: service)
  }

  private mutating func counted(_ note: CallNote, _ fault: OperatorFault) -> CallNote {
    counts[fault, default: 0] += 1
    var note = note
    note.fault = fault.rawValue
    note.faultCount = counts[fault]
    return note
  }

  /// A batch that is to be asked for more often says that it is pending.
  private mutating func stillPending(
    _ decision: OperatorDesk.Decision, at now: UTCInstant
  ) -> OperatorDesk.Decision {
    guard let batch = decision.asked, let wanted = batch.asks else { return decision }
    asks[batch.id, default: 0] += 1
    guard asks[batch.id, default: 0] <= wanted else { return decision }
    var decision = decision
    decision.answer.body = OperatorWords.status(batch, .pending, at: now)
    decision.answer.note.outcome = .pending
    return decision
  }

  /// Nil where the fault cannot happen to this call.
  private mutating func apply(
    _ fault: OperatorFault, to decision: OperatorDesk.Decision, older: OperatorAnswer?, at now: UTCInstant
  ) -> OperatorDesk.Decision? {
    var disturbed = decision
    switch fault {
    case .loseAnswer: disturbed.answer.delivery = .closed
    case .lateAnswer: disturbed.answer.delivery = .late(menu.lateBy)
    case .halfAnswer: disturbed.answer.delivery = .half
    case .closeBeforeBody: return nil
    case .closeAfterBody: return unheard(decision, .closed)
    case .hang: return unheard(decision, .silence)
    case .lateIntake: return unheard(decision, .askedAgain(menu.lateBy))
    case .olderAnswer:
      guard let older else { return nil }
      return instead(of: decision, older.status, older.body)
    case .fault: return instead(of: decision, 500, OperatorWords.breakdown(OperatorWords.unavailable))
    case .away: return unheard(decision, .away(menu.awayFor))
    case .throttle: return instead(of: decision, 429, OperatorWords.throttled, isPage: true)
    case .throttlePage: return instead(of: decision, 200, OperatorWords.throttled, isPage: true)
    case .refuse: return refusal(decision, at: now)
    case .reject:
      disturbed = instead(of: decision, 200, OperatorWords.rejected(at: now))
      disturbed.answer.note.outcome = .rejected
    case .pending: disturbed.batch?.asks = menu.asks
    case .errorRows: findFault(&disturbed.batch)
    case .errorRowsRestHeld:
      findFault(&disturbed.batch)
      disturbed.batch?.fate = .partlyHeld
    case .errorBatch: disturbed.batch?.fate = .refused
    case .forget: disturbed.batch?.fate = .forgotten
    }
    return disturbed
  }

  /// Nothing is kept, and nothing is answered.
  private func unheard(
    _ decision: OperatorDesk.Decision, _ delivery: OperatorAnswer.Delivery
  ) -> OperatorDesk.Decision {
    var other = instead(of: decision, 0, [])
    other.answer.delivery = delivery
    return other
  }

  /// Nothing is kept, and something else is answered.
  private func instead(
    of decision: OperatorDesk.Decision, _ status: Int, _ body: [UInt8], isPage: Bool = false
  ) -> OperatorDesk.Decision {
    let note = CallNote(service: decision.answer.note.service, outcome: .disturbed)
    var answer = OperatorAnswer(status: status, body: body, note: note)
    if isPage { answer.contentType = "text/html; charset=utf-8" }
    return OperatorDesk.Decision(answer: answer)
  }

  private mutating func refusal(_ decision: OperatorDesk.Decision, at now: UTCInstant) -> OperatorDesk.Decision {
    var other: OperatorDesk.Decision
    switch Int.random(in: 0..<5, using: &dice) {
    case 0: other = instead(of: decision, 403, OperatorWords.forbidden, isPage: true)
    case 1: other = instead(of: decision, 200, OperatorWords.forbidden, isPage: true)
    case 2: other = instead(of: decision, 500, OperatorWords.fault(OperatorWords.signatureRefused, at: now))
    case 3: other = instead(of: decision, 500, OperatorWords.fault(OperatorWords.userNameRefused, at: now))
    default: other = instead(of: decision, 200, OperatorWords.attached(Array(OperatorWords.roleRefused.utf8)))
    }
    other.answer.note.outcome = .rejected
    return other
  }

  /// About a third of the rows, and at least one.
  private mutating func findFault(_ batch: inout ReceivedBatch?) {
    guard var found = batch, !found.rows.isEmpty else { return }
    var rows = found.rows.indices.filter { _ in Int.random(in: 0..<3, using: &dice) == 0 }
    if rows.isEmpty { rows = [Int.random(in: found.rows.indices, using: &dice)] }
    found.faults += rows.map { .init(row: $0, message: OperatorWords.outOfRange) }
    batch = found
  }
}
