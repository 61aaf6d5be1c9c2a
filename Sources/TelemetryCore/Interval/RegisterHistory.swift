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
  private var brackets: [Bracket] = []

  package init() {}

  /// Two readings in a row with boundaries between them.
  ///
  /// The boundaries are computed when they are asked for, so the longest gap takes the room of the shortest.
  private struct Bracket: Hashable {
    var earlier: RegisterAtInstant
    var later: RegisterAtInstant
    var bridge: Milliseconds
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

  /// Takes a register and returns the first boundary that it closed, or says why it was not accepted.
  package mutating func accept(
    _ reading: RegisterAtInstant, nameplate: Power, length: IntervalLength, bridge: Milliseconds
  ) -> Result<IntervalEnding?, Refusal> {
    guard let last = baseline else {
      begin(with: reading, length: length)
      return .success(nil)
    }
    if let refusal = Self.refusal(of: reading, after: last, nameplate: nameplate) { return .failure(refusal) }
    baseline = reading
    let boundary = Self.firstBoundary(after: last.instant, length)
    guard boundary.instant <= reading.instant else { return .success(nil) }
    insert(Bracket(earlier: last, later: reading, bridge: bridge))
    firstBoundary = min(firstBoundary ?? boundary, boundary)
    return .success(boundary)
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

  private mutating func insert(_ bracket: Bracket) {
    let index = brackets.partitioningIndex { $0.later.instant >= bracket.later.instant }
    if index < brackets.count, brackets[index].later.instant == bracket.later.instant { return }
    brackets.insert(bracket, at: index)
  }

  package func register(at boundary: IntervalEnding) -> BoundaryRegister? {
    let index = brackets.partitioningIndex { $0.later.instant >= boundary.instant }
    guard index < brackets.count, brackets[index].earlier.instant < boundary.instant else { return nil }
    let bracket = brackets[index]
    return BoundaryRegister(at: boundary, from: bracket.earlier, to: bracket.later, bridge: bracket.bridge)
  }

  /// Forgets the boundaries before one, which no open interval needs any more.
  package mutating func forget(before boundary: IntervalEnding) {
    let index = brackets.partitioningIndex { $0.later.instant >= boundary.instant }
    if index > 0 { brackets.removeFirst(index) }
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
