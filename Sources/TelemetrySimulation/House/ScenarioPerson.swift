import TelemetryCore

/// A person decides, and edits the configuration, after any event.
extension Scenario {
  /// A person is slower than a machine: what was held for so long has nothing on its way any more.
  private static let timeToHold = Milliseconds.seconds(180)

  func meddle() {
    guard isTroubled, !hasDied, now.utc.seconds > Self.noon.seconds + Self.calm else { return }
    if plan.troubles.contains(.person), person.chance(1, in: 250) { decide() }
    if plan.troubles.contains(.reload), !hasDied, person.chance(1, in: 1_000) {
      reload(Int.random(in: plan.settings.indices, using: &person.random))
    }
  }

  // MARK: The configuration

  func reload(_ next: Int) {
    let asked = plan.settings[next]
    if pipeline.plan(asked, at: now).isRefused { violate("a configuration that only differs in sites is refused") }
    current = next
    reloadCount += 1
    let reload = Pipeline.Reload(settings: asked, configuration: nil, origin: "by a person")
    send(.configurationRead(reload, person.askToReload()))
  }

  func hear(_ plan: ReloadPlan, of number: RequestNumber) {
    if !person.reloaded(number) { violate("an answer to a reload that nobody asked for") }
  }

  // MARK: Decisions

  private func decide() {
    switch Int.random(in: 0..<12, using: &person.random) {
    case 0: holdOrRelease()
    case 1, 2: releaseAll()
    case 3, 4: decide(.waived)
    case 5, 6: decide(.resubmitted)
    case 7, 8, 9: resolve()
    case 10: if person.chance(1, in: 3) { person.move() }
    default: ask(.adopt)
    }
  }

  private func ask(_ subject: PersonRequest.Subject, isPartly: Bool = true) {
    let request = PersonRequest(subject, user: "operator", reason: "because", isPartly: isPartly)
    send(.personAsked(person.ask(request, recordCount: acknowledged.count), request))
  }

  private func holdOrRelease() {
    guard let channel = settings.channels.randomElement(using: &person.random)?.name else { return }
    if pipeline.ledger.heldChannels[channel] == nil { ask(.hold(channel)) } else { release(channel) }
  }

  private func release(_ channel: ChannelName) {
    person.heldSince[channel] = nil
    ask(.release(channel))
  }

  private func releaseAll() {
    for channel in pipeline.ledger.heldChannels.keys.sorted(by: { $0.name < $1.name }) { release(channel) }
  }

  /// Once the faults have ended: nothing is held and the directory is where it belongs.
  func letEverythingGo() {
    releaseAll()
    if pipeline.ledger.isCopy { ask(.adopt) }
  }

  /// Around an interval that is in a state for it, or anywhere.
  private func decide(_ kind: IntervalDecision) {
    guard let resource = settings.resources.randomElement(using: &person.random)?.id else { return }
    let last = open(resource, for: kind) ?? now.utc - .seconds(Int64.random(in: 0..<21_600, using: &person.random))
    let first = last - .seconds([0, 0, 600, 3_600][Int.random(in: 0..<4, using: &person.random)])
    let selection = IntervalSelection(resource: resource, measurement: nil, first: first, last: last)
    ask(.intervals(kind, selection), isPartly: Bool.random(using: &person.random))
  }

  private func open(_ resource: ResourceID, for kind: IntervalDecision) -> UTCInstant? {
    var found: [UTCInstant] = []
    let judged = pipeline.ledger.judgedThrough
    for account in pipeline.ledger.series.values where account.key.resource == resource {
      account.forEach { ending, obligation in
        if obligation.allows(kind, ending, judgedThrough: judged) { found.append(ending.instant) }
      }
    }
    return found.randomElement(using: &person.random)
  }

  /// Finds out what the operator holds of an interval, and says so.
  private func resolve() {
    let unknown = pipeline.ledger.seriesInOrder.compactMap { pipeline.ledger.series[$0] }.flatMap { account in
      account.unknown.map { (account, $0) }
    }
    guard let (account, ending) = unknown.randomElement(using: &person.random) else { return }
    let kind: IntervalDecision
    switch `operator`.standing(account.key.resource, account.key.measurement, ending) {
    case .undecided: return
    case .holds(account[ending].revisionInQuestion.revision): kind = .foundHeld
    case .holds: kind = .foundAbsent
    }
    let selection = IntervalSelection(
      resource: account.key.resource, measurement: account.key.measurement, first: ending.instant, last: ending.instant)
    ask(.intervals(kind, selection))
  }

  // MARK: What a person is told

  /// A person is answered when the decision is durable (P2).
  func hear(_ verdict: PersonVerdict, of number: RequestNumber) {
    guard let asked = person.answered(number) else { return violate("an answer that nobody asked for") }
    let durable = acknowledged[min(asked.recordCount, acknowledged.count)...]
    for record in verdict.records where !durable.contains(record.logRecord) {
      violate("P2: a person is answered before the decision is durable")
    }
    guard case .hold(let channel) = asked.request.subject, !verdict.records.isEmpty else { return }
    person.heldSince[channel] = now.utc
  }

  func checkMayLeave(_ id: SubmissionID, through channel: ChannelName) {
    if pipeline.ledger.isCopy { violate("P5: \(id) leaves from a copy that nobody has adopted") }
    guard pipeline.ledger.heldChannels[channel] != nil, let since = person.heldSince[channel] else { return }
    if since + Self.timeToHold < now.utc { violate("P5: \(id) leaves through \(channel), held since \(since.text)") }
  }
}
