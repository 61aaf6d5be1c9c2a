/// Stage 6: what the operator says about batches it took in, and about rows whose outcome is unknown.
extension Pipeline {
  /// Answers in a row that say nothing about a batch before it counts as unknown.
  private static let unreadableLimit = 5
  /// So that a verdict on every row of a submission fits a frame of the log; the answer is kept as it came.
  private static let messageByteLimit = 200

  private struct RowKey: Hashable {
    var series: SeriesKey
    var intervalEnding: UTCInstant

    init(_ series: SeriesKey, _ intervalEnding: UTCInstant) {
      (self.series, self.intervalEnding) = (series, intervalEnding)
    }

    init(_ error: RowError) {
      self.init(SeriesKey(resource: error.resource, measurement: error.measurement), error.intervalEnding)
    }
  }

  /// After a start the questions follow from the accounts.
  mutating func restoreQuestions(_ channel: ChannelName, at now: Moment) {
    guard let index = channels.firstIndex(where: { $0.name == channel }) else { return }
    for id in ledger.openSubmissions {
      guard let submission = ledger.submissions[id], submission.intent.channel == channel else { continue }
      switch submission.state {
      case .validating(let batch?) where channels[index].settings.status != nil:
        channels[index].poll(id, batch, at: now.uptime)
      case .validating:
        write(.unknown(id, reason: "there is no batch status to ask for"))
        inquire(id, index, at: now)
      case .unknown: inquire(id, index, at: now)
      case .waiting, .sending, .settled: break
      }
    }
    if !unknownRows(of: nil, channel).isEmpty { inquire(nil, index, at: now) }
  }

  mutating func statusEnded(
    _ number: CallNumber, _ outcome: CallOutcome<StatusAnswer>, _ digest: Digest, at now: Moment
  ) {
    guard let (index, call) = desk(number), case .askingStatus(let id) = call else { return }
    switch outcome {
    case .answered(.accepted):
      channelSucceeded(index, at: now)
      let rows = ledger.rows(of: id, in: .validating)
      write(.verdict(id, .accepted, answerDigest: digest))
      channels[index].polls.removeAll { $0.submission == id }
      announce(rows, as: .accepted)
    case .answered(.errors(let rows, let general)):
      channelSucceeded(index, at: now)
      faultFound(id, rows, general, index, digest, at: now)
    case .answered(.pending):
      channelSucceeded(index, at: now)
      channels[index].pollLater(id, unreadable: false, at: now.uptime)
    case .answered(.failed(.unreadable(let reason))):
      channels[index].pollLater(id, unreadable: true, at: now.uptime)
      channelFailed(index, reason, .warning, at: now)
      giveUpPolling(id, index, digest, at: now)
    case .answered(.failed(.throttled)):
      channels[index].pollLater(id, unreadable: false, at: now.uptime)
      channelFailed(index, "the operator asks for fewer calls", .notice, at: now)
    case .answered(.failed(.refused(let reason))), .notSent(let reason), .noAnswer(let reason):
      channels[index].pollLater(id, unreadable: false, at: now.uptime)
      channelFailed(index, reason, .warning, at: now)
    }
  }

  private mutating func faultFound(
    _ id: SubmissionID, _ rows: [RowError], _ general: [String], _ index: Int, _ digest: Digest, at now: Moment
  ) {
    channels[index].polls.removeAll { $0.submission == id }
    let errors = Dictionary(rows.map { (RowKey($0), $0.message) }, uniquingKeysWith: { first, _ in first })
    let faults = ledger.rows(of: id, in: .validating).compactMap { reference -> LedgerRecord.RowFault? in
      guard let key = ledger.series[reference.series]?.key else { return nil }
      return errors[RowKey(key, reference.intervalEnding.instant)].map {
        LedgerRecord.RowFault(reference: reference, message: $0.cut(toBytes: Self.messageByteLimit))
      }
    }
    write(.verdict(id, .faulty(faults), answerDigest: digest))
    let why = (general + faults.prefix(3).map(\.message)).prefix(3).joined(separator: "; ")
    announce(
      .validationFailed,
      "submission \(id): the operator's validation found \(faults.count) rows at fault (\(why)); asking about the rest",
      submission: id, channel: channels[index].name)
    announce(faults.map(\.reference), as: .rejected)
    if ledger.submissions[id]?.state == .unknown { inquire(id, index, at: now) }
  }

  private mutating func giveUpPolling(_ id: SubmissionID, _ index: Int, _ digest: Digest, at now: Moment) {
    guard let poll = channels[index].polls.first(where: { $0.submission == id }),
      poll.unreadable >= Self.unreadableLimit
    else { return }
    channels[index].polls.removeAll { $0.submission == id }
    write(.kept(Evidence(submission: stored(id, at: now), file: .status, digest: digest)))
    write(.unknown(id, reason: "the batch status cannot be read"))
    inquire(id, index, at: now)
  }

  // MARK: Asking what is held

  mutating func inquire(_ id: SubmissionID?, _ index: Int, at now: Moment) {
    guard !channels[index].inquiries.contains(where: { $0.submission == id }) else { return }
    channels[index].inquiries.append(Inquiry(submission: id, dueAt: now.uptime))
  }

  /// Asks anew about the intervals that are unknown and in no submission: each has to be absent for as long as any.
  mutating func inquireAboutTheRest(at now: Moment) {
    for index in channels.indices where !unknownRows(of: nil, channels[index].name).isEmpty {
      channels[index].inquiries.removeAll { $0.submission == nil }
      inquire(nil, index, at: now)
    }
  }

  private func unknownRows(of id: SubmissionID?, _ channel: ChannelName) -> [RevisionReference] {
    if let id { return ledger.rows(of: id, in: .unknown) }
    return ledger.seriesInOrder.flatMap { index -> [RevisionReference] in
      guard let account = ledger.series[index], ledger.channel(of: account.key.resource) == channel else { return [] }
      return account.unknown.filter { account[$0].submission == nil }
        .map { RevisionReference(series: index, intervalEnding: $0, revision: account[$0].revisionInQuestion.revision) }
    }
  }

  /// The next question of the inquiry that is due, beginning a round where none is under way.
  mutating func nextQuestion(
    of index: Int, at now: Moment
  ) -> (question: RetrieveQuestion, about: SubmissionID?)? {
    let channel = channels[index].name
    while let due = channels[index].dueInquiry(at: now.uptime) {
      let rows = unknownRows(of: channels[index].inquiries[due].submission, channel)
      let open = Set(rows.map(\.series))
      // A person may have resolved what was still to be asked of one series; the others are asked for all the same.
      channels[index].inquiries[due].pending.removeAll { !open.contains($0) }
      if channels[index].inquiries[due].pending.isEmpty {
        channels[index].inquiries[due].pending = open.sorted()
        channels[index].inquiries[due].held = []
      }
      let id = channels[index].inquiries[due].submission
      if let series = channels[index].inquiries[due].pending.first, let question = question(series, rows, id) {
        return (question, id)
      }
      channels[index].inquiries.remove(at: due)
    }
    return nil
  }

  /// Asks in the name of the coordinator that sent the rows, whoever answers for the resource by now.
  private func question(
    _ series: SeriesIndex, _ rows: [RevisionReference], _ id: SubmissionID?
  ) -> RetrieveQuestion? {
    let sender = id.flatMap { ledger.submissions[$0]?.intent.schedulingCoordinator }
    let endings = rows.filter { $0.series == series }.map(\.intervalEnding)
    guard let key = ledger.series[series]?.key, let first = endings.min(), let last = endings.max(),
      let coordinator = sender ?? ledger.latest(key.resource)?.schedulingCoordinator
    else { return nil }
    return RetrieveQuestion(
      schedulingCoordinator: coordinator, resource: key.resource, measurement: key.measurement,
      intervalLength: settings.intervalLength, first: first, last: last)
  }

  mutating func retrieveEnded(
    _ number: CallNumber, _ outcome: CallOutcome<RetrieveAnswer>, _ kept: [Evidence], at now: Moment
  ) {
    guard let (index, call) = desk(number), case .retrieving(let question, let id) = call else { return }
    // Behind every question that is due by now: one that is never answered well holds up no other.
    channels[index].postpone(inquiryAbout: id, to: now.uptime)
    switch outcome {
    case .answered(.held(let values)):
      channelSucceeded(index, at: now)
      for evidence in kept { write(.kept(evidence)) }
      heard(values, to: question, about: id, index, at: now)
    case .answered(.failed(.throttled)):
      channelFailed(index, "the operator asks for fewer calls", .notice, at: now)
    case .answered(.failed(.refused(let reason))), .answered(.failed(.unreadable(let reason))),
      .notSent(let reason), .noAnswer(let reason):
      channelFailed(index, "what the operator holds cannot be read: \(reason)", .warning, at: now)
    }
  }

  private mutating func heard(
    _ values: [HeldValue], to question: RetrieveQuestion, about id: SubmissionID?, _ index: Int, at now: Moment
  ) {
    let key = SeriesKey(resource: question.resource, measurement: question.measurement)
    guard let series = ledger.seriesIndex[key],
      let due = channels[index].inquiries.firstIndex(where: { $0.submission == id && $0.pending.first == series })
    else { return }
    let ours = values.filter { $0.resource == key.resource && $0.measurement == key.measurement }
    let unit = channels[index].settings.profile.unit
    let held = Dictionary(
      ours.map { ($0.intervalEnding, $0.millijoules(unit)) }, uniquingKeysWith: { _, last in last })
    let rows = unknownRows(of: id, channels[index].name)
    channels[index].inquiries[due].held += rows.filter { row in
      guard row.series == series, let account = ledger.series[series],
        let value = held[row.intervalEnding.instant]
      else { return false }
      let ours = account[row.intervalEnding].revisionInQuestion.value
      let sealed = ledger.unit(of: key.resource, at: row.intervalEnding) ?? unit
      return value == sealed.millijoules(ours)
    }
    channels[index].inquiries[due].pending.removeFirst()
    if channels[index].inquiries[due].pending.isEmpty { roundEnded(index, due, rows, at: now) }
  }

  private mutating func roundEnded(_ index: Int, _ due: Int, _ rows: [RevisionReference], at now: Moment) {
    let desk = channels[index]
    var inquiry = desk.inquiries[due]
    let current = Set(rows)
    let held = inquiry.held.filter(current.contains)
    let known = Set(held)
    let absent = rows.filter { !known.contains($0) }
    resolve(inquiry.submission, held: held, absent: [], splits: false)
    announceHeld(held, inquiry.submission, desk.name)
    guard !absent.isEmpty else {
      channels[index].inquiries.remove(at: due)
      return
    }
    inquiry.absentRounds += 1
    let since = inquiry.absentSince ?? now.uptime
    inquiry.absentSince = since
    if inquiry.absentRounds >= Inquiry.leastRounds, now.uptime - since >= desk.settings.settle {
      channels[index].inquiries.remove(at: due)
      return conclude(inquiry.submission, absent, desk.name)
    }
    let share = Milliseconds(desk.settings.settle.count / Int64(Inquiry.leastRounds) + 1)
    inquiry.dueAt = now.uptime + max(share, desk.settings.spacing)
    channels[index].inquiries[due] = inquiry
  }

  private mutating func announceHeld(_ held: [RevisionReference], _ id: SubmissionID?, _ channel: ChannelName) {
    announce(held, as: .accepted)
    guard !held.isEmpty else { return }
    announce(
      .outcomeResolved, "\(held.count) intervals had arrived: the operator holds them", submission: id, channel: channel
    )
  }

  /// Rows of no submission may be those of a long outage: each record names no more of them than a submission has.
  private mutating func resolve(
    _ id: SubmissionID?, held: [RevisionReference], absent: [RevisionReference], splits: Bool
  ) {
    for part in held.parts(of: Self.rowLimit) {
      write(.resolved(Resolution(submission: id, held: part, absent: [], splits: splits)))
    }
    for part in absent.parts(of: Self.rowLimit) {
      write(.resolved(Resolution(submission: id, held: [], absent: part, splits: splits)))
    }
  }

  /// Absence has held: the rows were not taken in.
  private mutating func conclude(_ id: SubmissionID?, _ absent: [RevisionReference], _ channel: ChannelName) {
    let isFaulty = id.flatMap { ledger.submissions[$0]?.isFaultyAsAWhole } ?? false
    if let id, isFaulty, Set(absent.map(\.series)).count == 1 {
      write(
        .rejected(id, reason: "the operator's validation refused it and named no rows", answerDigest: Digest()))
      announce(absent, as: .rejected)
      return
    }
    resolve(id, held: [], absent: absent, splits: isFaulty)
    announce(
      .outcomeResolved, "\(absent.count) intervals had not arrived: they are sent again", submission: id,
      channel: channel)
  }
}

extension HeldValue {
  /// Nil where it is no whole number of millijoules.
  fileprivate func millijoules(_ profile: WireUnit) -> Int128? { value.map { (unit ?? profile).millijoules($0) } }
}

extension Array {
  fileprivate func parts(of size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}
