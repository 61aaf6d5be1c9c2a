/// All that is owed for one series, and what has come of it.
package struct SeriesAccount: Hashable, Sendable {
  package let key: SeriesKey
  package let length: IntervalLength
  /// What is owed: pairs of first and last interval ending, both included, the last one open while it is owed on.
  package private(set) var owed: [(first: IntervalEnding, last: IntervalEnding?)]
  package var residual = Residual.zero
  /// The intervals in each state that something is still to be done about, in order; a person, where it is rejected.
  private var open: [ObligationState: [IntervalEnding]] = [
    .missing: [], .queued: [], .sending: [], .validating: [], .unknown: [], .rejected: [],
  ]
  /// The intervals that some site was estimated in and that its registers will revise, in order.
  package private(set) var estimated: [IntervalEnding] = []
  package private(set) var lastAccepted: IntervalEnding?
  private(set) var grid = ObligationGrid()

  package init(key: SeriesKey, first: IntervalEnding, length: IntervalLength) {
    self.key = key
    self.length = length
    owed = [(first, nil)]
  }

  /// From what a checkpoint keeps: the lists follow from the intervals.
  init(
    key: SeriesKey, length: IntervalLength, owed: [(first: IntervalEnding, last: IntervalEnding?)],
    residual: Residual, lastAccepted: IntervalEnding?, grid: ObligationGrid
  ) {
    self.key = key
    self.length = length
    self.owed = owed
    self.residual = residual
    self.lastAccepted = lastAccepted
    self.grid = grid
    forEach { ending, obligation in
      open[obligation.state]?.append(ending)
      noteEstimates(ending, obligation)
    }
  }

  package var origin: IntervalEnding { owed[0].first }

  package var isOwedOn: Bool { owed.last.map { $0.last == nil } ?? false }

  package mutating func oweAgain(from first: IntervalEnding) { owed.append((first, nil)) }

  package mutating func oweUntil(_ last: IntervalEnding) { owed[owed.count - 1].last = last }

  package func isOwed(_ ending: IntervalEnding) -> Bool {
    owed.contains { $0.first <= ending && ($0.last.map { ending <= $0 } ?? true) }
  }

  /// What is owed up to an ending is arithmetic: it is never read off the states (P1).
  package func owedCount(through end: IntervalEnding) -> Int64 { owedCount(in: min(origin, end)...end) }

  /// The same between two endings, both included.
  package func owedCount(in span: ClosedRange<IntervalEnding>) -> Int64 {
    owed.reduce(0) { sum, range in
      let first = max(range.first, span.lowerBound)
      let last = min(range.last ?? span.upperBound, span.upperBound)
      guard last >= first else { return sum }
      return sum + (last.seconds - first.seconds) / length.seconds + 1
    }
  }

  /// Nil where the ending is off the grid or before the first that was owed.
  private func place(_ ending: IntervalEnding) -> Int? {
    let distance = ending.seconds - origin.seconds
    guard distance >= 0, distance.isMultiple(of: length.seconds) else { return nil }
    return Int(distance / length.seconds)
  }

  private func ending(at place: Int) -> IntervalEnding { origin.advanced(by: Int64(place), length) }

  package subscript(_ ending: IntervalEnding) -> Obligation { place(ending).map { grid[$0] } ?? Obligation() }

  /// Changes the account of one interval, or returns false where it is not owed.
  package mutating func update(_ ending: IntervalEnding, _ change: (inout Obligation) -> Void) -> Bool {
    guard isOwed(ending), let place = place(ending), !grid.isFolded(place) else { return false }
    let before = grid[place].state
    change(&grid[place])
    noteEstimates(ending, grid[place])
    let after = grid[place].state
    guard before != after else { return true }
    if after == .accepted { lastAccepted = max(lastAccepted ?? ending, ending) }
    if let index = open[before]?.partitioningIndex(where: { $0 >= ending }) { open[before]?.remove(at: index) }
    if let index = open[after]?.partitioningIndex(where: { $0 >= ending }) { open[after]?.insert(ending, at: index) }
    return true
  }

  private mutating func noteEstimates(_ ending: IntervalEnding, _ obligation: Obligation) {
    let index = estimated.partitioningIndex { $0 >= ending }
    let isKnown = index < estimated.count && estimated[index] == ending
    let isEstimated = !obligation.estimates.isEmpty && obligation.state != .waived
    guard isKnown != isEstimated else { return }
    if isKnown { estimated.remove(at: index) } else { estimated.insert(ending, at: index) }
  }

  /// How many intervals something is still to be done about, but for those that wait for a person.
  package var openCount: Int { open.reduce(0) { $0 + ($1.key == .rejected ? 0 : $1.value.count) } }

  /// The intervals that end after one instant, and at another or before, and that the operator does not hold and nobody has
  /// waived: how many by state, and the oldest; nil where there is none.
  package func unsettled(
    after start: UTCInstant, through end: UTCInstant
  ) -> (counts: [ObligationState: Int], oldest: IntervalEnding)? {
    var counts: [ObligationState: Int] = [:]
    var oldest: IntervalEnding?
    for (state, endings) in open {
      let first = endings.partitioningIndex { $0.instant > start }
      let last = endings.partitioningIndex { $0.instant > end }
      guard first < last else { continue }
      counts[state] = last - first
      oldest = min(oldest ?? endings[first], endings[first])
    }
    return oldest.map { (counts, $0) }
  }

  /// The intervals that are missing, in order.
  package var missing: [IntervalEnding] { open[.missing] ?? [] }
  /// Whether an interval is missing that has a boundary between two readings of a site, and that the site can still have a
  /// part in: one that begins when the site did, or later.
  func isMissing(in readings: ClosedRange<UTCInstant>, beginningAtOrAfter first: IntervalEnding) -> Bool {
    let index = missing.partitioningIndex { $0.instant >= readings.lowerBound && $0.start(length) >= first.instant }
    return index < missing.count && missing[index].start(length) <= readings.upperBound
  }

  /// The intervals that wait to be sent, in order.
  package var queued: [IntervalEnding] { open[.queued] ?? [] }
  /// The intervals that the operator must be asked about, in order.
  package var unknown: [IntervalEnding] { open[.unknown] ?? [] }

  /// The intervals that are sealed and have no outcome.
  var underWay: [IntervalEnding] {
    [.queued, .sending, .validating, .unknown].flatMap { open[$0] ?? [] }
  }

  /// Every interval that has a state and is not folded, in order.
  package func forEach(_ visit: (IntervalEnding, Obligation) -> Void) {
    grid.forEach { place, obligation in
      if obligation.state != .due { visit(ending(at: place), obligation) }
    }
  }

  // MARK: What is settled for good

  /// What is known of the intervals that are settled for good.
  package var folded: FoldedIntervals { grid.folded }

  /// The interval is settled for good: only its state is kept here, the records tell the rest.
  package func isFolded(_ ending: IntervalEnding) -> Bool { place(ending).map(grid.isFolded) ?? false }

  /// Every run of folded intervals that have one state, in order.
  package func forEachFoldedRun(_ visit: (ClosedRange<IntervalEnding>, ObligationState) -> Void) {
    for run in grid.folded.runs { visit(ending(at: run.first)...ending(at: run.last), run.state) }
  }

  /// Folds the pages that end before an instant, in which everything is settled and no boundary can be moved any more, but
  /// for those that are kept.
  ///
  /// - Parameters:
  ///   - end: the instant
  ///   - open: between these readings a boundary can still be moved
  ///   - kept: what lies between these instants
  ///   - isFinal: whether no register can come any more for any of the sites that an interval was estimated for
  ///   - unit: of the value of an interval
  mutating func fold(
    before end: UTCInstant, open: [ClosedRange<UTCInstant>], keeping kept: ClosedRange<UTCInstant>?,
    isFinal: (IntervalEnding, Obligation) -> Bool, unit: (IntervalEnding) -> WireUnit?
  ) {
    for page in grid.pages.keys.sorted() {
      let endings = ObligationGrid.places(of: page)
      let (first, last) = (ending(at: endings.lowerBound), ending(at: endings.upperBound))
      guard last.instant <= end else { return }
      // A boundary that moves changes the interval that it begins, and the one that it ends.
      let span = first.start(length)...last.instant
      guard !open.contains(where: { $0.overlaps(span) }), isSettled(page, isFinal) else { continue }
      if let kept, first.instant <= kept.upperBound, kept.lowerBound <= last.instant {
        grid.noteSettled(page)
      } else {
        let (origin, length) = (origin, length)
        grid.fold(page) { place in unit(origin.advanced(by: Int64(place), length)) }
        estimated.removeAll { first <= $0 && $0 <= last }
      }
    }
  }

  private func isSettled(_ page: Int, _ isFinal: (IntervalEnding, Obligation) -> Bool) -> Bool {
    zip(ObligationGrid.places(of: page), grid.pages[page] ?? []).allSatisfy { place, obligation in
      let ending = ending(at: place)
      switch obligation.state {
      case .accepted: return isOwed(ending) && (obligation.estimates.isEmpty || isFinal(ending, obligation))
      case .waived: return isOwed(ending)
      case .due: return !isOwed(ending)
      default: return false
      }
    }
  }

  /// Whether nothing in a range of instants can change any more.
  package func isSettled(_ range: ClosedRange<UTCInstant>) -> Bool {
    let last = IntervalEnding(containing: range.upperBound, length: length)
    var next = max(origin, IntervalEnding(containing: range.lowerBound, length: length))
    while next <= last {
      guard !isOwed(next) || place(next).map(grid.isSettled) ?? true else { return false }
      next = next.advanced(by: 1, length)
    }
    return true
  }

  /// The owed intervals up to an ending that have no state, as runs of first and last.
  package func holes(through end: IntervalEnding) -> [ClosedRange<IntervalEnding>] {
    let stated = statedRuns
    var holes: [ClosedRange<IntervalEnding>] = []
    for range in owed {
      var next = range.first
      let last = min(range.last ?? end, end)
      for run in stated where run.upperBound >= next && run.lowerBound <= last {
        if run.lowerBound > next { holes.append(next...run.lowerBound.advanced(by: -1, length)) }
        next = run.upperBound.advanced(by: 1, length)
      }
      if next <= last { holes.append(next...last) }
    }
    return holes
  }

  /// The intervals that have a state, as runs in order.
  private var statedRuns: [ClosedRange<IntervalEnding>] {
    var runs: [ClosedRange<IntervalEnding>] = []
    forEachFoldedRun { run, state in
      if state != .due { runs.append(run) }
    }
    forEach { ending, _ in runs.append(ending...ending) }
    return runs.sorted { $0.lowerBound < $1.lowerBound }
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.key == right.key && left.length == right.length && left.residual == right.residual
      && left.grid == right.grid && left.owed.elementsEqual(right.owed, by: ==)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(key) }
}
