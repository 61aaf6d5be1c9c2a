/// What a start adds to the accounts.
extension Pipeline {
  mutating func start(version: String, home: String, damages: [Damage], at now: Moment) {
    sites.started(at: now.uptime)
    note(damages)
    write(.started(at: now.utc, version: version, home: home))
    announceWhatIsHeld()
    let start = startEpoch(at: now)
    oweWhatIsNew(from: start)
    oweNoMoreThan(start)
    for id in ledger.openSubmissions where ledger.submissions[id]?.state == .sending {
      write(.unknown(id, reason: "the daemon stopped while it was on its way"))
      announce(
        .outcomeUnknown, "submission \(id): it is not known whether it arrived; asking the operator", submission: id,
        channel: ledger.submissions[id]?.intent.channel)
    }
    for index in channels.indices { restoreQuestions(channels[index].name, at: now) }
    announceWhatHasNoChannel()
    noteWhatCanBeSealed()
    takeRestored()
    // Last, so that a long configuration never parts an epoch from what is owed under it.
    keepConfiguration(at: now)
  }

  /// Writes down what the log has lost: in front of whatever else comes into the first frame after the cut, which alone
  /// remembers that there was one.
  package mutating func note(_ damages: [Damage]) {
    for damage in damages {
      write(.damaged(from: damage.from, through: damage.through, explanation: damage.explanation))
      announce(damage)
    }
  }

  private mutating func announce(_ damage: Damage) {
    let consequence = "\(damage.explanation); what was queued is asked for before it is sent"
    guard damage.isUnfinishedWrite else { return announce(.ledgerDamaged, "the ledger was damaged: \(consequence)") }
    announce(
      .ledgerCutOff, "the last write to the ledger was cut off, and nothing in it had been acknowledged: \(consequence)"
    )
  }

  private mutating func announceWhatIsHeld() {
    if ledger.isCopy {
      announce(
        .copyFound,
        "this state directory looks like a copy of the one that was used before, so nothing is submitted: make sure "
          + "that no other daemon goes on with the original, compare with what the operator holds, then run "
          + "`dertelemetryd adopt`")
    }
    for (channel, held) in ledger.heldChannels.sorted(by: { $0.key.name < $1.key.name }) {
      announce(
        .channelHeld, "channel \(channel) is held by \(held.user) since \(held.at.text): \(held.reason)",
        channel: channel)
    }
  }

  /// What was decided for a channel goes through it or nowhere, since only its operator knows what it holds.
  private mutating func announceWhatHasNoChannel() {
    for id in ledger.openSubmissions {
      guard let channel = ledger.submissions[id]?.intent.channel, !channels.contains(where: { $0.name == channel })
      else { continue }
      announce(
        .submissionWithoutChannel,
        "submission \(id) is not settled and the configuration has no channel \(channel) any more: bring it back",
        submission: id, channel: channel)
    }
  }

  /// The registers of what is missing may all be there: a stop can come between their return and the seals.
  private mutating func noteWhatCanBeSealed() {
    for index in ledger.seriesInOrder {
      guard let account = ledger.series[index], !account.missing.isEmpty else { continue }
      sites.noteReturn(of: account.key.resource)
    }
  }

  /// Writes a new epoch where the settings give other values than before, and returns when it would begin.
  ///
  /// That is the start of the next interval that can have readings on both sides of its start, and never before what has
  /// been judged or decided already, whatever the clock says.
  mutating func startEpoch(at now: Moment) -> UTCInstant {
    let latest = ledger.latestEpoch.flatMap { ledger.epochs[$0] }
    let start = epochStart(settings, at: now)
    let asked = ConfigurationEpoch(settings, start: start)
    guard latest?.measuresLike(asked) != true else { return start }
    write(.epoch((ledger.latestEpoch ?? -1) + 1, asked))
    announceWhatHasEnded(latest?.sites ?? [], start)
    return start
  }

  /// How long the walk over a site's models takes before its first reading.
  ///
  /// Some twenty requests, of 100 ms where they are slow. A site begins within a scan, and its next reading comes within
  /// another.
  private static let firstContact = Milliseconds.seconds(2)

  /// When an epoch of these settings would begin.
  func epochStart(_ settings: Settings, at now: Moment) -> UTCInstant {
    let scan = settings.sites.compactMap(\.scan).max().map { max($0, settings.scan) } ?? settings.scan
    let read = now.utc + scan + scan + Self.firstContact
    let bracketed = IntervalEnding(containing: read, length: settings.intervalLength).instant
    let latest = ledger.latestEpoch.flatMap { ledger.epochs[$0] }
    return [bracketed, ledger.judgedThrough?.instant, latest?.start].compactMap(\.self).max() ?? bracketed
  }

  /// What a site that was taken out gave after its last boundary is in no interval, and a person should know how much
  /// time that is.
  private mutating func announceWhatHasEnded(_ sites: [ConfigurationEpoch.Site], _ start: UTCInstant) {
    let present = Set(settings.sites.map(\.id))
    for site in sites where !present.contains(site.id) {
      let last = Flow.allCases.compactMap { flow in
        ledger.histories[SiteFlow(site: site.id, flow: flow)]?.lastBoundary(settings.intervalLength)?.instant
      }.max()
      guard let last else { continue }
      let isLong = last + settings.intervalLength.milliseconds < start
      announce(
        .siteTakenOut,
        "\(site.id): taken out of the configuration: contributes until \(last.text); intervals that end later are sealed "
          + "without it, unless they are missing already", isLong ? .warning : .notice, site: site.id,
        resource: site.resource)
    }
  }

  mutating func oweWhatIsNew(from start: UTCInstant) {
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
          .owedFrom, "\(key.resource) \(key.measurement): owed from \(start.text) on", resource: key.resource,
          intervalEnding: first)
      }
    }
  }

  /// Removing a resource ends what is owed; it erases nothing (P1).
  mutating func oweNoMoreThan(_ start: UTCInstant) {
    let wanted = Set(
      settings.resources.flatMap { resource in
        resource.measurements.map { SeriesKey(resource: resource.id, measurement: $0.type) }
      })
    for index in ledger.seriesInOrder {
      guard let account = ledger.series[index], account.isOwedOn, !wanted.contains(account.key) else { continue }
      // Where an earlier start was cut off between the epoch and this record, it is the epoch that counts.
      let end = min(start, ledger.absentSince(account.key) ?? start)
      let last = IntervalEnding(seconds: end.seconds, length: settings.intervalLength)
      write(.owedUntil(index, last))
      announce(
        .owedUntil, "\(account.key.resource) \(account.key.measurement): owed until \(last.instant.text) and no longer",
        resource: account.key.resource, intervalEnding: last)
    }
  }
}
