/// Whether every interval that is owed has exactly one state, and whether the values add up (P1, P3).
///
/// Replays the ledger and compares it with arithmetic. The law holds when there is no fault.
package struct Audit: Sendable {
  /// The account of one series.
  package struct SeriesReport: Sendable {
    package var key: SeriesKey
    package var first: IntervalEnding
    /// By arithmetic, up to the end of the audit.
    package var owed: Int64
    /// By state; what is owed and not yet judged is due.
    package var counts: [ObligationState: Int64]
    /// The finest that the resource ever had.
    package var unit: WireUnit
    /// The exact energies of all sealed intervals, in millijoules.
    package var energy: Int128
    /// The values of all sealed intervals, each in the unit it was sealed in, in steps of the finest.
    package var value: Int128
    package var residual: Energy

    package func count(_ state: ObligationState) -> Int64 { counts[state] ?? 0 }
  }

  package private(set) var series: [SeriesReport] = []
  package private(set) var faults: [LedgerFault] = []
  package private(set) var damages: [String] = []
  package private(set) var judgedThrough: IntervalEnding?
  package private(set) var recordCount: Int
  /// Faults that the ledger's records show beyond those that are listed.
  package private(set) var unlistedFaultCount: Int

  package var isLawful: Bool { faults.isEmpty }

  /// Audits a ledger up to an instant.
  ///
  /// Intervals that have begun by then are owed; those the ledger has not judged are due.
  package init(of state: LedgerState, recordCount: Int, now: UTCInstant) {
    self.recordCount = recordCount
    faults = state.faults
    unlistedFaultCount = state.faultCount - state.faults.count
    damages = state.damages
    judgedThrough = state.judgedThrough
    for index in state.seriesInOrder {
      guard let account = state.series[index] else { continue }
      add(account, state, now: now)
    }
  }

  /// Takes what a deep replay has found besides.
  package mutating func add(_ faults: [LedgerFault]) { self.faults += faults }

  private mutating func add(_ account: SeriesAccount, _ state: LedgerState, now: UTCInstant) {
    let current = IntervalEnding(containing: now, length: account.length)
    let end = max(current, state.judgedThrough ?? current)
    let units = state.units(of: account.key.resource)
    guard let unit = units.min(by: { $0.millijoules < $1.millijoules }) ?? WireUnit(symbol: "Wh", digits: 0)
    else { return }
    var report = SeriesReport(
      key: account.key, first: account.origin, owed: account.owedCount(through: end), counts: [:], unit: unit,
      energy: 0, value: 0, residual: account.residual.energy)
    var stated = addFolded(account, units, to: &report)
    account.forEach { ending, obligation in
      stated += 1
      report.counts[obligation.state, default: 0] += 1
      checkPlace(of: obligation, ending, account, state)
      guard obligation.revision > 0 else { return }
      report.energy += Int128(obligation.energy.millijoules)
      let steps = units.count == 1 ? 1 : state.steps(of: unit, at: ending, account.key.resource)
      report.value += Int128(obligation.value) * steps
    }
    report.counts[.due] = report.owed - stated
    findHoles(in: account, judgedThrough: state.judgedThrough)
    checkSum(report, coarsest: units.max { $0.millijoules < $1.millijoules } ?? unit, account)
    series.append(report)
  }

  /// Adds what is settled for good, and returns how many intervals that are.
  private mutating func addFolded(
    _ account: SeriesAccount, _ units: Set<WireUnit>, to report: inout SeriesReport
  ) -> Int64 {
    var stated: Int64 = 0
    account.forEachFoldedRun { run, state in
      guard state != .due else { return }
      let count = (run.upperBound.seconds - run.lowerBound.seconds) / account.length.seconds + 1
      stated += count
      report.counts[state, default: 0] += count
      guard account.owedCount(in: run) != count else { return }
      faults.append(
        LedgerFault(
          .notOwed, sequence: nil, series: account.key, intervalEnding: run.lowerBound,
          "intervals from here to \(run.upperBound.instant.text) are \(state.name) and not all of them owed"))
    }
    report.energy += account.folded.energy
    for sum in account.folded.values {
      let steps = units.count == 1 ? 1 : (sum.unit?.millijoules ?? report.unit.millijoules) / report.unit.millijoules
      report.value += sum.value * Int128(steps)
    }
    return stated
  }

  /// A state belongs to an interval that is owed, and one on its way to a submission that is.
  private mutating func checkPlace(
    of obligation: Obligation, _ ending: IntervalEnding, _ account: SeriesAccount, _ state: LedgerState
  ) {
    if !account.isOwed(ending) {
      faults.append(
        LedgerFault(
          .notOwed, sequence: nil, series: account.key, intervalEnding: ending,
          "the interval is \(obligation.state.name) and not owed"))
    }
    guard [.sending, .validating].contains(obligation.state),
      obligation.submission.map({ state.submissions[$0] == nil }) ?? true
    else { return }
    faults.append(
      LedgerFault(
        .dangling, sequence: nil, series: account.key, intervalEnding: ending,
        "the interval is \(obligation.state.name) in a submission that is over"))
  }

  private mutating func findHoles(in account: SeriesAccount, judgedThrough: IntervalEnding?) {
    guard let judgedThrough else { return }
    for hole in account.holes(through: judgedThrough) {
      let (first, last) = (hole.lowerBound, hole.upperBound)
      let which = first == last ? "the interval is" : "all intervals up to \(last.instant.text) are"
      faults.append(
        LedgerFault(
          .hole, sequence: nil, series: account.key, intervalEnding: first,
          "\(which) owed and judged, and without a state"))
    }
  }

  /// What is left over by a seal in a coarse unit stays until the next seal, whatever unit that one has.
  private mutating func checkSum(_ report: SeriesReport, coarsest unit: WireUnit, _ account: SeriesAccount) {
    let accounted = report.value * Int128(report.unit.millijoules) + Int128(report.residual.millijoules)
    guard accounted == report.energy, account.residual.isAtMostHalf(of: unit) else {
      faults.append(
        LedgerFault(
          .conservation, sequence: nil, series: report.key,
          "the values come to \(accounted) mJ with the residual, the exact energies to \(report.energy) mJ"))
      return
    }
  }
}

extension LedgerState {
  /// The wire units that a resource has had.
  fileprivate func units(of resource: ResourceID) -> Set<WireUnit> {
    Set(epochs.values.compactMap { $0.resource(resource)?.unit })
  }

  /// How many steps of a unit make one of the unit that an interval was sealed in.
  ///
  /// A whole number: every unit is that of another one times a power of ten.
  fileprivate func steps(of unit: WireUnit, at ending: IntervalEnding, _ resource: ResourceID) -> Int128 {
    let sealed = epoch(forIntervalEnding: ending)?.epoch.resource(resource)?.unit ?? unit
    return Int128(sealed.millijoules / unit.millijoules)
  }
}
