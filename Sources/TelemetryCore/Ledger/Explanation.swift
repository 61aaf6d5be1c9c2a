/// Where one value comes from and what became of it: from the registers of each site to the receipt.
///
/// Fed with every record of a ledger in order; keeps those that are about one interval of one series.
package struct Explanation: Sendable {
  /// One record, told.
  package struct Step: Hashable, Sendable {
    package var record: LogSequence
    package var kind: RecordKind
    package var sentence: String
    package var shares: [Share] = []
  }

  /// What one site gave.
  package struct Share: Hashable, Sendable {
    package var site: SiteID
    package var energy: Energy
    package var quality: QualityClass
    /// In ten-thousandths.
    package var lossFactor: Int64
    /// The register on the interval's start; nil where the ledger has lost it.
    package var start: BoundaryRegister?
    package var end: BoundaryRegister
  }

  package let key: SeriesKey
  package let ending: IntervalEnding
  package private(set) var steps: [Step] = []
  package private(set) var state: LedgerState
  private let checkpoint: LogSequence?
  private var index: SeriesIndex?
  private var submissions: Set<SubmissionID> = []
  /// The registers on the interval's start.
  private var starts: [SiteFlow: BoundaryRegister] = [:]

  /// Begins with what is known before the first record that is fed, which nothing about the interval is part of.
  package init(of key: SeriesKey, ending: IntervalEnding, from start: LedgerReplay = LedgerReplay()) {
    self.key = key
    self.ending = ending
    state = start.state
    checkpoint = start.checkpoint
    tellOfCheckpoint()
  }

  private mutating func tellOfCheckpoint() {
    guard let checkpoint, let index = state.seriesIndex[key], let account = state.series[index] else { return }
    self.index = index
    if let owed = account.owed.last(where: { $0.first <= ending }) {
      let sentence = "owed from the interval ending \(owed.first.instant.text) on"
      steps.append(Step(record: checkpoint, kind: .checkpoint, sentence: sentence))
    }
    let begin = ending.advanced(by: -1, account.length)
    for (site, history) in state.histories { starts[site] = history.register(at: begin) }
  }

  /// No record can tell anything of it any more.
  package var isSettled: Bool { state.isKeptSettled }

  /// Nil where the interval has never been owed.
  package var obligation: Obligation? {
    guard let account = index.flatMap({ state.series[$0] }), account.isOwed(ending) else { return nil }
    return account[ending]
  }

  package mutating func take(_ sequence: LogSequence, _ record: LogRecord) {
    if let checkpoint, sequence <= checkpoint { return }
    let decoded: LedgerRecord
    do throws(LedgerDecodingProblem) {
      decoded = try LedgerRecord(record)
    } catch {
      return state.report(.unreadable, sequence, because: "\(error)")
    }
    tell(decoded, at: sequence)
  }

  private mutating func tell(_ record: LedgerRecord, at sequence: LogSequence) {
    state.apply(record, at: sequence)
    noteStarts(record)
    guard let told = tell(record) else { return }
    steps.append(Step(record: sequence, kind: record.kind, sentence: told.sentence, shares: told.shares))
  }

  // MARK: Which records are about it

  private mutating func tell(_ record: LedgerRecord) -> (sentence: String, shares: [Share])? {
    switch record {
    case .owedFrom(let index, let key, let first, _) where key == self.key:
      self.index = index
      return first <= ending ? ("owed from the interval ending \(first.instant.text) on", []) : nil
    case .owedUntil(let index, let last) where index == self.index:
      return ("owed until the interval ending \(last.instant.text)", [])
    case .missing(let missing) where missing.series == index && missing.intervalEnding == ending:
      return (sentence(missing), [])
    case .sealed(let seal) where isAbout(seal.reference): return (sentence(seal, "sealed"), shares(of: seal))
    case .turned(let epoch, let flow, let site, let turn): return tell(turn, flow, site, epoch)
    case .adjusted(let seal) where isAbout(seal.reference): return (sentence(seal, "adjusted"), shares(of: seal))
    case .intent(let intent) where intent.rows.contains(where: isAbout):
      submissions.insert(intent.id)
      return ("goes out in submission \(intent.id) with \(intent.rows.count) values in all", [])
    case .waived(let decided): return tell("waived", decided)
    case .resubmitted(let decided): return tell("to be sent again", decided)
    case .resolvedByPerson(let decided, let isHeld):
      return tell(isHeld ? "found to be held by the operator" : "found not to be held by the operator", decided)
    default: return tellOfSubmission(record).map { ($0, []) }
    }
  }

  private func tell(_ what: String, _ decided: DecidedIntervals) -> (sentence: String, shares: [Share])? {
    guard decided.series == index, decided.runs.contains(where: { $0.first <= ending && ending <= $0.last })
    else { return nil }
    return ("\(what), by \(decided.decision.user) at \(decided.decision.at.text): \(decided.decision.reason)", [])
  }

  /// A turn tells why an interval that it lies in is what it is.
  private func tell(
    _ turn: RegisterTurn, _ flow: Flow, _ site: Int, _ epoch: Int
  ) -> (sentence: String, shares: [Share])? {
    guard let known = state.epochs[epoch], site < known.sites.count, known.flow(of: key) == flow,
      known.sites[site].resource == key.resource, ending.start(known.intervalLength) < turn.firstNew.instant,
      turn.lastOld.instant < ending.instant
    else { return nil }
    return ("\(known.sites[site].id): \(turn.sentence(flow))", [])
  }

  private func isAbout(_ reference: RevisionReference) -> Bool {
    reference.series == index && reference.intervalEnding == ending
  }

  private func tellOfSubmission(_ record: LedgerRecord) -> String? {
    switch record {
    case .attempt(let id, let number, let created, _) where submissions.contains(id):
      return "submission \(id), attempt \(number) at \(created.text)"
    case .notSent(let id, let reason) where submissions.contains(id): return "not sent: \(reason)"
    case .taken(let id, let batch, let isFinal, _) where submissions.contains(id):
      let receipt = batch.map { "with receipt \($0)" } ?? "without a receipt"
      return isFinal ? "accepted \(receipt)" : "taken in \(receipt), to be validated"
    case .rejected(let id, let reason, _) where submissions.contains(id): return "rejected: \(reason)"
    case .unprocessed(let id, let reason, _) where submissions.contains(id): return "not looked at: \(reason)"
    case .disbanded(let id, let reason) where submissions.contains(id):
      return "submission \(id) given up, to go out in another: \(reason)"
    case .unknown(let id, let reason) where submissions.contains(id):
      return "not known whether it arrived: \(reason)"
    case .verdict(let id, let verdict, _) where submissions.contains(id): return sentence(verdict)
    case .resolved(let resolution): return sentence(resolution)
    default: return nil
    }
  }

  // MARK: Sentences

  private func sentence(_ missing: MissingInterval) -> String {
    let sites = state.epochs[missing.epoch]?.sites ?? []
    let names = missing.open.filter { $0 < sites.count }.map { sites[$0].id.name }
    return names.isEmpty
      ? "missing: no site had been read on both sides of its start"
      : "missing: no register of \(names.joined(separator: ", "))"
  }

  private func sentence(_ seal: Seal, _ what: String) -> String {
    let unit = state.epochs[seal.epoch]?.resource(key.resource)?.unit
    let value = unit.map { "\($0.text(seal.value)) \($0.symbol)" } ?? "\(seal.value) wire units"
    return "\(what) \(seal.quality.name)\(seal.reason.words) at \(seal.at.text): revision "
      + "\(seal.reference.revision), \(value) for exactly \(seal.energy.millijoules) mJ, residual "
      + "\(seal.residual.millijoules) mJ, readings through \(seal.readingsThrough.timestamp(.milliseconds))"
      + estimates(seal)
  }

  private func estimates(_ seal: Seal) -> String {
    let sites = state.epochs[seal.epoch]?.sites ?? []
    let told = seal.estimates.filter { $0.site < sites.count }.map {
      "\(sites[$0.site].id.name) \($0.energy.millijoules) mJ by \($0.method.name)"
    }
    return told.isEmpty ? "" : "; estimated for " + told.joined(separator: ", ")
  }

  private func sentence(_ verdict: LedgerRecord.Verdict) -> String {
    switch verdict {
    case .accepted: "accepted by the operator's validation"
    case .faulty(let faults):
      faults.first { isAbout($0.reference) }.map { "rejected by the operator's validation: \($0.message)" }
        ?? "the operator's validation found fault with the submission, not with this value"
    }
  }

  private func sentence(_ resolution: Resolution) -> String? {
    if resolution.held.contains(where: isAbout) { return "the operator holds it: accepted" }
    if resolution.absent.contains(where: isAbout) { return "the operator does not hold it: queued again" }
    return nil
  }

  // MARK: Registers

  private mutating func noteStarts(_ record: LedgerRecord) {
    switch record {
    case .opened(let epoch, let flow, let register): noteStart(register, epoch, flow)
    case .missing(let missing): missing.registers.forEach { noteStart($0, missing.epoch, missing.flow) }
    case .sealed(let seal), .adjusted(let seal):
      seal.shares.forEach { noteStart($0.siteRegister, seal.epoch, seal.flow) }
    default: break
    }
  }

  private mutating func noteStart(_ siteRegister: SiteRegister, _ epoch: Int, _ flow: Flow) {
    guard let known = state.epochs[epoch], siteRegister.site < known.sites.count,
      siteRegister.register.boundary.instant == ending.start(known.intervalLength)
    else { return }
    starts[SiteFlow(site: known.sites[siteRegister.site].id, flow: flow)] = siteRegister.register
  }

  private func shares(of seal: Seal) -> [Share] {
    guard let sites = state.epochs[seal.epoch]?.sites else { return [] }
    return seal.shares.filter { $0.siteRegister.site < sites.count }.map { share in
      let site = sites[share.siteRegister.site]
      return Share(
        site: site.id, energy: share.energy, quality: share.quality,
        lossFactor: site.lossFactors.factor(seal.flow), start: starts[SiteFlow(site: site.id, flow: seal.flow)],
        end: share.siteRegister.register)
    }
  }
}

extension Seal.Reason {
  fileprivate var words: String {
    switch self {
    case .due: ""
    case .registersReturned: ", when registers had returned"
    case .waited: ", when registers had been waited for long enough"
    case .lateReading: ", when readings had come late"
    }
  }
}
