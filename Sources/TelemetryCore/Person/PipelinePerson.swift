/// A person decides beside the pipeline: the same judgement as a dry run, written down.
extension Pipeline {
  /// What would become of a request now.
  package func judge(_ request: PersonRequest, at now: Moment) -> PersonVerdict {
    ledger.judge(request, settings, now: now.utc)
  }

  /// Writes what a request asks, as far as the accounts allow it, and answers when that is durable.
  mutating func take(_ request: PersonRequest, _ number: RequestNumber, at now: Moment) {
    let verdict = judge(request, at: now)
    verdict.records.forEach { write($0) }
    if !verdict.records.isEmpty { announce(request, verdict) }
    if case .intervals(.resubmitted, let selection) = request.subject {
      // What is waived takes no revisions: the registers of a site that was away may have returned meanwhile.
      sites.noteReturn(of: selection.resource)
      sealWhatReturned(at: now)
      inquireAboutTheRest(at: now)
    }
    perform(.answer(number, verdict))
  }

  private mutating func announce(_ request: PersonRequest, _ verdict: PersonVerdict) {
    let who = "by \(request.user): \(request.reason)"
    switch request.subject {
    case .hold(let channel): announce(.personDecided, "channel \(channel) held \(who)", channel: channel)
    case .release(let channel): announce(.personDecided, "channel \(channel) released \(who)", channel: channel)
    case .adopt: announce(.personDecided, "state directory adopted \(who)")
    case .intervals(let kind, let selection):
      let decided = verdict.lines.filter { $0.refusal == nil }
      guard let first = decided.first, let last = decided.last else { return }
      announce(
        .personDecided,
        "\(selection.resource): \(decided.count) intervals, \(first.intervalEnding.instant.text) to "
          + "\(last.intervalEnding.instant.text), \(kind.name) \(who)", resource: selection.resource,
        intervalEnding: last.intervalEnding)
    }
  }
}
