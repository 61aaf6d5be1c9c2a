import MarketCore
import NIOCore
import SignedXML
import TelemetryCore

/// The way to a scheduling coordinator's gateway: a JSON document as it is, with nothing around it.
struct GatewayChannel: BidCarrier {
  private let exchange: JSONExchange
  private let profile: JSONProfile
  let settings: SIBRSettings

  init(
    _ settings: GatewaySettings, _ profile: JSONProfile, environment: [String: String], group: any EventLoopGroup
  ) throws(ChannelFault) {
    exchange = try JSONExchange(
      "gateway", as: settings.identity, timeout: settings.calls.timeout, environment: environment, group: group)
    self.settings = settings.calls
    self.profile = profile
  }

  func prepare(payload: [UInt8], _ identity: CallIdentity) throws(XMLProblem) -> PreparedCall {
    Self.call(.submit, payload)
  }

  func prepareQuestion(about intent: BidIntent, _ identity: CallIdentity) throws(XMLProblem) -> PreparedCall? {
    Self.call(.retrieve, profile.question.render(intent.questionValues))
  }

  private static func call(_ service: ChannelService, _ document: [UInt8]) -> PreparedCall {
    let digest = MeteringChannel.digest(document)
    return PreparedCall(
      service: service, payload: document, payloadDigest: digest, envelope: document, envelopeDigest: digest)
  }

  func send(_ call: PreparedCall) async -> CallOutcome<RawAnswer> {
    await exchange.post(call.envelope, to: call.service == .submit ? settings.submit : settings.results)
  }

  func readSubmit(_ answer: RawAnswer) -> SubmitAnswer {
    profile.submitAnswer(status: answer.httpStatus, body: answer.body)
  }

  func finding(_ answer: RawAnswer, about intent: BidIntent) -> BidFinding {
    profile.finding(status: answer.httpStatus, body: answer.body, about: intent)
  }
}
