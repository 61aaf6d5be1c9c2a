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
    let place = id.map { stored($0, at: now) } ?? .none(at: now.utc)
    perform(.retrieve(number, channels[index].name, question, with: place))
    return true
  }

  func stored(_ id: SubmissionID, at now: Moment) -> StoredSubmission {
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
    let turn = lastTurn(of: channel, at: now)
    let queued = ledger.seriesInOrder.compactMap { index -> (index: SeriesIndex, earliest: IntervalEnding)? in
      guard let account = ledger.series[index], !account.queued.isEmpty,
        ledger.channel(of: account.key.resource) == channel
      else { return nil }
      return whoseTurnHasCome(account, turn).first { mayGo(account[$0], turn, at: now) }.map { (index, $0) }
    }
    guard let first = queued.min(by: { $0.earliest < $1.earliest }) else { return [] }
    let series = companions(of: first.index, from: first.earliest, among: queued.map(\.index))
    var rows: [RevisionReference] = []
    for index in series {
      guard let account = ledger.series[index] else { continue }
      for ending in whoseTurnHasCome(account, turn) {
        let obligation = account[ending]
        guard mayGo(obligation, turn, at: now), !obligation.goesAlone || series.count == 1 else { continue }
        rows.append(RevisionReference(series: index, intervalEnding: ending, revision: obligation.revision))
      }
    }
    if rows.count > Self.rowLimit {
      rows.sort { ($0.intervalEnding, $0.series) < ($1.intervalEnding, $1.series) }
      rows.removeLast(rows.count - Self.rowLimit)
    }
    return rows.sorted { row(for: $0).order < row(for: $1).order }
  }

  /// What was ready by then goes; nil where nothing waits for its turn.
  private func lastTurn(of channel: ChannelName, at now: Moment) -> UTCInstant? {
    channels.first { $0.name == channel }?.settings.cadence.lastTurn(at: now.utc, grace: settings.grace)
  }

  /// The queued intervals that could be sealed by the last turn of their channel: the first ones.
  private func whoseTurnHasCome(_ account: SeriesAccount, _ turn: UTCInstant?) -> ArraySlice<IntervalEnding> {
    let queued = account.queued
    guard let turn else { return queued[...] }
    return queued[..<queued.partitioningIndex { $0.instant + settings.grace > turn }]
  }

  /// It stands in no submission, and is no revision that is still being collected or that waits for the next turn.
  private func mayGo(_ obligation: Obligation, _ turn: UTCInstant?, at now: Moment) -> Bool {
    guard obligation.submission == nil else { return false }
    return obligation.collectingSince.map { $0 + settings.completeness.reviseAfter <= turn ?? now.utc } ?? true
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
    let unit = settings.channels.first { $0.name == intent.channel }?.profile.unit
    return SubmissionContent(
      id: intent.id, created: intent.created, schedulingCoordinator: intent.schedulingCoordinator,
      intervalLength: settings.intervalLength, rows: intent.rows.map { row(for: $0, by: unit) })
  }

  /// The unit is named only where it is not the wire profile's.
  private func row(for reference: RevisionReference, by unit: WireUnit?) -> SubmissionRow {
    var row = row(for: reference)
    let sealed = ledger.unit(of: row.resource, at: row.intervalEnding)
    if sealed != unit { row.unit = sealed }
    return row
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
    // What is held now leaves no more, though it was prepared before: nothing has been written down of it.
    guard stillStands(intent, attempt), !isHeld(channels[index].name) else { return channels[index].callWasDropped() }
    if attempt == 1 {
      intent.payloadDigest = payloadDigest
      write(.intent(intent))
    }
    guard intent.payloadDigest == payloadDigest else { return giveUp(intent, index) }
    write(.attempt(intent.id, number: attempt, created: now.utc, envelopeDigest: envelopeDigest))
    let sending = begin(.submitting(intent.id), of: index)
    perform(.send(sending, channels[index].name, stored(intent.id, at: now), attempt: attempt))
  }

  /// What was decided on can be neither read nor made again, so its rows are decided on anew: nobody has it, or the
  /// submission would not wait.
  private mutating func giveUp(_ intent: SubmissionIntent, _ index: Int) {
    let reason = "its payload is lost, and what is made of the same values today is another"
    channels[index].callWasDropped()
    write(.disbanded(intent.id, reason: reason))
    announce(
      .submissionGivenUp,
      "submission \(intent.id) given up: \(reason); its \(intent.rows.count) values go out in another",
      submission: intent.id, channel: intent.channel)
  }

  mutating func preparationFailed(_ number: CallNumber, _ reason: String, at now: Moment) {
    guard let (index, call) = desk(number), case .preparing(let intent, _) = call else { return }
    if channels[index].callFailed(at: now.uptime, jitter: jitter) {
      announce(
        .channelUnusable, "channel \(channels[index].name): nothing can be submitted: \(reason)", submission: intent.id,
        channel: channels[index].name)
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
    case .answered(.failed(.unreadable(let reason))):
      let attempt = ledger.submissions[id]?.attempts ?? 0
      write(.kept(Evidence(submission: stored(id, at: now), file: .answer(attempt: attempt), digest: digest)))
      becomeUnknown(id, index, reason, at: now)
    case .answered(.failed(.throttled)):
      write(.unprocessed(id, reason: "throttled", answerDigest: digest))
      channelFailed(index, "the operator asks for fewer calls", .notice, at: now)
    case .answered(.failed(.refused(let reason))):
      write(.unprocessed(id, reason: reason, answerDigest: digest))
      channelFailed(index, "the operator does not accept who we are: \(reason)", .error, at: now)
    case .answered(.rejected(let reason)):
      write(.rejected(id, reason: reason, answerDigest: digest))
      channelSucceeded(index, at: now)
      announce(
        .submissionRejected, "submission \(id) rejected: \(reason); a person must look", submission: id,
        channel: channels[index].name)
    case .answered(.taken(let batch)): taken(id, batch, index, digest, at: now)
    }
  }

  private mutating func taken(
    _ id: SubmissionID, _ batch: OperatorBatchID?, _ index: Int, _ digest: Digest, at now: Moment
  ) {
    if let batch, ledger.receipts.isOfAnother(batch, than: id) {
      return becomeUnknown(id, index, "the answer is the receipt of another submission, \(batch)", at: now)
    }
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
      .outcomeUnknown, "submission \(id): it is not known whether it arrived (\(reason)); asking the operator",
      submission: id, channel: channels[index].name)
    channelFailed(index, reason, .warning, at: now)
    inquire(id, index, at: now)
  }

  /// Said in the answer to a call that is under way, before what the answer was about.
  mutating func toldToWait(_ number: CallNumber, _ wait: Milliseconds, at now: Moment) {
    guard let (index, _) = desk(number) else { return }
    channels[index].stayQuiet(for: wait, at: now.uptime)
    guard wait > ChannelDesk.longestWait, channels[index].failures == 0 else { return }
    let limit = ChannelDesk.longestQuiet
    let granted = wait > limit ? "; \(limit.configurationText) is waited" : ""
    announce(
      .channelToldToWait,
      "channel \(channels[index].name): the operator asks for no call in \(wait.count / 60_000) minutes\(granted)",
      channel: channels[index].name)
  }

  mutating func channelFailed(
    _ index: Int, _ reason: String, _ priority: Announcement.Priority, at now: Moment
  ) {
    guard channels[index].callFailed(at: now.uptime, jitter: jitter) else { return }
    announce(
      .channelAway, "channel \(channels[index].name): \(reason); what is queued stays queued and is tried again",
      priority, channel: channels[index].name)
  }

  mutating func channelSucceeded(_ index: Int, at now: Moment) {
    guard channels[index].callSucceeded(at: now.uptime) else { return }
    announce(.channelBack, "channel \(channels[index].name): answers again", channel: channels[index].name)
  }

  mutating func announce(_ rows: [RevisionReference], as state: ObligationState) {
    for row in rows {
      announceInterval(
        state == .rejected ? .intervalRejected : .intervalAccepted, row.series, row.intervalEnding, state.name)
    }
  }
}

extension SubmissionRow {
  fileprivate var order: (ResourceID, MeasurementType, IntervalEnding) { (resource, measurement, intervalEnding) }
}
