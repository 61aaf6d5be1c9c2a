/// Whether the accounts allow what a person asks, and what is then written.
extension LedgerState {
  /// Decides about a request and changes nothing.
  package func judge(_ request: PersonRequest, _ settings: Settings, now: UTCInstant) -> PersonVerdict {
    let decision = Decision(at: now, user: request.user, reason: request.reason)
    switch request.subject {
    case .hold(let channel): return judgeHold(channel, settings, .held(channel, decision))
    case .release(let channel): return judgeRelease(channel, settings, .released(channel, decision))
    case .adopt:
      guard isCopy else {
        return PersonVerdict(problem: "this state directory is where it was: there is nothing to adopt")
      }
      return PersonVerdict(records: [.adopted(decision)])
    case .intervals(let kind, let selection):
      return judge(kind, selection, request, settings, decision)
    }
  }

  private func judgeHold(_ channel: ChannelName, _ settings: Settings, _ record: LedgerRecord) -> PersonVerdict {
    if let problem = unknownChannel(channel, settings) { return PersonVerdict(problem: problem) }
    if let held = heldChannels[channel] {
      return PersonVerdict(
        problem: "channel \(channel) is held already, by \(held.user) at \(held.at.text): \(held.reason)")
    }
    return PersonVerdict(records: [record])
  }

  private func judgeRelease(_ channel: ChannelName, _ settings: Settings, _ record: LedgerRecord) -> PersonVerdict {
    guard heldChannels[channel] == nil else { return PersonVerdict(records: [record]) }
    if let problem = unknownChannel(channel, settings) { return PersonVerdict(problem: problem) }
    let isOnHold = settings.channels.contains { $0.name == channel && $0.mode == .hold }
    let why = isOnHold ? "its `mode` in the configuration is `hold`: change it there" : "nobody holds it"
    return PersonVerdict(problem: "channel \(channel) cannot be released: \(why)")
  }

  private func unknownChannel(_ channel: ChannelName, _ settings: Settings) -> String? {
    guard !settings.channels.contains(where: { $0.name == channel }) else { return nil }
    let names = settings.channels.map(\.name.name).joined(separator: ", ")
    return "the configuration has no channel \(channel); it has \(names)"
  }

  // MARK: Intervals

  private func judge(
    _ kind: IntervalDecision, _ selection: IntervalSelection, _ request: PersonRequest, _ settings: Settings,
    _ decision: Decision
  ) -> PersonVerdict {
    let chosen = seriesInOrder.filter { index in
      guard let key = series[index]?.key else { return false }
      return key.resource == selection.resource && selection.measurement.map { $0 == key.measurement } ?? true
    }
    guard !chosen.isEmpty else {
      return PersonVerdict(
        problem: "the ledger has no \(selection.resource)\(selection.measurement.map { " \($0)" } ?? "")")
    }
    var verdict = PersonVerdict()
    for index in chosen {
      guard let account = series[index] else { continue }
      guard let endings = account.endings(selection) else {
        return PersonVerdict(
          problem: "more than \(IntervalSelection.intervalLimit) intervals at once: name a shorter time")
      }
      let lines = endings.map { line(kind, account, $0, settings, now: decision.at) }
      verdict.lines += lines
      let decided = lines.filter { $0.refusal == nil }.map(\.intervalEnding)
      guard !decided.isEmpty else { continue }
      verdict.records.append(
        kind.record(
          DecidedIntervals(series: index, runs: decided.runs(account.length), decision: decision)))
    }
    if verdict.lines.isEmpty { verdict.problem = "nothing is owed in that time" }
    if verdict.refusedCount > 0, !request.isPartly { verdict.records = [] }
    return verdict
  }

  private func line(
    _ kind: IntervalDecision, _ account: SeriesAccount, _ ending: IntervalEnding, _ settings: Settings, now: UTCInstant
  ) -> PersonVerdict.Line {
    let obligation = account[ending]
    var line = PersonVerdict.Line(key: account.key, intervalEnding: ending, state: obligation.state)
    guard !account.isFolded(ending) else {
      line.refusal =
        "it is \(obligation.state.name) for good, since a day and more: submit its value by other means if it is wrong"
      return line
    }
    guard obligation.allows(kind, ending, judgedThrough: judgedThrough) else {
      let states = kind.allowedStates.map(\.name).joined(separator: ", ")
      line.refusal = "it is \(obligation.state.name); only what is \(states) can be \(kind.name)"
      if kind == .resubmitted, obligation.state == .waived { line.refusal = "it has never been sealed" }
      return line
    }
    line.refusal = stillOnItsWay(kind, obligation, settings, now: now)
    return line
  }

  /// An answer may still come, or the values may still arrive: a person cannot know better yet.
  private func stillOnItsWay(
    _ kind: IntervalDecision, _ obligation: Obligation, _ settings: Settings, now: UTCInstant
  ) -> String? {
    guard kind == .foundAbsent, let id = obligation.submission, let submission = submissions[id],
      let channel = settings.channels.first(where: { $0.name == submission.intent.channel }),
      let attempt = submission.lastAttemptAt
    else { return nil }
    let end = attempt + channel.settle + channel.timeout
    return now < end ? "submission \(id) may still arrive: ask again after \(end.text)" : nil
  }
}

extension SeriesAccount {
  /// The intervals of a selection that are owed; nil where they are too many.
  fileprivate func endings(_ selection: IntervalSelection) -> [IntervalEnding]? {
    guard selection.last >= selection.first else { return [] }
    var ending = IntervalEnding(containing: max(selection.first, origin.instant), length: length)
    guard (selection.last.seconds - ending.seconds) / length.seconds < IntervalSelection.intervalLimit else {
      return nil
    }
    var endings: [IntervalEnding] = []
    while ending.instant <= selection.last {
      if isOwed(ending) { endings.append(ending) }
      ending = ending.advanced(by: 1, length)
    }
    return endings
  }
}

extension IntervalDecision {
  fileprivate func record(_ decided: DecidedIntervals) -> LedgerRecord {
    switch self {
    case .waived: .waived(decided)
    case .resubmitted: .resubmitted(decided)
    case .foundHeld: .resolvedByPerson(decided, isHeld: true)
    case .foundAbsent: .resolvedByPerson(decided, isHeld: false)
    }
  }
}

extension [IntervalEnding] {
  /// Endings in order, as runs of those that lie side by side.
  fileprivate func runs(_ length: IntervalLength) -> [IntervalRun] {
    reduce(into: []) { runs, ending in
      if let last = runs.indices.last, runs[last].last.advanced(by: 1, length) == ending {
        runs[last].last = ending
      } else {
        runs.append(IntervalRun(first: ending, last: ending))
      }
    }
  }
}
