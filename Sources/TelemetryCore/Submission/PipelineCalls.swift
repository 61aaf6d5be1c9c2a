/// Stage 5: what is called when, one call at a time for each channel.
extension Pipeline {
  /// Rows in one submission: far below the operator's limit of 15 MB, some 130,000 rows.
  static let rowLimit = 10_000

  mutating func startCalls(at now: Moment) {
    for index in channels.indices where channels[index].mayCall(at: now.uptime) && !isHeld(channels[index].name) {
      if channels[index].asksFirst(at: now.uptime), ask(index, at: now) { continue }
      if let (intent, attempt) = nextSubmission(of: channels[index].name, at: now) {
        prepare(intent, attempt, index)
      } else {
        _ = ask(index, at: now)
      }
    }
  }

  private mutating func prepare(_ intent: SubmissionIntent, _ attempt: Int, _ index: Int) {
    let number = begin(.preparing(intent, attempt: attempt), of: index)
    perform(
      .prepare(
        number,
        Preparation(
          channel: channels[index].name, content: content(of: intent), attempt: attempt,
          payloadDigest: attempt == 1 ? nil : intent.payloadDigest)))
  }

  /// Asks the question that has been due for longest; returns false when none is.
  private mutating func ask(_ index: Int, at now: Moment) -> Bool {
    let inquiry = channels[index].dueInquiry(at: now.uptime).map { channels[index].inquiries[$0].dueAt }
    let poll = channels[index].duePoll(at: now.uptime)
    if let poll, inquiry.map({ poll.dueAt <= $0 }) ?? true {
      let number = begin(.askingStatus(poll.submission), of: index)
      perform(.askStatus(number, channels[index].name, stored(poll.submission, at: now), poll.batch))
      return true
    }
    guard let (question, id) = nextQuestion(of: index, at: now) else { return false }
    let number = begin(.retrieving(question, about: id), of: index)
    perform(.retrieve(number, channels[index].name, question))
    return true
  }

  private func stored(_ id: SubmissionID, at now: Moment) -> StoredSubmission {
    StoredSubmission(id: id, created: ledger.submissions[id]?.intent.created ?? now.utc)
  }

  /// A stored submission that was not sent goes before a new one.
  private mutating func nextSubmission(
    of channel: ChannelName, at now: Moment
  ) -> (intent: SubmissionIntent, attempt: Int)? {
    for id in ledger.openSubmissions {
      guard let submission = ledger.submissions[id], submission.state == .waiting,
        submission.intent.channel == channel
      else { continue }
      return (submission.intent, submission.attempts + 1)
    }
    let rows = nextRows(of: channel, at: now)
    guard let first = rows.first, let resource = ledger.series[first.series]?.key.resource,
      let coordinator = ledger.latest(resource)?.schedulingCoordinator
    else { return nil }
    let intent = SubmissionIntent(
      id: nextSubmissionID(at: now), created: now.utc, channel: channel, schedulingCoordinator: coordinator,
      rows: rows, payloadDigest: Digest())
    return (intent, 1)
  }

  /// The queued rows of the scheduling coordinator that has the earliest of them: a submission never mixes two.
  private func nextRows(of channel: ChannelName, at now: Moment) -> [RevisionReference] {
    let queued = ledger.seriesInOrder.compactMap { index -> (index: SeriesIndex, earliest: IntervalEnding)? in
      guard let account = ledger.series[index], !account.queued.isEmpty,
        ledger.channel(of: account.key.resource) == channel
      else { return nil }
      return account.queued.first { mayGo(account[$0], at: now) }.map { (index, $0) }
    }
    guard let first = queued.min(by: { $0.earliest < $1.earliest }) else { return [] }
    let series = companions(of: first.index, from: first.earliest, among: queued.map(\.index))
    var rows: [RevisionReference] = []
    for index in series {
      for ending in ledger.series[index]?.queued ?? [] {
        guard let obligation = ledger.series[index]?[ending], mayGo(obligation, at: now),
          !obligation.goesAlone || series.count == 1
        else { continue }
        rows.append(RevisionReference(series: index, intervalEnding: ending, revision: obligation.revision))
      }
    }
    if rows.count > Self.rowLimit {
      rows.sort { ($0.intervalEnding, $0.series) < ($1.intervalEnding, $1.series) }
      rows.removeLast(rows.count - Self.rowLimit)
    }
    return rows.sorted { row(for: $0).order < row(for: $1).order }
  }

  /// It stands in no submission, and is no revision that is still being collected.
  private func mayGo(_ obligation: Obligation, at now: Moment) -> Bool {
    obligation.submission == nil
      && obligation.collectingSince.map { $0 + settings.completeness.reviseAfter <= now.utc } ?? true
  }

  /// The series that may go out together with one: of the same coordinator, unless it must go alone.
  private func companions(
    of first: SeriesIndex, from earliest: IntervalEnding, among queued: [SeriesIndex]
  ) -> [SeriesIndex] {
    guard let account = ledger.series[first] else { return [] }
    if account[earliest].goesAlone { return [first] }
    let coordinator = ledger.latest(account.key.resource)?.schedulingCoordinator
    return queued.filter { index in
      ledger.series[index].map { ledger.latest($0.key.resource)?.schedulingCoordinator == coordinator } ?? false
    }
  }

  private func content(of intent: SubmissionIntent) -> SubmissionContent {
    SubmissionContent(
      id: intent.id, created: intent.created, schedulingCoordinator: intent.schedulingCoordinator,
      intervalLength: settings.intervalLength, rows: intent.rows.map(row(for:)))
  }

  private func row(for reference: RevisionReference) -> SubmissionRow {
    let account = ledger.series[reference.series]
    return SubmissionRow(
      resource: account?.key.resource ?? ResourceID(""), measurement: account?.key.measurement ?? MeasurementType(""),
      intervalEnding: reference.intervalEnding,
      value: account?[reference.intervalEnding].revisionInQuestion.value ?? 0)
  }

  /// Nothing has happened meanwhile to what a submission was prepared of.
  private func stillStands(_ intent: SubmissionIntent, _ attempt: Int) -> Bool {
    guard attempt == 1 else { return ledger.submissions[intent.id]?.state == .waiting }
    return intent.rows.allSatisfy { row in
      guard let obligation = ledger.series[row.series]?[row.intervalEnding] else { return false }
      return obligation.state == .queued && obligation.submission == nil && obligation.revision == row.revision
    }
  }

  // MARK: How submissions ended

  /// The channel whose call an answer belongs to; nil for an answer to an older call, or for a second one.
  func desk(_ number: CallNumber) -> (index: Int, call: ChannelDesk.Call)? {
    for index in channels.indices {
      if let call = channels[index].call(number) { return (index, call) }
    }
    return nil
  }

  mutating func submissionPrepared(
    _ number: CallNumber, payloadDigest: Digest, envelopeDigest: Digest, at now: Moment
  ) {
    guard let (index, call) = desk(number), case .preparing(var intent, let attempt) = call else { return }
    guard stillStands(intent, attempt) else { return channels[index].callWasDropped() }
    if attempt == 1 {
      intent.payloadDigest = payloadDigest
      write(.intent(intent))
    }
    guard intent.payloadDigest == payloadDigest else {
      return preparationFailed(number, "the stored payload is not the one that was decided on", at: now)
    }
    write(.attempt(intent.id, number: attempt, created: now.utc, envelopeDigest: envelopeDigest))
    let sending = begin(.submitting(intent.id), of: index)
    perform(.send(sending, channels[index].name, stored(intent.id, at: now), attempt: attempt))
  }

  mutating func preparationFailed(_ number: CallNumber, _ reason: String, at now: Moment) {
    guard let (index, call) = desk(number), case .preparing(let intent, _) = call else { return }
    if channels[index].callFailed(at: now.uptime) {
      announce(.error, "channel \(channels[index].name): nothing can be submitted: \(reason)", submission: intent.id)
    }
  }

  mutating func submitEnded(
    _ number: CallNumber, _ outcome: CallOutcome<SubmitAnswer>, _ digest: Digest, at now: Moment
  ) {
    guard let (index, call) = desk(number), case .submitting(let id) = call else { return }
    switch outcome {
    case .notSent(let reason):
      write(.notSent(id, reason: reason))
      channelFailed(index, "cannot be reached: \(reason)", .warning, at: now)
    case .noAnswer(let reason): becomeUnknown(id, index, reason, at: now)
    case .answered(.failed(.unreadable(let reason))): becomeUnknown(id, index, reason, at: now)
    case .answered(.failed(.throttled)):
      write(.unprocessed(id, reason: "throttled", answerDigest: digest))
      channelFailed(index, "the operator asks for fewer calls", .notice, at: now)
    case .answered(.failed(.refused(let reason))):
      write(.unprocessed(id, reason: reason, answerDigest: digest))
      channelFailed(index, "the operator does not accept who we are: \(reason)", .error, at: now)
    case .answered(.rejected(let reason)):
      write(.rejected(id, reason: reason, answerDigest: digest))
      channelSucceeded(index, at: now)
      announce(.error, "submission \(id) rejected: \(reason); a person must look", submission: id)
    case .answered(.taken(let batch)): taken(id, batch, index, digest, at: now)
    }
  }

  private mutating func taken(
    _ id: SubmissionID, _ batch: OperatorBatchID?, _ index: Int, _ digest: Digest, at now: Moment
  ) {
    channelSucceeded(index, at: now)
    guard channels[index].settings.status != nil else {
      let rows = ledger.rows(of: id, in: .sending)
      write(.taken(id, batch, isFinal: true, answerDigest: digest))
      return announce(rows, as: .accepted)
    }
    write(.taken(id, batch, isFinal: false, answerDigest: digest))
    if let batch { return channels[index].poll(id, batch, at: now.uptime) }
    write(.unknown(id, reason: "taken in without a batch ID to ask about"))
    inquire(id, index, at: now)
  }

  private mutating func becomeUnknown(_ id: SubmissionID, _ index: Int, _ reason: String, at now: Moment) {
    write(.unknown(id, reason: reason))
    announce(
      .warning, "submission \(id): it is not known whether it arrived (\(reason)); asking the operator",
      submission: id)
    channelFailed(index, reason, .warning, at: now)
    inquire(id, index, at: now)
  }

  mutating func channelFailed(
    _ index: Int, _ reason: String, _ priority: Announcement.Priority, at now: Moment
  ) {
    guard channels[index].callFailed(at: now.uptime) else { return }
    announce(priority, "channel \(channels[index].name): \(reason); what is queued stays queued and is tried again")
  }

  mutating func channelSucceeded(_ index: Int, at now: Moment) {
    guard channels[index].callSucceeded(at: now.uptime) else { return }
    announce(.notice, "channel \(channels[index].name): answers again")
  }

  mutating func announce(_ rows: [RevisionReference], as state: ObligationState) {
    for row in rows {
      announceInterval(row.series, row.intervalEnding, state.name, state == .rejected ? .error : .info)
    }
  }
}

extension SubmissionRow {
  fileprivate var order: (ResourceID, MeasurementType, IntervalEnding) { (resource, measurement, intervalEnding) }
}
