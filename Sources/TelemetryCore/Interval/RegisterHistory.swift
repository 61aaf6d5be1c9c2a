/// What is known of one register of one site: where it was last, and what it stood at on the boundaries that still matter.
///
/// Fed by readings while the daemon runs and by ledger records when it starts, with the same result.
package struct RegisterHistory: Sendable, Equatable {
  /// The last register that was accepted: what the next one is judged against.
  package internal(set) var baseline: RegisterAtInstant?
  /// The first boundary after the first reading.
  ///
  /// Before it the site does not contribute.
  package internal(set) var firstBoundary: IntervalEnding?
  /// In ascending order, each with at least one boundary in it.
  var brackets: [Bracket] = []
  /// The last time that the register did not go on where it was.
  package internal(set) var turn: RegisterTurn?
  /// Another meter was found at this instant, and has not been read since.
  var replacedAt: UTCInstant?
  /// Readings after the baseline that do not go on from it, in the order of their instants; on no base.
  ///
  /// What is decided of them is a fact of the ledger, they are not: a start finds them in the readings log.
  var suspects: [RegisterAtInstant] = []

  package init() {}

  /// From what a checkpoint keeps.
  init(
    baseline: RegisterAtInstant?, firstBoundary: IntervalEnding?, brackets: [Bracket], turn: RegisterTurn?,
    replacedAt: UTCInstant?
  ) {
    self.baseline = baseline
    self.firstBoundary = firstBoundary
    self.brackets = brackets
    self.turn = turn
    self.replacedAt = replacedAt
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

  /// Takes the first register there ever was.
  package mutating func begin(with reading: RegisterAtInstant, length: IntervalLength) {
    let boundary = Self.firstBoundary(after: reading.instant, length)
    firstBoundary = min(firstBoundary ?? boundary, boundary)
    if baseline == nil { baseline = reading }
  }

  static func firstBoundary(after instant: UTCInstant, _ length: IntervalLength) -> IntervalEnding {
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

  /// Takes what the ledger says about a turn; the readings around it may be known already, or have yet to come.
  package mutating func restore(_ turn: RegisterTurn) {
    guard turn != self.turn else { return }
    if let known = self.turn, known.isRefined(by: turn) { rebase(from: known.firstNew.base, to: turn.firstNew.base) }
    self.turn = turn
    if turn.reason == .replaced { replacedAt = nil }
  }

  /// The first reading after this instant is another meter's.
  package mutating func replace(at instant: UTCInstant) {
    if baseline != nil { replacedAt = instant }
  }

  /// Two readings that lie closer together stand in the place of those around them.
  mutating func insert(_ bracket: Bracket) {
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

  /// Of what the registers on an interval's boundaries say of it, as far as they are known.
  func quality(of ending: IntervalEnding, _ length: IntervalLength, bridge: Milliseconds) -> QualityClass {
    let begin = register(at: ending.advanced(by: -1, length), bridge: bridge)
    let end = register(at: ending, bridge: bridge)
    guard let begin, let end else { return begin?.quality ?? end?.quality ?? .measured }
    return .between(begin, end)
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
