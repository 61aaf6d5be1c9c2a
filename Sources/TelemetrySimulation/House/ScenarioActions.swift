import TelemetryCore

/// What the pipeline is told, and what is done as it says.
extension Scenario {
  func send(_ event: Pipeline.Event) {
    trace.note(now.utc.milliseconds)
    perform(pipeline.handle(event, at: now))
    for fault in pipeline.ledger.faults.prefix(1) { violate("P1: \(fault)") }
    meddle()
  }

  func perform(_ actions: [Pipeline.Action]) {
    for action in bug?.reorder(actions) ?? actions {
      if chance(1, in: 1_500) { return die(losingPower: Bool.random(using: &random), reloading: current) }
      switch action {
      case .commit(let records, let through):
        let writing = Writing.commit(bug?.alter(records) ?? records, through: through)
        unwritten.insert(writing, at: bug == .sealBeforeReadings ? 0 : unwritten.count)
        if bug == .earlyAcknowledgement { send(.committed(through: through)) }
      case .checkpoint(let records, let through):
        checkpointCount += 1
        unwritten.append(.checkpoint(records, through: through))
      case .store(let frame, let number):
        unwritten.append(.store(frame, number: number, sites: names))
        if bug == .earlyReadings { noteStored(frame, number, names) }
      case .nameSites(let sites):
        names = sites
        if bug != .forgottenNames { unwritten.append(.name(sites)) }
      case .shedReadings(let retention): unwritten.append(.shed(bug?.alter(retention) ?? retention))
      case .announce(let announcement):
        trace.note([UInt8](announcement.message.utf8))
        room.note(announcement.kind)
      case .answer(let number, let verdict): hear(verdict, of: number)
      case .reloaded(let number, let plan): hear(plan, of: number)
      case .readSites: break
      case .prepare(let call, let preparation): prepare(call, preparation)
      case .send(let call, let channel, let submission, let attempt):
        checkMayLeave(submission.id, through: channel)
        deliver(call, submission.id, attempt)
      case .askStatus(let call, _, _, let batch):
        `operator`.tell(batch, { .statusEnded(call, $0, answerDigest: Digest()) }, at: now.utc)
      case .retrieve(let call, _, let question, _):
        `operator`.tell(question, { .retrieveEnded(call, $0) }, at: now.utc)
      }
    }
  }

  private func prepare(_ call: CallNumber, _ preparation: Pipeline.Preparation) {
    let content = preparation.content
    if preparation.attempt == 1 {
      evidence[content.id] = content
    } else if evidence[content.id] != content {
      violate("P9: \(content.id) goes again with another payload")
    }
    let event: Pipeline.Event =
      chance(2, in: 100)
      ? .preparationFailed(call, reason: "no key")
      : .prepared(call, payloadDigest: Digest(), envelopeDigest: Digest())
    `operator`.answer(event, after: .seconds(0), at: now.utc)
  }

  private func deliver(_ call: CallNumber, _ id: SubmissionID, _ attempt: Int) {
    guard let intent = intents[id], attempts[id] == attempt else {
      return violate("P2: \(id) leaves before its intent is durable")
    }
    guard let content = evidence[id], content.rows.count == intent.rows.count else {
      return violate("P9: \(id) leaves without the payload that was decided on")
    }
    let delivery = ScriptedOperator.Delivery(content: content, revisions: intent.rows.map(\.revision))
    `operator`.receive(delivery, { .submitEnded(call, $0, answerDigest: Digest()) }, at: now.utc)
    guard bug == .resendWithoutAsking, chance(10, in: 100) else { return }
    `operator`.receive(delivery, { _ in .ticked }, at: now.utc)
  }
}
