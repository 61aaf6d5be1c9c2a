/// Readings that come late, between the two that a turn is known by.
extension RegisterHistory {
  /// Puts a reading before or after the last turn.
  ///
  /// Across a turn with unknown energy all that follows rises by what the reading adds. That changes no interval but those
  /// around the turn; so nothing of it may have been forgotten.
  mutating func refine(
    _ turn: RegisterTurn, _ reading: RegisterAtInstant, _ terms: RegisterTerms
  ) -> Result<[Acceptance], Refusal> {
    guard turn.firstNew.instant - turn.lastOld.instant <= Self.longestSplit,
      let refined = refined(turn, reading, terms.nameplate), let boundaries = boundaries(since: turn, terms.length)
    else { return .failure(.notLater) }
    let before = boundaries.compactMap { register(at: $0) }
    self.turn = refined
    rebase(from: turn.firstNew.base, to: refined.firstNew.base)
    let placed = refined.lastOld.instant == reading.instant ? refined.lastOld : refined.firstNew
    if let index = brackets.firstIndex(where: {
      $0.earlier.instant < placed.instant && placed.instant < $0.later.instant
    }) {
      split(at: index, by: placed, terms.length)
    }
    return .success(before.isEmpty ? [.refined(refined)] : [.refined(refined), .moved(before)])
  }

  private func refined(_ turn: RegisterTurn, _ reading: RegisterAtInstant, _ nameplate: Power) -> RegisterTurn? {
    let old = reading.on(turn.lastOld.base)
    let new = reading.on(turn.firstNew.base)
    let goesOn = Self.isPlausible(old, after: turn.lastOld, nameplate: nameplate)
    let isGoneOnFrom = Self.isPlausible(turn.firstNew, after: new, nameplate: nameplate)
    guard turn.isUnknown else {
      if goesOn, Self.isPlausible(turn.firstNew, after: old, nameplate: nameplate) {
        return RegisterTurn(turn.reason, lastOld: old, firstNew: turn.firstNew)
      }
      guard isGoneOnFrom, Self.isPlausible(new, after: turn.lastOld, nameplate: nameplate) else { return nil }
      return RegisterTurn(turn.reason, lastOld: turn.lastOld, firstNew: new)
    }
    let (last, first) = goesOn ? (old, turn.firstNew) : (turn.lastOld, new)
    guard goesOn || isGoneOnFrom,
      let base = RegisterBase(
        first.register, reads: last.cumulative.millijoules, breaks: turn.firstNew.base.breaks)
    else { return nil }
    return RegisterTurn(turn.reason, lastOld: last, firstNew: first.on(base))
  }

  /// All boundaries from a turn on that have been closed; nil where some have been forgotten.
  private func boundaries(since turn: RegisterTurn, _ length: IntervalLength) -> [IntervalEnding]? {
    guard let baseline else { return nil }
    var boundaries: [IntervalEnding] = []
    var next = Self.firstBoundary(after: turn.lastOld.instant, length)
    for bracket in brackets[brackets.partitioningIndex(where: { $0.later.instant >= next.instant })...] {
      let closed = bracket.boundaries(length)
      guard let first = closed.first, let last = closed.last, first <= next else { return nil }
      boundaries += closed.filter { $0 >= next }
      next = last.advanced(by: 1, length)
    }
    return next.instant > baseline.instant ? boundaries : nil
  }

  /// Moves everything that stands on a base to another one.
  mutating func rebase(from old: RegisterBase, to new: RegisterBase) {
    guard old != new else { return }
    let move = { (reading: inout RegisterAtInstant) in if reading.base == old { reading.base = new } }
    for index in brackets.indices {
      move(&brackets[index].earlier)
      move(&brackets[index].later)
    }
    if baseline?.base == old { baseline?.base = new }
  }
}
