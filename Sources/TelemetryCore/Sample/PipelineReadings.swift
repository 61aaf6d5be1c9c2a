/// Stages 1 and 2: readings become boundary registers.
extension Pipeline {
  mutating func take(_ reading: SiteReading, at now: Moment) {
    guard reading.site.position < settings.sites.count else { return }
    let site = settings.sites[reading.site.position]
    sites.noteReading(reading.site)
    var closedPast = false
    for flow in Flow.allCases {
      guard let register = reading.register(flow) else { continue }
      let taken = take(RegisterAtInstant(instant: reading.instant, register: register), flow, of: site)
      closedPast = closedPast || taken
    }
    guard closedPast else { return }
    ledger.resources(everWith: site.id).forEach { sites.noteReturn(of: $0) }
    sealWhatReturned(at: now)
  }

  /// Returns whether the reading closed a boundary of an interval that has been judged.
  private mutating func take(_ reading: RegisterAtInstant, _ flow: Flow, of site: SiteSettings) -> Bool {
    let key = SiteFlow(site: site.id, flow: flow)
    guard ledger.histories[key] != nil else {
      commission(key, reading)
      return false
    }
    let terms = RegisterTerms(
      nameplate: nameplate(of: site.id, at: reading.instant, afterwards: site.nameplate),
      length: settings.intervalLength, bridge: .bridge(scan: site.scan ?? settings.scan),
      rollover: site.source.rollover(flow))
    switch ledger.accept(reading, of: key, terms) {
    case .failure(let refusal):
      announce(refusal, of: key)
      return false
    case .success(let acceptances):
      noteAccepted(acceptances, key)
      return acceptances.reduce(false) { take($1, of: key) || $0 }
    }
  }

  /// By the epoch in force at the start of the interval that a reading lies in: a change counts from the next one on.
  ///
  /// From the start of the latest epoch on it is what `afterwards` says.
  func nameplate(of site: SiteID, at instant: UTCInstant, afterwards: Power) -> Power {
    guard let latest = ledger.latestEpoch.flatMap({ ledger.epochs[$0] }), instant <= latest.start else {
      return afterwards
    }
    let ending = IntervalEnding(containing: instant, length: settings.intervalLength)
    let inForce = ledger.epoch(forIntervalEnding: ending)?.epoch.sites.first { $0.id == site }
    return inForce?.nameplate ?? afterwards
  }

  /// Returns whether a boundary of an interval that has been judged was closed.
  mutating func take(_ acceptance: RegisterHistory.Acceptance, of key: SiteFlow) -> Bool {
    switch acceptance {
    case .turned(let turn):
      write(turn, key)
      announce(turn, of: key)
      return false
    case .refined(let turn):
      write(turn, key)
      return false
    case .closed(let boundary):
      let closedPast = ledger.judgedThrough.map { boundary <= $0 } ?? false
      if closedPast || boundary == ledger.histories[key]?.firstBoundary { open(key, boundary) }
      return closedPast
    case .moved(let registers):
      sites.noteMoved(registers, of: key)
      return false
    }
  }

  /// The first register of a site is a fact of the ledger, so that no stop after it loses an interval.
  private mutating func commission(_ key: SiteFlow, _ reading: RegisterAtInstant) {
    guard let (number, site) = place(of: key.site) else { return }
    write(.commissioned(epoch: number, flow: key.flow, site: site, reading))
    guard let first = ledger.histories[key]?.firstBoundary else { return }
    announce(
      .siteContributes, "\(key.site): contributes \(key.flow.name) from \(first.instant.text) on", site: key.site)
  }

  /// A boundary that no judgement will write down becomes a fact of the ledger as soon as it is known.
  ///
  /// Those are the first one of a site, and those of intervals that have been judged: another site may keep such an
  /// interval open for long, and the readings are gone after the next stop.
  mutating func open(_ key: SiteFlow, _ boundary: IntervalEnding) {
    guard let (number, site) = place(of: key.site), let register = ledger.histories[key]?.register(at: boundary)
    else { return }
    write(.opened(epoch: number, flow: key.flow, SiteRegister(site: site, register: register)))
  }

  func place(of site: SiteID) -> (epoch: Int, site: Int)? {
    guard let number = ledger.latestEpoch,
      let index = ledger.epochs[number]?.sites.firstIndex(where: { $0.id == site })
    else { return nil }
    return (number, index)
  }

  mutating func siteFellQuiet(_ index: SiteIndex, _ reason: String) {
    guard index.position < settings.sites.count else { return }
    let site = settings.sites[index.position].id
    guard sites.noteQuiet(index) else { return }
    announce(.siteQuiet, "\(site): no reading: \(reason)", site: site)
  }

  mutating func siteCameBack(_ index: SiteIndex) {
    guard index.position < settings.sites.count, sites.noteBack(index) else { return }
    let site = settings.sites[index.position].id
    announce(.siteBack, "\(site): read again", site: site)
  }

  mutating func siteContested(_ index: SiteIndex, _ connection: String) {
    guard index.position < settings.sites.count else { return }
    let site = settings.sites[index.position].id
    announce(
      .connectionContested,
      "\(site): its connection to \(connection) is taken away again and again: the device serves one client, and another "
        + "one comes; find it (a portal, a logger, a second gateway) and let it ask elsewhere", site: site)
  }

  mutating func siteUncontested(_ index: SiteIndex, _ connection: String) {
    guard index.position < settings.sites.count else { return }
    let site = settings.sites[index.position].id
    announce(.connectionFree, "\(site): its connection to \(connection) has been left to us", site: site)
  }
}
