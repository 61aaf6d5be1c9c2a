/// Readings that do not go on from the last accepted one, and what is decided of them (rule 5 of the accounts).
///
/// They wait in the order of their instants, whatever the order in which they come. A reading that goes on from the last
/// accepted one ends the suspicion of those before it: the register had bounced. Three in a row that go on from each other
/// decide that it counts from somewhere else now.
extension RegisterHistory {
  /// So many readings in a row that go on from each other decide.
  static let decidingCount = 3
  /// A register that is zero is absent for so long: many devices tell zero while they start or sleep.
  static let zeroPatience = Milliseconds.seconds(15 * 60)
  /// A register that has counted since its reset goes back to what it was before within this time, or not at all.
  static let returnPatience = Milliseconds.seconds(24 * 3_600)
  /// More than the readings of a run that nothing has been decided of; older ones are forgotten.
  private static let suspectLimit = 16

  /// Returns false where a reading of this instant waits already.
  mutating func suspect(_ reading: RegisterAtInstant) -> Bool {
    let index = suspects.partitioningIndex { $0.instant >= reading.instant }
    guard index == suspects.count || suspects[index].instant != reading.instant else { return false }
    suspects.insert(reading.on(.zero), at: index)
    leaveOutZeros(around: index)
    if suspects.count > Self.suspectLimit { suspects.removeFirst() }
    return true
  }

  /// Of zeros in a row the first two and the last tell all.
  private mutating func leaveOutZeros(around index: Int) {
    func isZero(_ place: Int) -> Bool { suspects.indices.contains(place) && suspects[place].register.raw == 0 }
    for place in stride(from: min(index + 2, suspects.count - 2), through: max(index - 1, 2), by: -1)
    where isZero(place) && isZero(place - 1) && isZero(place - 2) && isZero(place + 1) {
      suspects.remove(at: place)
    }
  }

  /// Works off what waits, once there is more of it or another baseline.
  mutating func settleSuspects(_ terms: RegisterTerms, _ done: inout [Acceptance]) {
    while let last = baseline, !suspects.isEmpty {
      suspects.removeAll { $0.instant <= last.instant }
      if let index = suspects.firstIndex(where: { refusal(of: $0, terms) == nil }) {
        advance(to: suspects[index].on(last.base), terms, &done)
      } else if let first = decidingRun(terms.nameplate), let turn = turn(to: first, terms) {
        take(turn, terms, &done)
      } else {
        return
      }
    }
  }

  /// Why a reading after the baseline does not go on from it; nil where it does.
  func refusal(of reading: RegisterAtInstant, _ terms: RegisterTerms) -> Refusal? {
    guard let baseline else { return nil }
    if let refusal = Self.refusal(of: reading.on(baseline.base), after: baseline, nameplate: terms.nameplate) {
      return refusal
    }
    // However long ago: what it tells then is what it told before its reset, and no energy.
    guard baseline.register.raw == 0, let back = returned(reading, terms) else { return nil }
    return .mayHaveReturned(to: back.register)
  }

  /// The first of a run of readings that decides.
  private func decidingRun(_ nameplate: Power) -> RegisterAtInstant? {
    var start = 0
    for end in suspects.indices {
      if end > start, !Self.isPlausible(suspects[end], after: suspects[end - 1], nameplate: nameplate) { start = end }
      guard end - start + 1 >= Self.decidingCount else { continue }
      let isZero = suspects[end].register.raw == 0
      if !isZero || suspects[end].instant - suspects[start].instant >= Self.zeroPatience { return suspects[start] }
    }
    return nil
  }

  private func turn(to first: RegisterAtInstant, _ terms: RegisterTerms) -> RegisterTurn? {
    guard let baseline else { return nil }
    if let back = returned(first, terms) { return RegisterTurn(.returned, lastOld: baseline, firstNew: back) }
    if let over = rolledOver(first, terms) { return RegisterTurn(.rollover, lastOld: baseline, firstNew: over) }
    return begun(first, .reset)
  }

  /// A turn across which the energy counts as none.
  func begun(_ first: RegisterAtInstant, _ reason: RegisterTurn.Reason) -> RegisterTurn? {
    guard let baseline else { return nil }
    return RegisterBase(
      first.register, reads: baseline.cumulative.millijoules, breaks: baseline.base.breaks + 1
    ).map { RegisterTurn(reason, lastOld: baseline, firstNew: first.on($0)) }
  }

  /// A reading on the base of before the last reset, where it goes on from there.
  private func returned(_ reading: RegisterAtInstant, _ terms: RegisterTerms) -> RegisterAtInstant? {
    guard let turn, turn.reason == .reset, let baseline, baseline.instant >= turn.firstNew.instant,
      baseline.register.raw == 0 || reading.instant - turn.firstNew.instant <= Self.returnPatience
    else { return nil }
    let base = RegisterBase(offset: turn.lastOld.base.offset, breaks: baseline.base.breaks + 1)
    let back = reading.on(base)
    guard back.cumulative >= baseline.cumulative,
      Self.isPlausible(back, after: turn.lastOld, nameplate: terms.nameplate)
    else { return nil }
    return back
  }

  /// A reading on the base of after a rollover, where what was counted up to it and since is plausible.
  private func rolledOver(_ reading: RegisterAtInstant, _ terms: RegisterTerms) -> RegisterAtInstant? {
    guard let baseline, baseline.register.scale == reading.register.scale,
      baseline.register.raw > reading.register.raw,
      let period = terms.rollover.period(holding: baseline.register.raw)
    else { return nil }
    let counts = period - Int128(baseline.register.raw) + Int128(reading.register.raw)
    let limit = Self.plausibleRise(from: baseline, to: reading, nameplate: terms.nameplate)
    guard let rise = reading.register.millijoules(counts), rise <= limit,
      let whole = reading.register.millijoules(period), limit < whole,
      let base = RegisterBase(
        reading.register, reads: baseline.cumulative.millijoules + rise, breaks: baseline.base.breaks)
    else { return nil }
    return reading.on(base)
  }
}
