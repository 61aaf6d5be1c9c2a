import MarketCore
import SignedXML
import TelemetryCore

/// A way to a receiver of schedules and back: what to send, and what an answer says.
protocol BidCarrier: Sendable {
  var settings: SIBRSettings { get }
  func prepare(payload: [UInt8], _ identity: CallIdentity) throws(XMLProblem) -> PreparedCall
  /// Nil where there is nothing to ask about.
  func prepareQuestion(about intent: BidIntent, _ identity: CallIdentity) throws(XMLProblem) -> PreparedCall?
  func send(_ call: PreparedCall) async -> CallOutcome<RawAnswer>
  func readSubmit(_ answer: RawAnswer) -> SubmitAnswer
  func finding(_ answer: RawAnswer, about intent: BidIntent) -> BidFinding
}

extension BidChannel: BidCarrier {}

/// What a schedule is written as, for whom it goes to.
enum BidForm: Sendable {
  case sibr(BidProfile)
  case gateway(JSONProfile)

  var route: BidRoute {
    switch self {
    case .sibr: .sibr
    case .gateway: .gateway
    }
  }

  /// The same bytes for the same arguments (P9).
  func payload(
    of schedule: DaySchedule, coordinator: SchedulingCoordinatorID, created: UTCInstant, revision: Int
  ) -> [UInt8] {
    let payload = SchedulePayload([schedule], coordinator: coordinator, created: created, revision: revision)
    return switch self {
    case .sibr(let profile): payload.xml(profile)
    case .gateway(let profile): payload.json(profile)
    }
  }
}
