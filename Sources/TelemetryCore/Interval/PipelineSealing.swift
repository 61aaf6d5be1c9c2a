/// Stages 3 and 4: intervals are judged when they are due, and sealed when their registers are there.
extension Pipeline {
  /// Site registers written in one go, some 2 MB of records: after a long stop the next tick goes on.
  private static let registersPerCommit = 20_000

  mutating func judgeWhatIsDue(at now: Moment) {
    sealWhatReturned()
    guard sites.mayJudge(at: now.uptime) else { return }
    while unwrittenRegisters < Self.registersPerCommit {
      guard let boundary = nextToJudge, boundary.instant + settings.grace <= now.utc else { return }
      for index in ledger.seriesInOrder {
        guard let account = ledger.series[index], account.isOwed(boundary), account[boundary].state == .due
        else { continue }
        judge(index, boundary)
      }
      write(.judged(through: boundary))
    }
  }

  /// The first boundary that has not been judged.
  private var nextToJudge: IntervalEnding? {
    if let judged = ledger.judgedThrough { return judged.advanced(by: 1, settings.intervalLength) }
    return ledger.series.values.map(\.origin).min()
  }

  private mutating func judge(_ index: SeriesIndex, _ ending: IntervalEnding) {
    guard let (judgement, terms) = judgement(of: index, ending) else { return }
    switch judgement {
    case .whole(let energy, let quality, let shares):
      seal(index, ending, terms, .due, energy, quality, shares)
    case .open(let open, let registers):
      write(
        .missing(
          MissingInterval(
            series: index, intervalEnding: ending, epoch: terms.number, flow: terms.flow, open: open,
            registers: registers)))
      announceMissing(terms, ending, open)
    }
  }

  /// Seals the missing intervals whose registers are all there by now.
  mutating func sealWhatReturned() {
    while let resource = sites.returned.first {
      for index in ledger.seriesInOrder where ledger.series[index]?.key.resource == resource {
        for ending in ledger.series[index]?.missing ?? [] {
          guard unwrittenRegisters < Self.registersPerCommit else { return }
          guard let (judgement, terms) = judgement(of: index, ending),
            case .whole(let energy, let quality, let shares) = judgement
          else { continue }
          seal(index, ending, terms, .registersReturned, energy, quality, shares)
        }
      }
      sites.returned.removeFirst()
    }
  }

  /// What an interval of a series is computed with.
  private struct Terms {
    var number: Int
    var epoch: ConfigurationEpoch
    var key: SeriesKey
    var flow: Flow
    var unit: WireUnit
  }

  private func judgement(of index: SeriesIndex, _ ending: IntervalEnding) -> (Judgement, Terms)? {
    guard let key = ledger.series[index]?.key, let (number, epoch) = ledger.epoch(forIntervalEnding: ending),
      let resource = epoch.resource(key.resource),
      let measurement = resource.measurements.first(where: { $0.type == key.measurement })
    else { return nil }
    let judgement = Judgement(
      resource: key.resource, flow: measurement.flow, ending: ending, epoch: epoch, histories: ledger.histories)
    return (judgement, Terms(number: number, epoch: epoch, key: key, flow: measurement.flow, unit: resource.unit))
  }

  private mutating func seal(
    _ index: SeriesIndex, _ ending: IntervalEnding, _ terms: Terms, _ reason: Seal.Reason, _ energy: Energy,
    _ quality: QualityClass, _ shares: [SiteShare]
  ) {
    guard let account = ledger.series[index] else { return }
    let before = account[ending]
    var residual = account.residual
    let steps = residual.account(for: energy - before.energy, unit: terms.unit)
    write(
      .sealed(
        Seal(
          reference: RevisionReference(series: index, intervalEnding: ending, revision: before.revision + 1),
          epoch: terms.number, flow: terms.flow, quality: quality, reason: reason, energy: energy,
          value: before.value + steps, residual: residual.energy,
          readingsThrough: shares.map(\.siteRegister.register.later.instant).max() ?? ending.instant,
          shares: shares)))
    if isHeld(terms.key.resource) { announceInterval(index, ending, "sealed, channel on hold") }
  }

  private func isHeld(_ resource: ResourceID) -> Bool {
    guard let name = ledger.channel(of: resource) else { return true }
    return settings.channels.first { $0.name == name }?.mode != .live
  }

  /// The one line for each resource and interval.
  mutating func announceInterval(
    _ index: SeriesIndex, _ ending: IntervalEnding, _ outcome: String, _ priority: Announcement.Priority = .info
  ) {
    guard let account = ledger.series[index], let (_, epoch) = ledger.epoch(forIntervalEnding: ending),
      let unit = epoch.resource(account.key.resource)?.unit
    else { return }
    let obligation = account[ending]
    let siteCount = epoch.sites.count { $0.resource == account.key.resource }
    let key = account.key
    announce(
      priority,
      "\(key.resource) \(ending.instant.clockText) \(key.measurement) \(unit.text(obligation.value)) \(unit.symbol) "
        + "\(obligation.siteCount)/\(siteCount) sites \(outcome)",
      resource: key.resource, intervalEnding: ending, submission: obligation.submission)
  }

  private mutating func announceMissing(_ terms: Terms, _ ending: IntervalEnding, _ open: [Int]) {
    let names = open.prefix(5).map { terms.epoch.sites[$0].id.name }.joined(separator: ", ")
    let more = open.count > 5 ? " and \(open.count - 5) more" : ""
    let why = open.isEmpty ? "no site has been read on both sides of its start" : "no register of \(names)\(more)"
    announce(
      .warning,
      "\(terms.key.resource) \(ending.instant.clockText) \(terms.key.measurement) missing: \(why); it is sealed when "
        + "the registers return", resource: terms.key.resource, intervalEnding: ending)
  }
}

extension LedgerRecord {
  /// The site registers that the record names, which is what makes records long.
  var registerCount: Int {
    switch self {
    case .sealed(let seal): seal.shares.count
    case .missing(let missing): missing.registers.count
    default: 0
    }
  }
}
