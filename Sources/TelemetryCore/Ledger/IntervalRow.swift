/// One interval as people and programs are shown it.
package struct IntervalRow: Hashable, Sendable {
  package var resource: ResourceID
  package var measurement: MeasurementType
  package var intervalEnding: IntervalEnding
  /// As the states of obligations, with `measuring` for what is due and has begun.
  package var state: String
  /// Nil before the first seal.
  package var value: String?
  package var unit: String
  package var quality: QualityClass
  package var revision: Int
  package var siteCount: Int
  package var submission: SubmissionID?
  /// Who answered for the resource when the interval began.
  package var schedulingCoordinator: SchedulingCoordinatorID?

  package init(
    resource: ResourceID, measurement: MeasurementType, intervalEnding: IntervalEnding, state: String, value: String?,
    unit: String, quality: QualityClass, revision: Int, siteCount: Int, submission: SubmissionID?
  ) {
    self.resource = resource
    self.measurement = measurement
    self.intervalEnding = intervalEnding
    self.state = state
    self.value = value
    self.unit = unit
    self.quality = quality
    self.revision = revision
    self.siteCount = siteCount
    self.submission = submission
  }
}

extension LedgerState {
  /// The intervals of every series that lie in a range of endings and have begun, in order of series and time.
  ///
  /// The range is the first and the last ending, both included, or nil for all.
  package func rows(in range: ClosedRange<UTCInstant>?, now: UTCInstant) -> [IntervalRow] {
    seriesInOrder.flatMap { index -> [IntervalRow] in
      guard let account = series[index] else { return [] }
      let current = IntervalEnding(containing: now, length: account.length).instant
      let first = max(range?.lowerBound ?? account.origin.instant, account.origin.instant)
      let last = min(range?.upperBound ?? current, current)
      return rows(of: account, from: first, through: last, now: now)
    }
  }

  private func rows(
    of account: SeriesAccount, from first: UTCInstant, through last: UTCInstant, now: UTCInstant
  ) -> [IntervalRow] {
    var rows: [IntervalRow] = []
    var ending = IntervalEnding(containing: first, length: account.length)
    while ending.instant <= last {
      if account.isOwed(ending) { rows.append(row(of: account, ending, now: now)) }
      ending = ending.advanced(by: 1, account.length)
    }
    return rows
  }

  /// The last intervals of each series that have begun, oldest first.
  package func latestRows(count: Int64, now: UTCInstant) -> [[IntervalRow]] {
    seriesInOrder.compactMap { index in
      guard let account = series[index] else { return nil }
      let current = IntervalEnding(containing: now, length: account.length)
      let first = current.advanced(by: 1 - count, account.length).instant
      return rows(of: account, from: max(first, account.origin.instant), through: current.instant, now: now)
    }
  }

  private func row(of account: SeriesAccount, _ ending: IntervalEnding, now: UTCInstant) -> IntervalRow {
    let obligation = account[ending]
    let resource = epoch(forIntervalEnding: ending)?.epoch.resource(account.key.resource)
    let unit = resource?.unit
    let isMeasuring = obligation.state == .due && ending.start(account.length) <= now
    var row = IntervalRow(
      resource: account.key.resource, measurement: account.key.measurement, intervalEnding: ending,
      state: isMeasuring ? "measuring" : obligation.state.name,
      value: obligation.revision > 0 ? unit?.text(obligation.value) : nil, unit: unit?.symbol ?? "",
      quality: obligation.quality, revision: obligation.revision, siteCount: obligation.siteCount,
      submission: obligation.submission)
    row.schedulingCoordinator = resource?.schedulingCoordinator
    return row
  }
}
