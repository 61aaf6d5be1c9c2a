import ArgumentParser
import MarketCore
import TelemetryCore

/// Submits the schedules of a command, in their order.
struct ScheduleSubmitting {
  let store: ScheduleStore
  let channel: any BidCarrier
  let judged: ScheduleOptions.Judged
  let form: BidForm
  let again: Bool

  /// What became of one, in words, and how the command ends by it.
  struct Outcome {
    var text: String
    var status: ExitStatus
  }

  func run() async throws -> [Outcome] {
    if store.isDamaged {
      StandardError.write(
        "records of submitted schedules are missing or damaged: the receiver is asked before anything\n")
    }
    let sending = ScheduleSending(
      store: store, channel: channel, closes: { judged.rules.deadline(of: $0.tradeDate, in: judged.zone) },
      until: SystemClock().now().uptime + channel.settings.follow, say: { StandardError.write("\($0)\n") })
    do {
      var intended: [(DaySchedule, ScheduleDecision)] = []
      // All that can begin is written down before the first byte of any leaves.
      for schedule in judged.schedules { intended.append((schedule, try intend(schedule))) }
      var outcomes: [Outcome] = []
      for (schedule, decision) in intended { outcomes.append(try await bring(schedule, decision, sending)) }
      return outcomes
    } catch let problem as ScheduleSending.Problem {
      switch problem {
      case .disk(let error): StandardError.write("\(error)\n")
      case .evidence(let reason): StandardError.write("\(reason)\n")
      }
      throw ExitStatus.inputOutput.exitCode
    } catch let error as LogDiskError {
      StandardError.write("\(error)\n")
      throw ExitStatus.inputOutput.exitCode
    }
  }

  /// Decides what to do about a schedule; one that is to be submitted is in the ledger when this returns.
  private func intend(_ schedule: DaySchedule) throws(LogDiskError) -> ScheduleDecision {
    let decision = store.ledger.decide(schedule, again: again)
    guard case .submit(let id) = decision, let coordinator = judged.coordinators[schedule.resource] else {
      return decision
    }
    let now = SystemClock().now().utc
    let payload = form.payload(of: schedule, coordinator: coordinator, created: now, revision: id.revision)
    let intent = BidIntent(
      id: id, coordinator: coordinator, created: now,
      hours: schedule.hours.map { .init(ending: $0.ending, power: $0.power) }, payload: MeteringChannel.digest(payload),
      route: form.route)
    try store.evidence.write(payload, as: .payload, of: intent.stored)
    let doubt = ScheduleRecord.unknown(id, reason: "records of the log are missing", answer: nil, at: now)
    try store.commit([.intended(intent)] + (store.isDamaged ? [doubt] : []))
    return decision
  }

  private func bring(
    _ schedule: DaySchedule, _ decision: ScheduleDecision, _ sending: ScheduleSending
  ) async throws -> Outcome {
    switch decision {
    case .submit(let id):
      try await sending.bring(id)
      return outcome(of: id, known: "")
    case .same(let id):
      let wasFinal = store.ledger[id]?.isFinal ?? false
      if !wasFinal, let other = elsewhere(id) { return other }
      if !wasFinal { try await sending.bring(id) }
      return outcome(of: id, known: wasFinal ? "the same was submitted before, and nothing was changed: " : "")
    case .refused(let id):
      return outcome(of: id, known: "the same was refused before, and nothing was sent (--again sends it once more): ")
    case .after(let earlier):
      if let other = elsewhere(earlier) { return other }
      try await sending.bring(earlier)
      let next = try intend(schedule)
      guard case .submit(let id) = next else {
        let text = "revision \(earlier.revision) is on its way, so that the changed one was not sent"
        return Outcome(text: "\(line(earlier)): \(text)", status: .temporary)
      }
      try await sending.bring(id)
      return outcome(of: id, known: "")
    }
  }

  /// Who was not asked cannot tell: nil where it went the way that this command goes.
  private func elsewhere(_ id: BidID) -> Outcome? {
    guard let route = store.ledger[id]?.intent.route, route != form.route else { return nil }
    return Outcome(
      text: "\(line(id)): went to \(route.name) and is open there: run the same with --through \(route.name)",
      status: .temporary)
  }

  private func line(_ id: BidID) -> String { "\(id.resource) \(id.tradeDate) revision \(id.revision)" }

  private func outcome(of id: BidID, known: String) -> Outcome {
    guard let bid = store.ledger[id] else { return Outcome(text: "\(line(id)): unknown here", status: .inputOutput) }
    let status: ExitStatus =
      switch bid.state {
      case .valid: .success
      case .invalid, .rejected, .superseded: .data
      case .ready: isClosed(bid) ? .data : .unavailable
      case .sending, .unknown, .taken: .temporary
      }
    let advice = status == .temporary ? "; run the same again" : ""
    return Outcome(text: "\(line(id)): \(known)\(bid.words)\(advice)", status: status)
  }

  /// Whether it is the market that stands in the way.
  private func isClosed(_ bid: ScheduleLedger.Bid) -> Bool {
    let closes = judged.rules.deadline(of: bid.id.tradeDate, in: judged.zone)
    return bid.step(
      BidTerms(settle: channel.settings.settle), closes: closes, now: SystemClock().now().utc) == .closed
  }
}

extension ScheduleLedger.Bid {
  /// How it stands, for a person.
  var words: String {
    let name = receipt.isEmpty ? "" : ", receipt \(receipt)"
    return switch state {
    case .ready: reason.isEmpty ? "not sent yet" : "not sent: \(reason)"
    case .sending: "on its way"
    case .unknown: "unknown whether it arrived: \(reason)"
    case .taken: "taken in, not validated yet\(name)"
    case .valid: "valid\(name)"
    case .invalid(let rules): "invalid\(name): \(rules.joined(separator: "; "))"
    case .rejected(let reason): "rejected: \(reason)"
    case .superseded: "never sent; another revision is in its place"
    }
  }

  /// The same in one word, for programs.
  var stateName: String {
    switch state {
    case .ready: "ready"
    case .sending: "sending"
    case .unknown: "unknown"
    case .taken: "taken"
    case .valid: "valid"
    case .invalid: "invalid"
    case .rejected: "rejected"
    case .superseded: "superseded"
    }
  }
}
