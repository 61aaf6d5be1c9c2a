/// What is known of one register of one site: where it was last, and what it stood at on the boundaries that still matter.
///
/// Fed by readings while the daemon runs and by ledger records when it starts, with the same result.
package struct RegisterHistory: Sendable, Equatable {
  /// The last register that was accepted: what the next one is judged against.
  package private(set) var baseline: RegisterAtInstant?
  /// The first boundary after the first reading.
  ///
  /// Before it the site does not contribute.
  package private(set) var firstBoundary: IntervalEnding?
  /// In ascending order, each with at least one boundary in it.
  private(set) var brackets: [Bracket] = []

  package init() {}

  /// From what a checkpoint keeps.
  init(baseline: RegisterAtInstant?, firstBoundary: IntervalEnding?, brackets: [Bracket]) {
    self.baseline = baseline
    self.firstBoundary = firstBoundary
    self.brackets = brackets
  }

  /// Two readings in a row with boundaries between them.
  ///
  /// The boundaries are computed when they are asked for, so the longest gap takes the room of the shortest.
  struct Bracket: Hashable, Sendable {
    var earlier: RegisterAtInstant
    var later: RegisterAtInstant
    var bridge: Milliseconds

    var takesLateReadings: Bool { later.instant - earlier.instant <= RegisterHistory.longestSplit }

    func hasInstants(of other: Self) -> Bool {
      earlier.instant == other.earlier.instant && later.instant == other.later.instant
    }

    func boundaries(_ length: IntervalLength) -> [IntervalEnding] {
      let first = RegisterHistory.firstBoundary(after: earlier.instant, length)
      guard first.instant <= later.instant else { return [] }
      let count = (later.instant.seconds - first.seconds) / length.seconds
      return (0...count).map { first.advanced(by: $0, length) }
    }
  }

  /// Why a register was not accepted.
  package enum Refusal: Error, Hashable, Sendable {
    /// Not after the one that was accepted last.
    case notLater
    /// Less than the one that was accepted last.
    case wentBack(from: EnergyRegister, to: EnergyRegister)
    /// More than the site can have moved since.
    case tooFast(rise: Energy?, atMost: Energy)
  }

  /// The largest power a site may show, as a share of its nameplate: 125 %.
  private static let plausibleShare = (numerator: Int128(5), denominator: Int128(4))

  /// What a reading has told.
  package enum Acceptance: Hashable, Sendable {
    /// It lies in an interval that is still in progress.
    case noted
    /// It closed this boundary, the first one since the reading before it, and those between.
    case closed(IntervalEnding)
    /// It came late, and the registers on these boundaries are no longer what they were.
    case moved([BoundaryRegister])
  }

  /// Takes a register, or says why it was not accepted.
  ///
  /// Readings may come late, twice and in any order: the registers on the boundaries are those that the same readings
  /// would have given in the order of their instants.
  package mutating func accept(
    _ reading: RegisterAtInstant, nameplate: Power, length: IntervalLength, bridge: Milliseconds
  ) -> Result<Acceptance, Refusal> {
    guard let last = baseline else {
      begin(with: reading, length: length)
      return .success(.noted)
    }
    guard reading.instant > last.instant else { return acceptLate(reading, nameplate: nameplate, length: length) }
    if let refusal = Self.refusal(of: reading, after: last, nameplate: nameplate) { return .failure(refusal) }
    baseline = reading
    let boundary = Self.firstBoundary(after: last.instant, length)
    guard boundary.instant <= reading.instant else { return .success(.noted) }
    insert(Bracket(earlier: last, later: reading, bridge: bridge))
    firstBoundary = min(firstBoundary ?? boundary, boundary)
    return .success(.closed(boundary))
  }

  /// The longest gap that late readings are put into: 31 days.
  static let longestSplit = Milliseconds.seconds(31 * 24 * 3_600)

  /// Puts a reading between the two that a boundary was computed from.
  ///
  /// One that lies between no such two readings would change no boundary.
  private mutating func acceptLate(
    _ reading: RegisterAtInstant, nameplate: Power, length: IntervalLength
  ) -> Result<Acceptance, Refusal> {
    let index = brackets.partitioningIndex { $0.later.instant > reading.instant }
    guard index < brackets.count else { return .failure(.notLater) }
    let bracket = brackets[index]
    guard bracket.earlier.instant < reading.instant, bracket.takesLateReadings else { return .failure(.notLater) }
    for (earlier, later) in [(bracket.earlier, reading), (reading, bracket.later)] {
      if let refusal = Self.refusal(of: later, after: earlier, nameplate: nameplate) { return .failure(refusal) }
    }
    let before = bracket.boundaries(length).compactMap { register(at: $0) }
    brackets.remove(at: index)
    for part in [
      Bracket(earlier: bracket.earlier, later: reading, bridge: bracket.bridge),
      Bracket(earlier: reading, later: bracket.later, bridge: bracket.bridge),
    ] where !part.boundaries(length).isEmpty { insert(part) }
    return .success(.moved(before))
  }

  private static func refusal(
    of reading: RegisterAtInstant, after last: RegisterAtInstant, nameplate: Power
  ) -> Refusal? {
    guard reading.instant > last.instant else { return .notLater }
    let before = last.register.cumulative
    let now = reading.register.cumulative
    guard now >= before else { return .wentBack(from: last.register, to: reading.register) }
    let rise = now.millijoules - before.millijoules
    let limit = plausibleRise(from: last, to: reading, nameplate: nameplate)
    guard rise <= limit else {
      return .tooFast(rise: now.energy(since: before), atMost: Energy(millijoules: Int64(clamping: limit)))
    }
    return nil
  }

  /// Nameplate times elapsed times 125 %, and one count of the register at each end.
  private static func plausibleRise(
    from last: RegisterAtInstant, to reading: RegisterAtInstant, nameplate: Power
  ) -> Int128 {
    let elapsed = Int128((reading.instant - last.instant).count)
    let moved = Int128(nameplate.milliwatts) * elapsed / 1_000
    let count = EnergyRegister(raw: 1, scale: reading.register.scale)?.cumulative.millijoules ?? 0
    return moved * plausibleShare.numerator / plausibleShare.denominator + 2 * count
  }

  /// Takes the first register there ever was.
  package mutating func begin(with reading: RegisterAtInstant, length: IntervalLength) {
    let boundary = Self.firstBoundary(after: reading.instant, length)
    firstBoundary = min(firstBoundary ?? boundary, boundary)
    if baseline == nil { baseline = reading }
  }

  private static func firstBoundary(after instant: UTCInstant, _ length: IntervalLength) -> IntervalEnding {
    IntervalEnding(containing: instant + Milliseconds(1), length: length)
  }

  /// Takes what the ledger says about a boundary, and with it what it says about the others between the same readings.
  package mutating func restore(_ register: BoundaryRegister, bridge: Milliseconds) {
    guard register.earlier.instant < register.boundary.instant,
      register.boundary.instant <= register.later.instant
    else { return }
    if baseline.map({ $0.instant < register.later.instant }) ?? true { baseline = register.later }
    firstBoundary = min(firstBoundary ?? register.boundary, register.boundary)
    insert(Bracket(earlier: register.earlier, later: register.later, bridge: bridge))
  }

  /// Two readings that lie closer together stand in the place of those around them.
  private mutating func insert(_ bracket: Bracket) {
    var index = brackets.partitioningIndex { $0.later.instant >= bracket.later.instant }
    if index < brackets.count, brackets[index].earlier.instant < bracket.later.instant {
      guard brackets[index].earlier.instant <= bracket.earlier.instant, !brackets[index].hasInstants(of: bracket)
      else { return }
      brackets.remove(at: index)
    }
    index = brackets.partitioningIndex { $0.later.instant >= bracket.later.instant }
    brackets.insert(bracket, at: index)
  }

  /// Between these readings one that comes late can still move a boundary.
  var open: [ClosedRange<UTCInstant>] {
    brackets.filter(\.takesLateReadings).map { $0.earlier.instant...$0.later.instant }
  }

  /// Whether a register on a boundary that has none can never come any more: readings begin where the last one was.
  func isPast(_ boundary: IntervalEnding) -> Bool {
    guard let baseline, baseline.instant >= boundary.instant else { return false }
    return register(at: boundary) == nil
  }

  /// The register on a boundary that has been closed.
  ///
  /// `bridge` is that of the epoch that the register is asked for by; without one, as it was when the boundary was closed.
  package func register(at boundary: IntervalEnding, bridge: Milliseconds? = nil) -> BoundaryRegister? {
    let index = brackets.partitioningIndex { $0.later.instant >= boundary.instant }
    guard index < brackets.count, brackets[index].earlier.instant < boundary.instant else { return nil }
    let bracket = brackets[index]
    return BoundaryRegister(at: boundary, from: bracket.earlier, to: bracket.later, bridge: bridge ?? bracket.bridge)
  }

  /// The last boundary that has been closed.
  package func lastBoundary(_ length: IntervalLength) -> IntervalEnding? { brackets.last?.boundaries(length).last }

  /// Forgets the boundaries before one, but for those of gaps that ended after an instant, and those between two instants
  /// that an open interval still needs.
  package mutating func forget(
    before boundary: IntervalEnding, keepingGapsSince instant: UTCInstant,
    needed: (ClosedRange<UTCInstant>) -> Bool = { _ in false }
  ) {
    brackets.removeAll { bracket in
      guard bracket.later.instant < boundary.instant else { return false }
      let isGap = bracket.later.instant - bracket.earlier.instant > bracket.bridge
      guard !isGap || bracket.later.instant < instant else { return false }
      return !needed(bracket.earlier.instant...bracket.later.instant)
    }
  }
}

extension Array {
  /// The first index whose element fulfils a claim that holds for all elements from there on.
  func partitioningIndex(where claim: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = low + (high - low) / 2
      if claim(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
