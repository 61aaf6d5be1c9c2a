/// Stages 3 and 4: intervals are judged when they are due, and sealed when their registers are there.
extension Pipeline {
  /// Site registers written in one go, some 2 MB of records: after a long stop the next tick goes on.
  static let registersPerCommit = 20_000

  mutating func judgeWhatIsDue(at now: Moment) {
    sealWhatReturned(at: now)
    estimateWhatWaited(at: now)
    guard sites.mayJudge(at: now.uptime) else { return }
    while unwrittenRegisters < Self.registersPerCommit {
      guard let boundary = nextToJudge, boundary.instant + settings.grace <= now.utc else { return }
      // A site may have begun before anything was owed, and then its first register stands for an earlier boundary.
      if ledger.judgedThrough == nil { openEpoch(beginningAt: boundary.advanced(by: -1, settings.intervalLength)) }
      for index in ledger.seriesInOrder {
        guard let account = ledger.series[index], account.isOwed(boundary), account[boundary].state == .due
        else { continue }
        judge(index, boundary, at: now)
      }
      openEpoch(beginningAt: boundary)
      write(.judged(through: boundary))
    }
  }

  /// Writes down the registers that an epoch begins with.
  ///
  /// The interval before it need not measure what its first one measures: then no judgement has written them down, and
  /// the readings are gone after the next stop. Not before all earlier boundaries are in the ledger, since what a start
  /// restores goes forward only.
  private mutating func openEpoch(beginningAt boundary: IntervalEnding) {
    guard let (number, epoch) = ledger.epoch(forIntervalEnding: boundary.advanced(by: 1, settings.intervalLength)),
      epoch.start == boundary.instant
    else { return }
    for (index, site) in epoch.sites.enumerated() {
      for flow in Flow.allCases {
        guard let register = ledger.histories[SiteFlow(site: site.id, flow: flow)]?.register(at: boundary) else {
          continue
        }
        write(.opened(epoch: number, flow: flow, SiteRegister(site: index, register: register)))
      }
    }
  }

  /// The first boundary that has not been judged.
  private var nextToJudge: IntervalEnding? {
    if let judged = ledger.judgedThrough { return judged.advanced(by: 1, settings.intervalLength) }
    return ledger.series.values.map(\.origin).min()
  }

  private mutating func judge(_ index: SeriesIndex, _ ending: IntervalEnding, at now: Moment) {
    guard let (judgement, terms) = judgement(of: index, ending) else { return }
    switch judgement {
    case .whole(let energy, let quality, let shares):
      seal(index, ending, terms, Finding(.due, energy, quality, shares), at: now)
    case .open(let gap):
      if gap.isComplete(terms.epoch),
        let finding = estimate(gap, terms, .due)
      {
        return seal(index, ending, terms, finding, at: now)
      }
      write(
        .missing(
          MissingInterval(
            series: index, intervalEnding: ending, epoch: terms.number, flow: terms.flow, open: gap.sites,
            registers: gap.registers)))
      announceMissing(terms, ending, gap)
    }
  }

  /// Seals the missing intervals whose registers are all there by now, and revises those whose sites have returned.
  mutating func sealWhatReturned(at now: Moment) {
    // First, so that what is sealed next on the registers as they are is not moved again.
    reviseWhatMoved(at: now)
    while let resource = sites.returned.first {
      for index in ledger.seriesInOrder where ledger.series[index]?.key.resource == resource {
        for ending in ledger.series[index]?.missing ?? [] {
          guard unwrittenRegisters < Self.registersPerCommit else { return }
          guard let (judgement, terms) = judgement(of: index, ending),
            case .whole(let energy, let quality, let shares) = judgement
          else { continue }
          seal(index, ending, terms, Finding(.registersReturned, energy, quality, shares), at: now)
        }
        guard reviseWhatReturned(index, at: now) else { return }
      }
      sites.returned.removeFirst()
    }
  }

  /// Estimates the missing intervals whose registers have been waited for long enough.
  mutating func estimateWhatWaited(at now: Moment) {
    for index in ledger.seriesInOrder {
      guard let account = ledger.series[index] else { continue }
      let missing = account.missing
      var place = missing.partitioningIndex { ending in sites.waited[index].map { $0 < ending } ?? true }
      while place < missing.count, missing[place].instant + settings.completeness.estimateAfter <= now.utc {
        guard unwrittenRegisters < Self.registersPerCommit else { return }
        let ending = missing[place]
        sites.waited[index] = ending
        place += 1
        guard let (judgement, terms) = judgement(of: index, ending), case .open(let gap) = judgement,
          let finding = estimate(gap, terms, .waited)
        else { continue }
        seal(index, ending, terms, finding, at: now)
      }
    }
  }

  /// What an interval of a series is computed with.
  struct Terms {
    var number: Int
    var epoch: ConfigurationEpoch
    var key: SeriesKey
    var flow: Flow
    var unit: WireUnit
  }

  /// What is to be written down of an interval.
  struct Finding {
    var reason: Seal.Reason
    var energy: Energy
    var quality: QualityClass
    var shares: [SiteShare]
    var estimates: [SiteEstimate]

    init(
      _ reason: Seal.Reason, _ energy: Energy, _ quality: QualityClass, _ shares: [SiteShare],
      _ estimates: [SiteEstimate] = []
    ) {
      (self.reason, self.energy, self.quality) = (reason, energy, quality)
      (self.shares, self.estimates) = (shares, estimates)
    }
  }

  func terms(of index: SeriesIndex, _ ending: IntervalEnding) -> Terms? {
    // What is settled for good has no terms any more: nothing is judged, revised or adjusted in it.
    guard let account = ledger.series[index], !account.isFolded(ending), case let key = account.key,
      let (number, epoch) = ledger.epoch(forIntervalEnding: ending),
      let resource = epoch.resource(key.resource), let flow = epoch.flow(of: key)
    else { return nil }
    return Terms(number: number, epoch: epoch, key: key, flow: flow, unit: resource.unit)
  }

  private func judgement(of index: SeriesIndex, _ ending: IntervalEnding) -> (Judgement, Terms)? {
    guard let terms = terms(of: index, ending) else { return nil }
    let judgement = Judgement(
      resource: terms.key.resource, flow: terms.flow, ending: ending, epoch: terms.epoch, histories: ledger.histories
    ) { ledger.hasEnded($0, before: ending) }
    return (judgement, terms)
  }

  /// Nil where there is nothing to estimate, or the sum is beyond an interval.
  private func estimate(_ gap: Judgement.Gap, _ terms: Terms, _ reason: Seal.Reason) -> Finding? {
    let estimates = gap.estimates(terms.epoch) { site in
      ledger.lastMeasured[SiteFlow(site: terms.epoch.sites[site].id, flow: terms.flow)]?.energy
    }
    guard !estimates.isEmpty, let energy = Energy(sumOf: gap.shares.map(\.energy) + estimates.map(\.energy))
    else { return nil }
    return Finding(reason, energy, .estimated, gap.shares, estimates)
  }

  /// Writes a revision where the value changes, and an adjustment where only what it stands on does.
  mutating func seal(
    _ index: SeriesIndex, _ ending: IntervalEnding, _ terms: Terms, _ finding: Finding, at now: Moment
  ) {
    guard let account = ledger.series[index] else { return }
    let before = account[ending]
    var residual = account.residual
    let steps = residual.account(for: finding.energy - before.energy, unit: terms.unit)
    let isAdjustment = before.revision > 0 && steps == 0
    let seal = Seal(
      reference: RevisionReference(
        series: index, intervalEnding: ending, revision: before.revision + (isAdjustment ? 0 : 1)),
      epoch: terms.number, flow: terms.flow, quality: finding.quality, reason: finding.reason, at: now.utc,
      energy: finding.energy, value: before.value + steps, residual: residual.energy,
      readingsThrough: finding.shares.map(\.siteRegister.register.later.instant).max() ?? ending.instant,
      shares: finding.shares, estimates: finding.estimates)
    write(isAdjustment ? .adjusted(seal) : .sealed(seal))
    if before.revision == 0 { announceEstimates(finding, terms, ending) }
    if isHeld(terms.key.resource), !isAdjustment {
      announceInterval(.intervalSealed, index, ending, "sealed, channel on hold")
    }
  }

  private func isHeld(_ resource: ResourceID) -> Bool {
    guard let name = ledger.channel(of: resource) else { return true }
    return settings.channels.first { $0.name == name }?.mode != .live || isHeld(name)
  }

  /// By a person, or because another daemon may go on with the original of this state directory.
  func isHeld(_ channel: ChannelName) -> Bool { ledger.isCopy || ledger.heldChannels[channel] != nil }

  /// The one line for each resource and interval.
  mutating func announceInterval(
    _ kind: Announcement.Kind, _ index: SeriesIndex, _ ending: IntervalEnding, _ outcome: String
  ) {
    guard let account = ledger.series[index], let (_, epoch) = ledger.epoch(forIntervalEnding: ending),
      let unit = epoch.resource(account.key.resource)?.unit
    else { return }
    let obligation = account[ending]
    let siteCount = epoch.sites.count { $0.resource == account.key.resource }
    let key = account.key
    announce(
      kind,
      "\(key.resource) \(ending.instant.clockText) \(key.measurement) \(unit.text(obligation.value)) \(unit.symbol) "
        + "\(obligation.siteCount)/\(siteCount) sites \(obligation.quality == .estimated ? "estimated " : "")\(outcome)",
      resource: key.resource, intervalEnding: ending, submission: obligation.submission)
  }

  private mutating func announceMissing(_ terms: Terms, _ ending: IntervalEnding, _ gap: Judgement.Gap) {
    // Where no site has a part in it, there is nobody to wait for.
    let why =
      gap.sites.isEmpty
      ? "no site that is configured has been read at its start and its end; nobody is waited for: `dertelemetryd waive`"
      : "no register of \(terms.names(of: gap.sites)); it is sealed when the registers return"
    announce(
      .intervalMissing,
      "\(terms.key.resource) \(ending.instant.clockText) \(terms.key.measurement) missing: \(why)",
      resource: terms.key.resource, intervalEnding: ending)
  }

  private mutating func announceEstimates(_ finding: Finding, _ terms: Terms, _ ending: IntervalEnding) {
    guard let method = finding.estimates.first?.method else { return }
    announce(
      .intervalEstimated,
      "\(terms.key.resource) \(ending.instant.clockText) \(terms.key.measurement) estimated (\(method.name)) for "
        + "\(terms.names(of: finding.estimates.map(\.site))): it is revised when the registers return",
      resource: terms.key.resource, intervalEnding: ending)
  }
}

extension Pipeline.Terms {
  /// The names of some sites, by their place in the epoch's list; the first five of many.
  func names(of places: [Int]) -> String {
    let names = places.prefix(5).map { epoch.sites[$0].id.name }.joined(separator: ", ")
    return places.count > 5 ? "\(names) and \(places.count - 5) more" : names
  }
}

extension LedgerRecord {
  /// The site registers that the record names, which is what makes records long.
  var registerCount: Int {
    switch self {
    case .sealed(let seal), .adjusted(let seal): seal.shares.count
    case .missing(let missing): missing.registers.count
    default: 0
    }
  }
}
