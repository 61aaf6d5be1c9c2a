import MarketCore
import NIOCore
import TelemetryCore

/// Asks CMRI for the awards of a resource on a trade date.
struct AwardsClient {
  private let channel: MeteringChannel
  private let market: AwardsProfile.Market

  init(
    _ settings: ResultSettings, _ profile: AwardsProfile, _ market: AwardsProfile.Market, as identity: MarketIdentity,
    environment: [String: String], group: any EventLoopGroup
  ) throws(ChannelFault) {
    guard let wire = profile.profile(market) else {
      throw ChannelFault("the profile cmri has no question for \(market)")
    }
    channel = try MeteringChannel(
      ChannelSettings.asking("cmri", settings, wire, as: identity), environment: environment, group: group)
    self.market = market
  }

  enum Outcome {
    case results([ResultStore.Result])
    case failed(ExitStatus, String)
  }

  func ask(
    _ resource: ResourceID, of coordinator: SchedulingCoordinatorID, on date: TradeDate, zone: TimeZoneTransitions
  ) async throws -> Outcome {
    guard let length = market.length else { return .failed(.data, "no such market") }
    let endings = date.intervalEndings(length, in: zone)
    guard let first = endings.first, let last = endings.last else { return .results([]) }
    let question = RetrieveQuestion(
      schedulingCoordinator: coordinator, resource: resource, measurement: MeasurementType("EN"),
      intervalLength: length, first: first, last: last)
    let call = try channel.prepareRetrieve(question, .unique(at: SystemClock().now().utc))
    let answer: RawAnswer
    switch await channel.send(call.envelope, to: .retrieve) {
    case .notSent(let reason), .noAnswer(let reason): return .failed(.unavailable, "not reached: \(reason)")
    case .answered(let raw): answer = raw
    }
    switch channel.readRetrieve(answer) {
    case .failed(.throttled): return .failed(.temporary, "asked too often")
    case .failed(.refused(let reason)): return .failed(.data, "the call is refused: \(reason)")
    case .failed(.unreadable(let reason)): return .failed(.data, "an answer that cannot be used: \(reason)")
    case .held(let values):
      let known = Set(endings.map(\.instant))
      let mine = values.filter { $0.resource == resource && known.contains($0.intervalEnding) }
      let results = mine.compactMap { Self.result($0, length, market) }
      guard results.count == mine.count else { return .failed(.data, "an award that is no number of MW") }
      return .results(results.sorted { $0.start < $1.start })
    }
  }

  /// The profile's unit is MWh only in name: awards are MW, and nothing is made of them.
  private static func result(
    _ held: HeldValue, _ length: IntervalLength, _ market: AwardsProfile.Market
  ) -> ResultStore.Result? {
    guard let value = held.value else { return nil }
    let digits = held.unit?.digits ?? 3
    return ResultStore.Result(
      resource: held.resource.name, start: (held.intervalEnding - Milliseconds.seconds(length.seconds)).text,
      megawatts: ExactDecimal.format(value, digits: digits), source: market.rawValue)
  }
}
