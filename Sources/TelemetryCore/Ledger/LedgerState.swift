/// The accounts: a function of the ledger's records and of nothing else.
///
/// The daemon applies each record as it writes it, a start and `audit` apply them all again: with the same result.
package struct LedgerState: Sendable {
  package internal(set) var epochs: [Int: ConfigurationEpoch] = [:]
  /// In ascending order.
  var epochNumbers: [Int] = []
  package internal(set) var series: [SeriesIndex: SeriesAccount] = [:]
  /// In ascending order.
  package internal(set) var seriesInOrder: [SeriesIndex] = []
  package internal(set) var seriesIndex: [SeriesKey: SeriesIndex] = [:]
  /// Those whose outcome is not settled.
  package internal(set) var submissions: [SubmissionID: SubmissionAccount] = [:]
  /// The same, in the order of their intents.
  package internal(set) var openSubmissions: [SubmissionID] = []
  /// The highest number that a submission has had.
  package internal(set) var submissionCount = 0
  var receipts = RecentReceipts()
  /// What the records say of registers.
  var recorded: [SiteFlow: RegisterHistory] = [:]
  /// The same with the readings that no record tells of yet; nil where none have come in.
  private var read: [SiteFlow: RegisterHistory]?
  /// What each site gave in the last interval in which it was measured, and that interval.
  package internal(set) var lastMeasured: [SiteFlow: (ending: IntervalEnding, energy: Energy)] = [:]
  /// Who the device at each site last said it is.
  package internal(set) var identities: [SiteID: DeviceIdentity] = [:]
  /// The resources that a site has ever belonged to: their open intervals may need its registers.
  var resourcesOfSite: [SiteID: [ResourceID]] = [:]
  /// The sites that an epoch has taken out and none has brought back, with what had been judged by then.
  var ended: [SiteID: IntervalEnding?] = [:]
  var seriesOfResource: [ResourceID: [SeriesIndex]] = [:]
  var judgedCount = 0
  /// Each owed interval that ends here or before has a state.
  package internal(set) var judgedThrough: IntervalEnding?
  package internal(set) var startedAt: UTCInstant?
  /// The channels that a person holds, and who and why.
  package internal(set) var heldChannels: [ChannelName: Decision] = [:]
  /// Where the daemon started last, nil where nothing tells.
  var home: String?
  /// It was started in another place than before and nobody has adopted it: perhaps another daemon goes on with the
  /// original.
  package internal(set) var isCopy = false
  /// The last record of the readings log that was removed by rule.
  package internal(set) var readingsShedThrough: LogSequence?
  /// What the last start took that had another configuration than the one before it.
  package internal(set) var configuration: AcceptedConfiguration?
  package internal(set) var damages: [String] = []
  /// The first ones, where there are very many.
  package internal(set) var faults: [LedgerFault] = []
  /// All that there ever were.
  package internal(set) var faultCount = 0
  /// What is read of these instants is kept whole, for a reader who asks for it; no part of the accounts.
  let kept: ClosedRange<UTCInstant>?

  /// - Parameter kept: the interval endings that are never folded, both included
  package init(keeping kept: ClosedRange<UTCInstant>? = nil) { self.kept = kept }

  /// Registers as records and readings tell them.
  package var histories: [SiteFlow: RegisterHistory] { read ?? recorded }

  package mutating func apply(_ record: LedgerRecord, at sequence: LogSequence) {
    switch record {
    case .started(let instant, _, let home):
      startedAt = instant
      isCopy = isCopy || !home.isEmpty && self.home.map { $0 != home } ?? false
      if !home.isEmpty { self.home = home }
    case .damaged(_, _, let explanation): applyDamage(explanation)
    case .epoch(let number, let epoch): apply(epoch, number)
    case .owedFrom(let index, let key, let first, let length):
      applyOwed(index, key, from: first, length, at: sequence)
    case .owedUntil(let index, let last):
      if series[index] == nil { report(.dangling, sequence, because: "no series \(index.position)") }
      series[index]?.oweUntil(last)
    case .commissioned(let epoch, let flow, let site, let reading):
      begin(site, with: reading, epoch, flow, at: sequence)
    case .opened(let epoch, let flow, let register): restore([register], epoch, flow, at: sequence)
    case .turned(let epoch, let flow, let site, let turn):
      guard let id = siteID(site, epoch, at: sequence) else { return }
      change(SiteFlow(site: id, flow: flow)) { $0.restore(turn) }
    case .identified(let epoch, let site, let identity):
      if let id = siteID(site, epoch, at: sequence) { identities[id] = identity }
    case .replaced(let epoch, let site, let instant, let identity):
      if let id = siteID(site, epoch, at: sequence) { replace(id, at: instant, by: identity) }
    case .missing(let missing): apply(missing, at: sequence)
    case .sealed(let seal): apply(seal, at: sequence)
    case .adjusted(let seal): applyAdjustment(seal, at: sequence)
    case .judged(let through):
      judgedThrough = max(judgedThrough ?? through, through)
      judgedCount += 1
      if judgedCount.isMultiple(of: Self.judgementsUntilForgetting) {
        forgetRegisters()
        foldWhatIsSettled()
      }
    case .intent, .attempt, .notSent, .taken, .rejected, .unprocessed, .unknown, .verdict, .disbanded:
      applyToSubmission(record, at: sequence)
    case .resolved(let resolution): apply(resolution, at: sequence)
    case .kept: break  // where to look, not what became of a row
    case .checkpoint: break  // what the records before it say
    case .waived(let decided): apply(.waived, decided, at: sequence)
    case .resubmitted(let decided): apply(.resubmitted, decided, at: sequence)
    case .resolvedByPerson(let decided, let isHeld):
      apply(isHeld ? .foundHeld : .foundAbsent, decided, at: sequence)
    case .held(let channel, let decision): heldChannels[channel] = decision
    case .released(let channel, _): heldChannels[channel] = nil
    case .adopted: isCopy = false
    case .readingsShed(let shed):
      readingsShedThrough = max(readingsShedThrough ?? shed.lastRecord, shed.lastRecord)
    case .configuration(let accepted): configuration = accepted
    }
  }

  /// A ledger that contradicts itself in each record is told of without filling the memory.
  private static let faultLimit = 1_000

  package mutating func report(
    _ kind: LedgerFault.Kind, _ sequence: LogSequence?, series: SeriesKey? = nil,
    ending intervalEnding: IntervalEnding? = nil, because explanation: String
  ) {
    faultCount += 1
    guard faults.count < Self.faultLimit else { return }
    faults.append(
      LedgerFault(kind, sequence: sequence, series: series, intervalEnding: intervalEnding, explanation))
  }

  /// The epoch in force at the start of an interval: the latest that begins there or before.
  package func epoch(forIntervalEnding ending: IntervalEnding) -> (number: Int, epoch: ConfigurationEpoch)? {
    for number in epochNumbers.reversed() {
      if let epoch = epochs[number], epoch.start <= ending.start(epoch.intervalLength) { return (number, epoch) }
    }
    return nil
  }

  /// The unit that an interval of a resource is sealed in; nil where no epoch has both.
  package func unit(of resource: ResourceID, at ending: IntervalEnding) -> WireUnit? {
    epoch(forIntervalEnding: ending)?.epoch.resource(resource)?.unit
  }

  package var latestEpoch: Int? { epochNumbers.last }

  /// A resource as the latest epoch that has it describes it.
  package func latest(_ resource: ResourceID) -> ConfigurationEpoch.Resource? {
    for number in epochNumbers.reversed() {
      if let found = epochs[number]?.resource(resource) { return found }
    }
    return nil
  }

  /// The channel of a resource, by the latest epoch that has it.
  package func channel(of resource: ResourceID) -> ChannelName? { latest(resource)?.channel }

  /// Takes a register that was read, where readings come in as the daemon runs.
  package mutating func accept(
    _ reading: RegisterAtInstant, of site: SiteFlow, _ terms: RegisterTerms
  ) -> Result<[RegisterHistory.Acceptance], RegisterHistory.Refusal> {
    if read == nil { read = recorded }
    return read?[site, default: RegisterHistory()].accept(reading, terms) ?? .success([])
  }

  package func resources(everWith site: SiteID) -> [ResourceID] { resourcesOfSite[site] ?? [] }

  /// Whether a site has been taken out of the configuration before an interval was judged: it contributes to its last
  /// boundary then, and no register of it is waited for (rule 8).
  ///
  /// An interval that had been judged before stays open on it: taking a site out makes nothing whole that was not.
  package func hasEnded(_ site: SiteID, before ending: IntervalEnding) -> Bool {
    guard let judged = ended[site] else { return false }
    return judged.map { $0 < ending } ?? true
  }

  /// Since when the latest epochs in a row have not had a series; nil where the latest one has it.
  func absentSince(_ series: SeriesKey) -> UTCInstant? {
    epochNumbers.reversed().lazy.compactMap { epochs[$0] }.prefix { $0.flow(of: series) == nil }.last?.start
  }

  // MARK: What is owed

  private mutating func apply(_ epoch: ConfigurationEpoch, _ number: Int) {
    let present = Set(epoch.sites.map(\.id))
    for site in latestEpoch.flatMap({ epochs[$0] })?.sites ?? [] where !present.contains(site.id) {
      ended.updateValue(judgedThrough, forKey: site.id)
    }
    for site in ended.keys where present.contains(site) { ended.removeValue(forKey: site) }
    if epochs.updateValue(epoch, forKey: number) == nil {
      epochNumbers.insert(number, at: epochNumbers.partitioningIndex { $0 > number })
    }
    for site in epoch.sites where resourcesOfSite[site.id]?.contains(site.resource) != true {
      resourcesOfSite[site.id, default: []].append(site.resource)
    }
  }

  private mutating func applyOwed(
    _ index: SeriesIndex, _ key: SeriesKey, from first: IntervalEnding, _ length: IntervalLength,
    at sequence: LogSequence
  ) {
    guard first.seconds.isMultiple(of: length.seconds) else {
      return report(.dangling, sequence, series: key, ending: first, because: "the first ending is off the grid")
    }
    guard let known = series[index] else {
      series[index] = SeriesAccount(key: key, first: first, length: length)
      seriesInOrder.insert(index, at: seriesInOrder.partitioningIndex { $0 >= index })
      seriesIndex[key] = index
      seriesOfResource[key.resource, default: []].append(index)
      return
    }
    guard known.key == key, !known.isOwedOn else {
      return report(.double, sequence, series: key, ending: first, because: "the series is owed already")
    }
    series[index]?.oweAgain(from: first)
  }

  // MARK: Changes

  /// Changes the account of one interval; the change returns why it may not.
  mutating func update(
    _ index: SeriesIndex, _ ending: IntervalEnding, at sequence: LogSequence,
    _ change: (inout Obligation) -> String?
  ) {
    guard let key = series[index]?.key else {
      return report(.dangling, sequence, because: "no series \(index.position)")
    }
    if series[index]?.isFolded(ending) == true {
      return report(.double, sequence, series: key, ending: ending, because: "it was settled for good before")
    }
    var refusal: String?
    let isOwed = series[index]?.update(ending) { refusal = change(&$0) } ?? false
    if !isOwed { report(.notOwed, sequence, series: key, ending: ending, because: "the interval is not owed") }
    if let refusal { report(.double, sequence, series: key, ending: ending, because: refusal) }
  }

  mutating func update(_ submission: SubmissionID, _ change: (inout SubmissionAccount) -> Void) {
    guard var account = submissions[submission] else { return }
    change(&account)
    submissions[submission] = account.state == .settled ? nil : account
    if account.state == .settled { openSubmissions.removeAll { $0 == submission } }
  }

  mutating func add(_ submission: SubmissionAccount) {
    submissions[submission.intent.id] = submission
    openSubmissions.append(submission.intent.id)
    // Some numbers are skipped, by submissions that were prepared and never decided on.
    submissionCount = max(submissionCount + 1, submission.intent.id.number ?? 0)
  }

  // MARK: Registers and damage

  private mutating func begin(
    _ site: Int, with reading: RegisterAtInstant, _ epoch: Int, _ flow: Flow, at sequence: LogSequence
  ) {
    guard let id = siteID(site, epoch, at: sequence), let known = epochs[epoch] else { return }
    change(SiteFlow(site: id, flow: flow)) { $0.begin(with: reading, length: known.intervalLength) }
  }

  /// Nil, and a fault, where the epoch has no such site.
  private mutating func siteID(_ site: Int, _ epoch: Int, at sequence: LogSequence) -> SiteID? {
    guard let sites = epochs[epoch]?.sites, site < sites.count else {
      report(.dangling, sequence, because: "no site \(site) in epoch \(epoch)")
      return nil
    }
    return sites[site].id
  }

  private mutating func replace(_ site: SiteID, at instant: UTCInstant, by identity: DeviceIdentity) {
    identities[site] = identity
    for flow in Flow.allCases where recorded[SiteFlow(site: site, flow: flow)] != nil {
      change(SiteFlow(site: site, flow: flow)) { $0.replace(at: instant) }
    }
  }

  mutating func restore(
    _ registers: [SiteRegister], _ epoch: Int, _ flow: Flow, at sequence: LogSequence
  ) {
    for siteRegister in registers {
      guard let sites = epochs[epoch]?.sites, siteRegister.site < sites.count else {
        return report(.dangling, sequence, because: "no site \(siteRegister.site) in epoch \(epoch)")
      }
      let site = sites[siteRegister.site]
      let key = SiteFlow(site: site.id, flow: flow)
      change(key) { $0.restore(siteRegister.register, bridge: site.bridge) }
    }
  }

  /// Records count for both, so that what the records alone say is known at any time.
  private mutating func change(_ key: SiteFlow, _ change: (inout RegisterHistory) -> Void) {
    change(&recorded[key, default: RegisterHistory()])
    guard let read else { return }
    var history = read[key] ?? RegisterHistory()
    change(&history)
    self.read?[key] = history
  }

  /// Forgetting looks at every site, so it is not done for each interval.
  private static let judgementsUntilForgetting = 12

  /// Forgets the boundary registers that no open interval needs any more.
  private mutating func forgetRegisters() {
    guard let judgedThrough else { return }
    let estimated = whereEstimated()
    let gapsSince = judgedThrough.instant - Self.gapsKeptFor
    for key in recorded.keys {
      guard let first = recorded[key]?.firstBoundary else { continue }
      let accounts = (resourcesOfSite[key.site] ?? []).flatMap { seriesOfResource[$0] ?? [] }
        .filter { flows(of: $0).contains(key.flow) }.compactMap { series[$0] }
      change(key) { history in
        history.forget(before: judgedThrough, keepingGapsSince: gapsSince) { readings in
          (estimated[key] ?? []).hasBoundary(in: readings)
            || accounts.contains { $0.isMissing(in: readings, beginningAtOrAfter: first) }
        }
      }
    }
  }

  /// The flows that a series has ever measured.
  func flows(of index: SeriesIndex) -> Set<Flow> {
    guard let key = series[index]?.key else { return [] }
    return Set(epochs.values.compactMap { $0.flow(of: key) })
  }

  /// How long the readings around a gap are kept, for readings out of it that come late.
  static let gapsKeptFor = Milliseconds.seconds(24 * 3_600)

  /// The boundaries of the intervals that each site was estimated in and may still be known of, in order.
  private func whereEstimated() -> [SiteFlow: [IntervalEnding]] {
    var boundaries: [SiteFlow: Set<IntervalEnding>] = [:]
    for account in series.values {
      for ending in account.estimated {
        forEachEstimate(account[ending], account, ending) { key in
          guard !isFinal(key, ending, account.length) else { return }
          boundaries[key, default: []].formUnion([ending.advanced(by: -1, account.length), ending])
        }
      }
    }
    return boundaries.mapValues { $0.sorted() }
  }

  /// What was queued may have been sent by records that are lost, and what was on its way may have lost its submission.
  private mutating func applyDamage(_ explanation: String) {
    damages.append(explanation)
    for id in openSubmissions where submissions[id]?.state == .waiting { update(id) { $0.state = .settled } }
    for index in seriesInOrder {
      for ending in series[index]?.underWay ?? [] {
        _ = series[index]?.update(ending) { obligation in
          let isLost = obligation.submission.map { submissions[$0] == nil } ?? false
          guard isLost || obligation.state == .queued else { return }
          obligation.stated = obligation.revisionInQuestion
          obligation.move(to: .unknown)
          obligation.submission = nil
        }
      }
    }
    for id in openSubmissions where !hasRows(id) { update(id) { $0.state = .settled } }
  }

  private func hasRows(_ id: SubmissionID) -> Bool {
    submissions[id]?.intent.rows.contains { series[$0.series]?[$0.intervalEnding].submission == id } ?? false
  }
}
