import Crypto
import NIOCore
import SignedXML
import TelemetryCore

/// The way to one operator: makes signed envelopes, sends them, reads what comes back.
///
/// Everything but `send` is plain work on bytes that blocks for milliseconds: call it on the channel's queue.
final class MeteringChannel: Sendable {
  let name: ChannelName
  let credentials: ChannelCredentials
  private let profile: WireProfile
  private let services: [ChannelService: ServiceSettings]
  private let signer: MessageSigner
  private let extraction: AnswerExtraction
  private let reader: AnswerReader
  private let exchange: ChannelExchange

  /// Reads certificates and keys and tries them; whatever a person must mend is found here, before the first call.
  init(
    _ settings: ChannelSettings, environment: [String: String], group: any EventLoopGroup
  ) throws(ChannelFault) {
    let credentials = try ChannelCredentials(settings, environment: environment)
    let envelope = settings.profile.envelope
    do {
      signer = try MessageSigner(
        certificatePEM: credentials.certificatePEM, keyPEM: credentials.keyPEM,
        algorithms: SignatureAlgorithms(signature: envelope.signatureAlgorithm, digest: envelope.digestAlgorithm))
    } catch {
      throw ChannelFault("\(error)")
    }
    extraction = AnswerExtraction(settings.profile.answers)
    if let problem = extraction.problems().first {
      throw ChannelFault("wire profile \(settings.profile.name): \(problem)")
    }
    var services: [ChannelService: ServiceSettings] = [.submit: settings.submit, .retrieve: settings.retrieve]
    services[.status] = settings.status
    self.services = services
    self.credentials = credentials
    name = settings.name
    profile = settings.profile
    reader = AnswerReader(settings.profile)
    exchange = ChannelExchange(
      tls: try credentials.tlsConfiguration(), timeout: settings.timeout, group: group)
  }

  // MARK: Before the call

  /// The payload of a submission: the same for the same content, so the first one is stored and every resend reuses it.
  func payload(_ content: SubmissionContent) -> [UInt8] { profile.payload(content) }

  func prepareSubmission(payload: [UInt8], _ identity: CallIdentity) throws(XMLProblem) -> PreparedCall {
    try prepare(.submit, payload: payload, identity)
  }

  /// Nil where the receiver has no batch status.
  func prepareStatus(_ batch: OperatorBatchID, _ identity: CallIdentity) throws(XMLProblem) -> PreparedCall? {
    guard services[.status] != nil, let payload = profile.statusRequest(batch, created: identity.created) else {
      return nil
    }
    return try prepare(.status, payload: payload, identity)
  }

  func prepareRetrieve(_ question: RetrieveQuestion, _ identity: CallIdentity) throws(XMLProblem) -> PreparedCall {
    try prepare(.retrieve, payload: profile.retrieveRequest(question, created: identity.created), identity)
  }

  private func prepare(
    _ service: ChannelService, payload: [UInt8], _ identity: CallIdentity
  ) throws(XMLProblem) -> PreparedCall {
    let attachment = profile.attaches(service) ? Base64.encode(Gzip.compress(payload)) : nil
    let unsigned = profile.envelope(
      EnvelopeContent(
        userName: credentials.userName, nonce: identity.nonce, messageID: identity.messageID,
        created: identity.created,
        payload: attachment.map {
          .attached(String(decoding: $0, as: UTF8.self), hash: AttachmentHash.text(of: $0))
        } ?? .inBody(payload)))
    var envelope = try signer.sign(unsigned.bytes, elements: unsigned.signedElements)
    if isMultipart(service), let attachment {
      envelope = MultipartMessage(envelope: envelope, attachment: attachment).bytes()
    }
    return PreparedCall(
      service: service, payload: payload, payloadDigest: Self.digest(payload), envelope: envelope,
      envelopeDigest: Self.digest(envelope))
  }

  private func isMultipart(_ service: ChannelService) -> Bool {
    profile.envelope.flavour == .multipart && profile.attaches(service)
  }

  /// The digest that the ledger keeps of what was sent and received.
  static func digest(_ bytes: [UInt8]) -> TelemetryCore.Digest {
    guard let digest = TelemetryCore.Digest(Array(SHA256.hash(data: bytes))) else {
      preconditionFailure("SHA-256 has \(TelemetryCore.Digest.byteCount) bytes")
    }
    return digest
  }

  // MARK: The call

  /// Sends a stored envelope and waits for the whole answer, or until the channel's time is up.
  func send(_ envelope: [UInt8], to service: ChannelService) async -> CallOutcome<RawAnswer> {
    guard let target = services[service] else { return .notSent(reason: "the channel has no \(service) service") }
    let type =
      isMultipart(service)
      ? MultipartMessage.contentType(startingWith: MultipartMessage.envelopeID) : "text/xml; charset=utf-8"
    return await exchange.post(envelope, as: type, to: target)
  }

  // MARK: After the call

  func readSubmit(_ answer: RawAnswer) -> SubmitAnswer {
    reader.submitAnswer(extraction.fields(answer, of: .submit))
  }

  func readStatus(_ answer: RawAnswer, asked batch: OperatorBatchID) -> StatusAnswer {
    reader.statusAnswer(extraction.fields(answer, of: .status), asked: batch)
  }

  func readRetrieve(_ answer: RawAnswer) -> RetrieveAnswer {
    reader.retrieveAnswer(extraction.fields(answer, of: .retrieve))
  }
}
