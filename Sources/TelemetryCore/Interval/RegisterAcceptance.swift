/// How a history takes readings.
extension RegisterHistory {
  /// What a reading has told, beside that it was read.
  package enum Acceptance: Hashable, Sendable {
    /// This boundary is closed, the first one since the reading before, and those between.
    case closed(IntervalEnding)
    /// Readings came late, and the registers on these boundaries are no longer what they were.
    case moved([BoundaryRegister])
    /// The register does not go on where it was, and this was decided.
    case turned(RegisterTurn)
    /// A reading that came late lies closer to the last turn than those that it was known by.
    case refined(RegisterTurn)
  }

  /// Takes a register, or says why it was not accepted.
  ///
  /// Readings may come late, twice and in any order: the registers on the boundaries are those that the same readings
  /// would have given in the order of their instants, as far as nothing was decided meanwhile that they speak against.
  /// The result is empty where the reading lies in an interval that is still in progress.
  package mutating func accept(
    _ reading: RegisterAtInstant, _ terms: RegisterTerms
  ) -> Result<[Acceptance], Refusal> {
    guard baseline != nil else {
      begin(with: reading, length: terms.length)
      return .success([])
    }
    var done: [Acceptance] = []
    takeUpTurn(before: reading.instant, terms, &done)
    guard let last = baseline, reading.instant > last.instant else {
      return done.isEmpty ? acceptLate(reading, terms) : .success(done)
    }
    if let turn, last.instant < turn.firstNew.instant, turn.lastOld.instant < reading.instant {
      return .failure(.notLater)
    }
    if let replacedAt, last.instant <= replacedAt, replacedAt < reading.instant, let turn = begun(reading, .replaced) {
      take(turn, terms, &done)
    } else if let refusal = refusal(of: reading, terms) {
      guard suspect(reading) else { return .failure(.notLater) }
      settleSuspects(terms, &done)
      return done.isEmpty ? .failure(refusal) : .success(done)
    } else {
      advance(to: reading.on(last.base), terms, &done)
    }
    settleSuspects(terms, &done)
    return .success(done)
  }

  /// Makes a reading the baseline.
  mutating func advance(to reading: RegisterAtInstant, _ terms: RegisterTerms, _ done: inout [Acceptance]) {
    guard let last = baseline else { return }
    baseline = reading
    let boundary = Self.firstBoundary(after: last.instant, terms.length)
    guard boundary.instant <= reading.instant else { return }
    insert(Bracket(earlier: last, later: reading, bridge: terms.bridge))
    firstBoundary = min(firstBoundary ?? boundary, boundary)
    done.append(.closed(boundary))
  }

  /// Goes on from the first reading after a turn.
  mutating func take(_ turn: RegisterTurn, _ terms: RegisterTerms, _ done: inout [Acceptance]) {
    self.turn = turn
    if turn.reason == .replaced { replacedAt = nil }
    done.append(.turned(turn))
    advance(to: turn.firstNew, terms, &done)
  }

  /// After a start the ledger may tell of a turn that the readings have yet to come to.
  private mutating func takeUpTurn(before instant: UTCInstant, _ terms: RegisterTerms, _ done: inout [Acceptance]) {
    guard let turn, let last = baseline, last.instant < turn.firstNew.instant, turn.firstNew.instant <= instant
    else { return }
    suspects = []
    if last.instant < turn.lastOld.instant { advance(to: turn.lastOld, terms, &done) }
    advance(to: turn.firstNew, terms, &done)
  }

  // MARK: Late readings

  /// The longest gap that late readings are put into: 31 days.
  static let longestSplit = Milliseconds.seconds(31 * 24 * 3_600)

  /// Puts a reading between the two that a boundary was computed from.
  ///
  /// One that lies between no such two readings would change no boundary.
  private mutating func acceptLate(
    _ reading: RegisterAtInstant, _ terms: RegisterTerms
  ) -> Result<[Acceptance], Refusal> {
    if let turn, turn.lastOld.instant < reading.instant, reading.instant < turn.firstNew.instant {
      return refine(turn, reading, terms)
    }
    let index = brackets.partitioningIndex { $0.later.instant > reading.instant }
    guard index < brackets.count else { return .failure(.notLater) }
    let bracket = brackets[index]
    guard bracket.earlier.instant < reading.instant, bracket.takesLateReadings,
      bracket.earlier.base == bracket.later.base
    else { return .failure(.notLater) }
    let placed = reading.on(bracket.earlier.base)
    for (earlier, later) in [(bracket.earlier, placed), (placed, bracket.later)] {
      if let refusal = Self.refusal(of: later, after: earlier, nameplate: terms.nameplate) { return .failure(refusal) }
    }
    let before = bracket.boundaries(terms.length).compactMap { register(at: $0) }
    split(at: index, by: placed, terms.length)
    return .success([.moved(before)])
  }

  mutating func split(at index: Int, by reading: RegisterAtInstant, _ length: IntervalLength) {
    let bracket = brackets.remove(at: index)
    for part in [
      Bracket(earlier: bracket.earlier, later: reading, bridge: bracket.bridge),
      Bracket(earlier: reading, later: bracket.later, bridge: bracket.bridge),
    ] where !part.boundaries(length).isEmpty { insert(part) }
  }
}
