package import TelemetryCore

/// What to do about a schedule that a person wants submitted.
package enum ScheduleDecision: Hashable, Sendable {
  /// Submit it as this revision.
  case submit(BidID)
  /// The same was submitted: nothing new is sent, and what is open of it is followed.
  case same(BidID)
  /// Another revision is on its way: it comes to its end first.
  case after(BidID)
  /// The same was refused: the same bytes would be refused again.
  case refused(BidID)
}

extension ScheduleLedger {
  /// Changes nothing; with `again` what was refused is submitted once more, since its cause was mended at the receiver.
  package func decide(_ schedule: DaySchedule, again: Bool) -> ScheduleDecision {
    let day = BidDay(resource: schedule.resource, tradeDate: schedule.tradeDate)
    guard let last = latest(day) else { return .submit(id(of: day, after: 0)) }
    let next = id(of: day, after: last.id.revision)
    guard last.intent.isSame(as: schedule) else {
      return last.isFinal || last.state == .ready ? .submit(next) : .after(last.id)
    }
    switch last.state {
    case .invalid, .rejected: return again ? .submit(next) : .refused(last.id)
    default: return .same(last.id)
    }
  }

  private func id(of day: BidDay, after revision: Int) -> BidID {
    BidID(resource: day.resource, tradeDate: day.tradeDate, revision: revision + 1)
  }
}

/// What is done next about one revision.
package enum BidStep: Hashable, Sendable {
  case send
  /// The receiver is asked what it holds of it.
  case ask
  /// It was not sent, and the market is closed.
  case closed
  case finished
}

/// When an unknown outcome counts as not sent.
package struct BidTerms: Hashable, Sendable {
  /// How long the absence must hold.
  package var settle: Milliseconds
  /// In how many asks.
  package var asks = 3

  package init(settle: Milliseconds) { self.settle = settle }
}

extension ScheduleLedger.Bid {
  /// `closes` is when the market closes for it; nil where there is none.
  package func step(_ terms: BidTerms, closes: UTCInstant?, now: UTCInstant) -> BidStep {
    let isOpen = closes.map { now < $0 } ?? false
    switch state {
    case .ready: return isOpen ? .send : .closed
    case .sending, .taken: return .ask
    case .unknown:
      let hasSettled = unknownSince.map { now - $0 >= terms.settle } ?? false
      return isOpen && hasSettled && absences >= terms.asks ? .send : .ask
    case .valid, .invalid, .rejected, .superseded: return .finished
    }
  }
}
