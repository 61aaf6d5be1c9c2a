package import TelemetryCore

/// What was submitted of the schedules and what became of it: a function of the records, at writing as at replay.
package struct ScheduleLedger: Hashable, Sendable {
  /// One revision as it stands.
  package struct Bid: Hashable, Sendable {
    package enum State: Hashable, Sendable {
      /// Nothing of it can have arrived.
      case ready
      /// On its way, or cut off there.
      case sending
      case unknown
      /// Taken in, and not judged yet.
      case taken
      case valid
      case invalid([String])
      case rejected(String)
      /// Never sent, and another revision is in its place.
      case superseded
    }

    package var intent: BidIntent
    package var state = State.ready
    /// How often it has left, or was about to.
    package var attempts = 0
    package var receipt = ""
    /// Why it was not sent, or is unknown.
    package var reason = ""
    /// Since when it is unknown.
    package var unknownSince: UTCInstant?
    /// How often the receiver has said since then that it does not hold it.
    package var absences = 0
    /// When the last record of it was written.
    package var changed: UTCInstant

    package var id: BidID { intent.id }
  }

  private var bids: [BidID: Bid] = [:]
  private var revisions: [BidDay: [BidID]] = [:]
  /// In the order of their intents.
  private var order: [BidID] = []
  /// What makes no sense, in words.
  package private(set) var faults: [String] = []

  package init() {}

  package var all: [Bid] { order.compactMap { bids[$0] } }

  package subscript(id: BidID) -> Bid? { bids[id] }

  /// The last revision.
  package func latest(_ day: BidDay) -> Bid? { revisions[day]?.last.flatMap { bids[$0] } }

  /// The last revision that the receiver holds or may hold; nil where it refused them all.
  package func inForce(_ day: BidDay) -> Bid? {
    let known = (revisions[day] ?? []).compactMap { bids[$0] }
    return known.last { bid in
      switch bid.state {
      case .valid, .taken, .unknown, .sending: true
      case .ready, .invalid, .rejected, .superseded: false
      }
    }
  }

  // MARK: Applying

  package mutating func apply(_ record: ScheduleRecord) {
    guard case .intended(let intent) = record else { return change(record) }
    let earlier = revisions[intent.id.day] ?? []
    guard intent.id.revision == earlier.count + 1 else {
      return faults.append("\(intent.id.name): follows revision \(earlier.count)")
    }
    if let last = earlier.last, bids[last]?.state == .ready { bids[last]?.state = .superseded }
    bids[intent.id] = Bid(intent: intent, changed: intent.created)
    revisions[intent.id.day, default: []].append(intent.id)
    order.append(intent.id)
  }

  private mutating func change(_ record: ScheduleRecord) {
    guard var bid = bids[record.id] else { return faults.append("\(record.id.name): was never intended") }
    guard bid.take(record) else { return faults.append("\(record.id.name): \(record) does not follow \(bid.state)") }
    bids[record.id] = bid
  }

  /// What has to be written down of a command that ended before an answer came: it may have arrived.
  package func interrupted(at now: UTCInstant) -> [ScheduleRecord] {
    all.filter { $0.state == .sending }
      .map { .unknown($0.id, reason: "it was cut off before an answer came", answer: nil, at: now) }
  }
}

extension ScheduleLedger.Bid {
  /// Whether nothing more is to be done about it.
  package var isFinal: Bool {
    switch state {
    case .valid, .invalid, .rejected, .superseded: true
    case .ready, .sending, .unknown, .taken: false
    }
  }

  /// False where the record cannot follow.
  fileprivate mutating func take(_ record: ScheduleRecord) -> Bool {
    switch record {
    case .intended: return false
    case .attempt(_, let number, _, let instant):
      guard state == .ready || state == .unknown, number == attempts + 1 else { return false }
      (state, attempts, changed) = (.sending, number, instant)
    case .notSent(_, let reason, _, let instant):
      guard state == .sending else { return false }
      // What an earlier attempt left open stays open.
      state = unknownSince == nil ? .ready : .unknown
      (self.reason, changed) = (reason, instant)
    case .unknown(_, let reason, _, let instant):
      guard state == .sending || state == .ready else { return false }
      (state, self.reason, changed) = (.unknown, reason, instant)
      (unknownSince, absences) = (instant, 0)
    case .answered(_, let answer, _, let instant):
      guard state == .sending || state == .unknown else { return false }
      changed = instant
      switch answer {
      case .taken(let receipt): (state, self.receipt) = (.taken, receipt)
      case .rejected(let reason): state = .rejected(reason)
      }
    case .verdict(_, let verdict, _, let instant):
      guard state == .unknown || state == .taken else { return false }
      changed = instant
      switch verdict {
      case .valid: state = .valid
      case .invalid(let rules): state = .invalid(rules)
      }
    case .absent(_, _, let instant):
      guard state == .unknown else { return false }
      absences += 1
      changed = instant
    }
    return true
  }
}
