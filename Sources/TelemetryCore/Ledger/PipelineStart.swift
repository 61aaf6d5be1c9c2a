/// What a start adds to the accounts.
extension Pipeline {
  mutating func start(version: String, damages: [Damage], at now: Moment) {
    sites.started(at: now.uptime)
    for damage in damages {
      write(.damaged(from: damage.from, through: damage.through, explanation: damage.explanation))
      announce(
        .critical, "the ledger was damaged: \(damage.explanation); what was queued is asked for before it is sent")
    }
    write(.started(at: now.utc, version: version))
    let start = startEpoch(at: now)
    oweWhatIsNew(from: start.bracketed)
    oweNoMoreThan(start.next)
    for id in ledger.openSubmissions where ledger.submissions[id]?.state == .sending {
      write(.unknown(id, reason: "the daemon stopped while it was on its way"))
      announce(.warning, "submission \(id): it is not known whether it arrived; asking the operator", submission: id)
    }
    for index in channels.indices { restoreQuestions(channels[index].name, at: now) }
  }

  /// Writes a new epoch where the settings give other values than before.
  ///
  /// - Returns: the start of the next interval, and of the next one that can have readings on both sides of its start.
  private mutating func startEpoch(at now: Moment) -> (next: UTCInstant, bracketed: UTCInstant) {
    let length = settings.intervalLength
    let scan = settings.sites.compactMap(\.scan).max().map { max($0, settings.scan) } ?? settings.scan
    let next = IntervalEnding(containing: now.utc, length: length).instant
    let bracketed = IntervalEnding(containing: now.utc + scan, length: length).instant
    guard let number = ledger.latestEpoch, let epoch = ledger.epochs[number] else {
      write(.epoch(0, ConfigurationEpoch(settings, start: bracketed)))
      return (bracketed, bracketed)
    }
    let asked = ConfigurationEpoch(settings, start: next)
    if !epoch.measuresLike(asked) { write(.epoch(number + 1, asked)) }
    return (next, bracketed)
  }

  private mutating func oweWhatIsNew(from start: UTCInstant) {
    let length = settings.intervalLength
    let first = IntervalEnding(seconds: start.seconds + length.seconds, length: length)
    for resource in settings.resources {
      for measurement in resource.measurements {
        let key = SeriesKey(resource: resource.id, measurement: measurement.type)
        let known = ledger.seriesIndex[key]
        if let known, ledger.series[known]?.isOwedOn == true { continue }
        let next = (ledger.seriesInOrder.last?.position ?? -1) + 1
        write(.owedFrom(known ?? SeriesIndex(next), key, first, length))
        announce(
          .notice, "\(key.resource) \(key.measurement): owed from \(start.text) on", resource: key.resource,
          intervalEnding: first)
      }
    }
  }

  /// Removing a resource ends what is owed; it erases nothing (P1).
  private mutating func oweNoMoreThan(_ start: UTCInstant) {
    let wanted = Set(
      settings.resources.flatMap { resource in
        resource.measurements.map { SeriesKey(resource: resource.id, measurement: $0.type) }
      })
    for index in ledger.seriesInOrder {
      guard let account = ledger.series[index], account.isOwedOn, !wanted.contains(account.key) else { continue }
      let last = IntervalEnding(seconds: start.seconds, length: settings.intervalLength)
      write(.owedUntil(index, max(last, account.origin)))
      announce(
        .notice, "\(account.key.resource) \(account.key.measurement): owed until \(last.instant.text) and no longer",
        resource: account.key.resource, intervalEnding: last)
    }
  }
}
