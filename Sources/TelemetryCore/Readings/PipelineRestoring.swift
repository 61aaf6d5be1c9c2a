/// What a start makes of the readings that were stored before it.
extension Pipeline {
  /// Takes a stored reading, those of one site in the order in which they came, before ``Event/started(version:damages:)``.
  ///
  /// It goes where it would have gone had the daemon not stopped, so that a stop within an interval changes no value of
  /// it: what is left of the time since the last boundary in the ledger is in the readings log. Readings that have had
  /// their effect are not taken twice.
  package mutating func restore(_ reading: StoredReading) {
    for flow in Flow.allCases {
      let key = SiteFlow(site: reading.site, flow: flow)
      guard let register = reading.register(flow), readings.isNew(reading.instant, of: key),
        let terms = terms(of: key, at: reading.instant)
      else { continue }
      let result = ledger.accept(RegisterAtInstant(instant: reading.instant, register: register), of: key, terms)
      // A register that was refused is refused again, and was announced when it was read.
      guard case .success(let acceptances) = result else { continue }
      readings.restored += acceptances.map { (key, $0) }
    }
  }

  /// Says which records the readings log begins with, before ``Event/started(version:damages:)``.
  package mutating func restoreReadings(from firstRecord: LogSequence) { readings.firstRecord = firstRecord }

  /// What a site was measured by when the reading was taken: the word of the epoch before the start, which has sites that
  /// the configuration no longer has.
  private func terms(of key: SiteFlow, at instant: UTCInstant) -> RegisterTerms? {
    let site = readings.places[key.site].map { settings.sites[$0] }
    if let before = readings.terms[key.site] {
      return RegisterTerms(
        nameplate: nameplate(of: key.site, at: instant, afterwards: before.nameplate), length: settings.intervalLength,
        bridge: before.bridge, rollover: site?.source.rollover(key.flow) ?? .none)
    }
    return site.map { site in
      RegisterTerms(
        nameplate: site.nameplate, length: settings.intervalLength, bridge: .bridge(scan: site.scan ?? settings.scan),
        rollover: site.source.rollover(key.flow))
    }
  }

  /// The boundaries that stored readings have closed or moved become facts of the ledger where no judgement will write
  /// them down.
  mutating func takeRestored() {
    for (key, acceptance) in readings.restored where take(acceptance, of: key) {
      ledger.resources(everWith: key.site).forEach { sites.noteReturn(of: $0) }
    }
    readings.restored = []
    readings.terms = [:]
    noteWhatIsGone()
  }

  /// Readings may have been removed by a process that was stopped before it could write that down.
  private mutating func noteWhatIsGone() {
    guard let first = readings.firstRecord, let began = ledger.startedAt else { return }
    let gone = LogSequence(first.number - 1)
    guard gone > ledger.readingsShedThrough ?? LogSequence(0) else { return }
    write(
      .readingsShed(
        ReadingsShed(reason: .found, lastRecord: gone, from: began, through: began, readingCount: 0, byteCount: 0)))
    announce(
      .readingsGone,
      "readings: the records up to \(gone.number) of the readings log are gone, and no record said so until now")
  }
}
