/// Where an interval that is owed stands, from due to receipt (rule 9 of the accounts).
package enum ObligationState: UInt8, Hashable, Sendable, CaseIterable {
  /// Not judged yet: not begun, in progress, or within its grace.
  case due
  /// Judged, and not all of its registers were there.
  case missing
  /// Sealed, and waiting to be sent.
  case queued
  /// In a submission that is about to leave or on its way.
  case sending
  /// Taken in by the operator, whose validation is not through.
  case validating
  /// May have arrived or not: the operator is asked before anything else happens.
  case unknown
  case accepted
  /// Refused for good. A person must look.
  case rejected
  /// Given up by a person, with a reason.
  case waived

  package var name: String {
    switch self {
    case .due: "due"
    case .missing: "missing"
    case .queued: "queued"
    case .sending: "sending"
    case .validating: "validating"
    case .unknown: "unknown"
    case .accepted: "accepted"
    case .rejected: "rejected"
    case .waived: "waived"
    }
  }
}

/// The revision that the operator is known to hold.
package enum HeldRevision: Hashable, Sendable {
  case none
  case revision(Int)
  /// Unknown: the first or the second, where 0 is none.
  case either(Int, Int)
}

/// One interval that is owed.
package struct Obligation: Hashable, Sendable {
  package var state = ObligationState.due
  package var held = HeldRevision.none
  /// The latest revision, 0 before the first seal.
  package var revision = 0
  package var quality = QualityClass.missing
  /// In wire units.
  package var value: Int64 = 0
  package var energy = Energy.zero
  /// The submission that it is part of, from the intent until the outcome is settled.
  package var submission: SubmissionID?
  /// It goes out with no other series in the submission.
  package var goesAlone = false
  /// The sites that the latest revision stands on.
  package var siteCount = 0

  package init() {}
}

/// All that is owed for one series, and what has come of it.
package struct SeriesAccount: Hashable, Sendable {
  package let key: SeriesKey
  package let length: IntervalLength
  /// What is owed: pairs of first and last interval ending, both included, the last one open while it is owed on.
  package private(set) var owed: [(first: IntervalEnding, last: IntervalEnding?)]
  package var residual = Residual.zero
  /// The intervals in each state that something is still to be done about, in order.
  private var open: [ObligationState: [IntervalEnding]] = [
    .missing: [], .queued: [], .sending: [], .validating: [], .unknown: [],
  ]
  package private(set) var lastAccepted: IntervalEnding?
  /// By place on the grid, from the first interval that was ever owed.
  private var obligations: [Obligation] = []

  /// More intervals than any ledger keeps: forty years of five minutes.
  private static let gridLimit = 4_300_000

  package init(key: SeriesKey, first: IntervalEnding, length: IntervalLength) {
    self.key = key
    self.length = length
    owed = [(first, nil)]
  }

  package var origin: IntervalEnding { owed[0].first }

  package var isOwedOn: Bool { owed.last.map { $0.last == nil } ?? false }

  package mutating func oweAgain(from first: IntervalEnding) { owed.append((first, nil)) }

  package mutating func oweUntil(_ last: IntervalEnding) { owed[owed.count - 1].last = last }

  package func isOwed(_ ending: IntervalEnding) -> Bool {
    owed.contains { $0.first <= ending && ($0.last.map { ending <= $0 } ?? true) }
  }

  /// What is owed up to an ending is arithmetic: it is never read off the states (P1).
  package func owedCount(through end: IntervalEnding) -> Int64 {
    owed.reduce(0) { sum, range in
      let last = min(range.last ?? end, end)
      guard last >= range.first else { return sum }
      return sum + (last.seconds - range.first.seconds) / length.seconds + 1
    }
  }

  /// Nil where the ending is off the grid or before the first that was owed.
  private func place(_ ending: IntervalEnding) -> Int? {
    let distance = ending.seconds - origin.seconds
    guard distance >= 0, distance.isMultiple(of: length.seconds) else { return nil }
    let place = distance / length.seconds
    return place < Int64(Self.gridLimit) ? Int(place) : nil
  }

  package subscript(_ ending: IntervalEnding) -> Obligation {
    guard let place = place(ending), place < obligations.count else { return Obligation() }
    return obligations[place]
  }

  /// Changes the account of one interval, or returns false where it is not owed.
  package mutating func update(_ ending: IntervalEnding, _ change: (inout Obligation) -> Void) -> Bool {
    guard isOwed(ending), let place = place(ending) else { return false }
    while obligations.count <= place { obligations.append(Obligation()) }
    let before = obligations[place].state
    change(&obligations[place])
    let after = obligations[place].state
    guard before != after else { return true }
    if after == .accepted { lastAccepted = max(lastAccepted ?? ending, ending) }
    if let index = open[before]?.partitioningIndex(where: { $0 >= ending }) { open[before]?.remove(at: index) }
    if let index = open[after]?.partitioningIndex(where: { $0 >= ending }) { open[after]?.insert(ending, at: index) }
    return true
  }

  /// How many intervals something is still to be done about.
  package var openCount: Int { open.values.reduce(0) { $0 + $1.count } }
  /// The intervals that are missing, in order.
  package var missing: [IntervalEnding] { open[.missing] ?? [] }
  /// The start of the oldest missing interval that a site can still have a part in: one that begins when it did, or later.
  func oldestMissing(beginningAtOrAfter first: IntervalEnding) -> IntervalEnding? {
    let index = missing.partitioningIndex { $0.seconds - length.seconds >= first.seconds }
    return index < missing.count ? missing[index].advanced(by: -1, length) : nil
  }

  /// The intervals that wait to be sent, in order.
  package var queued: [IntervalEnding] { open[.queued] ?? [] }
  /// The intervals that the operator must be asked about, in order.
  package var unknown: [IntervalEnding] { open[.unknown] ?? [] }

  /// Every interval that has a state, in order, owed or not.
  package func forEach(_ visit: (IntervalEnding, Obligation) -> Void) {
    for (place, obligation) in obligations.enumerated() {
      visit(IntervalEnding(seconds: origin.seconds + Int64(place) * length.seconds, length: .oneSecond), obligation)
    }
  }

  package static func == (left: Self, right: Self) -> Bool {
    left.key == right.key && left.length == right.length && left.residual == right.residual
      && left.obligations == right.obligations && left.owed.elementsEqual(right.owed, by: ==)
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(key) }
}
