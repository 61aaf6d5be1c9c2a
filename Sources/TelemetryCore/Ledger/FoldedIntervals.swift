/// What is kept in memory of intervals that are settled for good: enough for the law of the accounts, whose sums go over
/// all that was ever owed.
///
/// What else there is to know of them, the records tell.
package struct FoldedIntervals: Hashable, Sendable {
  /// Places side by side that have one state; `due` where nothing was owed.
  package struct Run: Hashable, Sendable {
    package var first: Int
    package var last: Int
    package var state: ObligationState
  }

  /// The sum of the values that were sealed in one unit; no unit where the epoch does not tell it.
  package struct ValueSum: Hashable, Sendable {
    package var unit: WireUnit?
    package var value: Int128
  }

  /// In order, none touching another of its state.
  package private(set) var runs: [Run] = []
  /// In the order in which the units came.
  package private(set) var values: [ValueSum] = []
  /// The exact energies, in millijoules.
  package private(set) var energy: Int128 = 0
  package private(set) var revisionCount = 0

  init() {}

  /// From what a checkpoint keeps; nil where the runs are none.
  init?(runs: [Run], values: [ValueSum], energy: Int128, revisionCount: Int) {
    guard runs.allSatisfy({ $0.first <= $0.last }), zip(runs, runs.dropFirst()).allSatisfy({ $0.last < $1.first })
    else { return nil }
    self.runs = runs
    self.values = values
    self.energy = energy
    self.revisionCount = revisionCount
  }

  private func index(of place: Int) -> Int? {
    let index = runs.partitioningIndex { $0.last >= place }
    return index < runs.count && runs[index].first <= place ? index : nil
  }

  func contains(_ place: Int) -> Bool { index(of: place) != nil }

  /// Tells the state alone.
  func obligation(_ place: Int) -> Obligation {
    var obligation = Obligation()
    if let index = index(of: place) { obligation.state = runs[index].state }
    return obligation
  }

  mutating func add(_ obligation: Obligation, at place: Int, in unit: WireUnit?) {
    addToRuns(place, obligation.state)
    guard obligation.revision > 0 else { return }
    revisionCount += obligation.revision
    energy += Int128(obligation.energy.millijoules)
    if let index = values.firstIndex(where: { $0.unit == unit }) {
      values[index].value += Int128(obligation.value)
    } else {
      values.append(ValueSum(unit: unit, value: Int128(obligation.value)))
    }
  }

  private mutating func addToRuns(_ place: Int, _ state: ObligationState) {
    let index = runs.partitioningIndex { $0.last >= place }
    let joinsBefore = index > 0 && runs[index - 1].last + 1 == place && runs[index - 1].state == state
    let joinsAfter = index < runs.count && runs[index].first == place + 1 && runs[index].state == state
    switch (joinsBefore, joinsAfter) {
    case (true, true):
      runs[index - 1].last = runs[index].last
      runs.remove(at: index)
    case (true, false): runs[index - 1].last = place
    case (false, true): runs[index].first = place
    case (false, false): runs.insert(Run(first: place, last: place, state: state), at: index)
    }
  }
}
