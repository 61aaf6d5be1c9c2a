package import TelemetryCore

/// Something that happened on the way, as it is kept.
package struct RegistrationEvent: Sendable, Hashable {
  package enum Outcome: String, Sendable, Hashable, CaseIterable, Codable {
    case submitted
    case approved
    case refused
    case withdrawn
    /// It goes on, and nothing was decided.
    case noted
    case notNeeded = "not-needed"
  }

  package var resource: ResourceID
  package var step: RegistrationStep
  package var outcome: Outcome
  /// The day on which it happened, which a person may enter later.
  package var date: TradeDate
  /// A letter, a ticket, a project code; empty where there is none.
  package var reference: String
  /// When something is next due, where somebody said.
  package var due: TradeDate?
  /// The digest of the packet that was handed over, in hexadecimal.
  package var packet: String?
  /// The digest of the list of DERs that it is about, in hexadecimal.
  package var ders: String?
  package var recipient: RegistrationRecipient?

  package init(
    resource: ResourceID, step: RegistrationStep, outcome: Outcome, date: TradeDate, reference: String = "",
    due: TradeDate? = nil, packet: String? = nil, ders: String? = nil, recipient: RegistrationRecipient? = nil
  ) {
    self.resource = resource
    self.step = step
    self.outcome = outcome
    self.date = date
    self.reference = reference
    self.due = due
    self.packet = packet
    self.ders = ders
    self.recipient = recipient
  }
}

/// Where a step stands.
package struct StepStatus: Sendable, Hashable {
  package enum State: String, Sendable, Hashable {
    case open
    case submitted
    case approved
    case refused
    case withdrawn
    /// Approved, but for another list of DERs than the one that is registered now.
    case changed
    case notNeeded = "not needed"
  }

  package var step: RegistrationStep
  package var state: State
  package var date: TradeDate?
  package var reference: String
  package var due: TradeDate?
  /// What to do or to wait for; empty where nothing is.
  package var advice: String
}

/// What has happened to the registrations of this house, in the order in which it was recorded.
package struct RegistrationHistory: Sendable {
  package private(set) var events: [RegistrationEvent]

  package init(_ events: [RegistrationEvent] = []) { self.events = events }

  package mutating func append(_ event: RegistrationEvent) { events.append(event) }

  /// The last packet that a recipient was given for a resource.
  package func lastPacket(for resource: ResourceID, to recipient: RegistrationRecipient) -> RegistrationEvent? {
    events.last { $0.resource == resource && $0.recipient == recipient && $0.packet != nil }
  }

  /// Where each step of an aggregation stands; `ders` is the digest of its list of DERs as it is registered now.
  package func steps(
    of aggregation: Aggregation, ders: String, registration: Registration, review: RegistrationReview
  ) -> [StepStatus] {
    RegistrationStep.allCases.map { step in
      status(of: step, aggregation, ders, registration, review)
    }
  }

  private func status(
    of step: RegistrationStep, _ aggregation: Aggregation, _ ders: String, _ registration: Registration,
    _ review: RegistrationReview
  ) -> StepStatus {
    let mine = events.filter { $0.resource == aggregation.resource && $0.step == step }
    guard let last = mine.last(where: { $0.outcome != .noted }) else {
      let note = mine.last
      let isNeeded = step != .telemetry || review.isTelemetryDue(of: aggregation)
      return StepStatus(
        step: step, state: isNeeded ? .open : .notNeeded, date: note?.date, reference: note?.reference ?? "",
        due: note?.due, advice: isNeeded ? openAdvice(step, aggregation) : "below the capacity at which it is a duty")
    }
    let latest = mine.last ?? last
    let submission = mine.last { $0.ders != nil }
    var status = StepStatus(
      step: step, state: Self.state(last.outcome), date: latest.date, reference: latest.reference, due: latest.due,
      advice: "")
    if status.reference.isEmpty { status.reference = last.reference }
    switch last.outcome {
    case .submitted:
      if step == .concurrence, status.due == nil, let period = registration.ruleBook.reviewPeriod(on: last.date) {
        status.due = period.end(after: last.date, holidays: registration.holidays)
        status.advice = "the utility has \(period)"
      }
      if let due = status.due, due < review.date { status.advice = "overdue: ask, then record the answer" }
    case .approved:
      guard step.dependsOnDERs, let filed = submission?.ders, filed != ders else { break }
      status.state = .changed
      status.advice = "the list of DERs has changed since: submit it again"
    case .refused, .withdrawn: status.advice = "mend the cause and submit again"
    case .noted, .notNeeded: break
    }
    return status
  }

  private static func state(_ outcome: RegistrationEvent.Outcome) -> StepStatus.State {
    switch outcome {
    case .submitted: .submitted
    case .approved: .approved
    case .refused: .refused
    case .withdrawn: .withdrawn
    case .notNeeded: .notNeeded
    case .noted: .open
    }
  }

  private func openAdvice(_ step: RegistrationStep, _ aggregation: Aggregation) -> String {
    if let before = step.prerequisite {
      let isApproved =
        events.last { event in
          event.resource == aggregation.resource && event.step == before && event.outcome != .noted
        }?.outcome == .approved
      if !isApproved { return "needs \(before.rawValue) first" }
    }
    switch step {
    case .concurrence: return "register submit --to udc"
    case .agreement: return "register submit --to caiso"
    case .project: return "register submit --to caiso or --to rims"
    default: return "register record \(step.rawValue) when there is news"
    }
  }
}
