import MarketCore
import NIOCore
import SignedXML
import TelemetryCore

/// The way to SIBR: makes signed envelopes, sends them, reads what comes back.
struct BidChannel: Sendable {
  private let channel: MeteringChannel
  private let wire: BidProfile.Wire
  private let digits: Int
  private let extraction: AnswerExtraction
  let settings: SIBRSettings

  /// Reads certificates and keys and tries them, before the first call.
  init(
    _ settings: SIBRSettings, _ profile: BidProfile, as identity: MarketIdentity, environment: [String: String],
    group: any EventLoopGroup
  ) throws(ChannelFault) {
    guard let wire = profile.wire else {
      throw ChannelFault(
        "the profile sibr says what a schedule is and not how it travels: `question`, `envelope`, `answers` and "
          + "`results` are missing")
    }
    let settingsOfChannel = ChannelSettings(
      name: ChannelName("sibr"), mode: .live, profile: wire.profile, submit: settings.submit, status: nil,
      retrieve: settings.results, certificate: identity.certificate, key: identity.key, trust: identity.trust,
      userName: settings.userName, spacing: settings.spacing, settle: settings.settle, timeout: settings.timeout)
    channel = try MeteringChannel(settingsOfChannel, environment: environment, group: group)
    extraction = AnswerExtraction(wire.profile.answers)
    if let problem = extraction.problems(of: wire.questions).first {
      throw ChannelFault("the profile sibr: \(problem)")
    }
    self.wire = wire
    self.settings = settings
    digits = profile.digits
  }

  func prepare(payload: [UInt8], _ identity: CallIdentity) throws(XMLProblem) -> PreparedCall {
    try channel.prepareSubmission(payload: payload, identity)
  }

  /// Nil where the intent has no hours, which none of ours is.
  func prepareQuestion(about intent: BidIntent, _ identity: CallIdentity) throws(XMLProblem) -> PreparedCall? {
    guard let hour = IntervalLength(seconds: 3_600), let first = intent.hours.first, let last = intent.hours.last else {
      return nil
    }
    let question = RetrieveQuestion(
      schedulingCoordinator: intent.coordinator, resource: intent.id.resource, measurement: MeasurementType("EN"),
      intervalLength: hour, first: first.ending, last: last.ending)
    return try channel.prepareRetrieve(question, identity)
  }

  func send(_ call: PreparedCall) async -> CallOutcome<RawAnswer> {
    await channel.send(call.envelope, to: call.service)
  }

  func readSubmit(_ answer: RawAnswer) -> SubmitAnswer { channel.readSubmit(answer) }

  func finding(_ answer: RawAnswer, about intent: BidIntent) -> BidFinding {
    wire.finding(extraction.fields(answer, asking: wire.questions), about: intent, digits: digits)
  }
}

extension CallIdentity {
  /// One that no other call has.
  static func unique(at now: UTCInstant) -> Self {
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<24).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    return Self(
      created: now, messageID: bytes.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(),
      nonce: String(decoding: Base64.encode(Array(bytes.suffix(8))), as: UTF8.self))
  }
}
