import Dispatch
import SignedXML
import TelemetryCore

/// Carries out the calls of one channel: bytes and files on `der.channel`, the exchange on the event loops.
///
/// Whatever happens comes back to the pipeline as an event; nothing is decided here.
final class ChannelWorker: Sendable {
  let name: ChannelName
  /// A fault says why the channel cannot work; sites are read and intervals sealed all the same.
  private let channel: Result<MeteringChannel, ChannelFault>
  private let evidence: EvidenceStore
  private let queue: DispatchQueue
  private let post: @Sendable (Pipeline.Event) -> Void
  private let clock = SystemClock()

  init(
    name: ChannelName, channel: Result<MeteringChannel, ChannelFault>, evidence: EvidenceStore,
    queue: DispatchQueue, post: @escaping @Sendable (Pipeline.Event) -> Void
  ) {
    self.name = name
    self.channel = channel
    self.evidence = evidence
    self.queue = queue
    self.post = post
  }

  /// When the channel's certificate ends; nil where it could not be read.
  var certificateEnd: UTCInstant? {
    guard case .success(let channel) = channel else { return nil }
    return channel.credentials.notValidAfter
  }

  var stage: Stage { .queue("channel \(name)", queue) }

  /// A certificate that has expired goes to nobody: the answer would be a refusal, and a person has been told.
  private func usable() throws(ChannelFault) -> MeteringChannel {
    let channel = try channel.get()
    let end = channel.credentials.notValidAfter
    guard clock.now().utc < end else { throw ChannelFault("the certificate has expired, \(end.text)") }
    return channel
  }

  // MARK: Submissions

  func prepare(_ preparation: Pipeline.Preparation, _ number: CallNumber) {
    queue.async { [self] in
      do {
        let call = try store(preparation)
        post(.prepared(number, payloadDigest: call.payloadDigest, envelopeDigest: call.envelopeDigest))
      } catch {
        post(.preparationFailed(number, reason: "\(error)"))
      }
    }
  }

  /// The payload is made once and stored; every later attempt takes it from there, byte for byte.
  private func store(_ preparation: Pipeline.Preparation) throws -> PreparedCall {
    let content = preparation.content
    let submission = Pipeline.StoredSubmission(id: content.id, created: content.created)
    let channel = try usable()
    let stored = storedPayload(preparation, of: submission)
    let call = try channel.prepareSubmission(payload: stored ?? channel.payload(content), identity())
    let isDecidedOn = preparation.payloadDigest.map { $0 == call.payloadDigest } ?? true
    // Another payload than the one that was decided on does not take its place in the evidence.
    guard isDecidedOn else { return call }
    if stored == nil {
      try evidence.write(call.payload, as: .payload, of: submission)
      StopPoint.reach(.payloadStored)
    }
    try evidence.write(call.envelope, as: .envelope(attempt: preparation.attempt), of: submission)
    StopPoint.reach(.envelopeStored)
    return call
  }

  /// What was decided on; nil for a first attempt, and where the disk has lost it: the same content makes the same bytes.
  private func storedPayload(
    _ preparation: Pipeline.Preparation, of submission: Pipeline.StoredSubmission
  ) -> [UInt8]? {
    guard let digest = preparation.payloadDigest, let stored = try? evidence.read(.payload, of: submission),
      MeteringChannel.digest(stored) == digest
    else { return nil }
    return stored
  }

  func send(_ submission: Pipeline.StoredSubmission, attempt: Int, _ number: CallNumber) {
    queue.async { [self] in
      do {
        let channel = try usable()
        let envelope = try evidence.read(.envelope(attempt: attempt), of: submission)
        exchange(channel, envelope, .submit, number) { [self] outcome in
          let digest = keep(outcome, as: .answer(attempt: attempt), of: submission)
          post(.submitEnded(number, outcome.map(channel.readSubmit), answerDigest: digest))
        }
      } catch {
        post(.submitEnded(number, .notSent(reason: "\(error)"), answerDigest: Digest()))
      }
    }
  }

  // MARK: Questions

  func askStatus(_ submission: Pipeline.StoredSubmission, _ batch: OperatorBatchID, _ number: CallNumber) {
    queue.async { [self] in
      do {
        let channel = try usable()
        guard let call = try channel.prepareStatus(batch, identity()) else {
          throw ChannelFault("the profile has no batch status")
        }
        exchange(channel, call.envelope, .status, number) { [self] outcome in
          let answer = outcome.map { channel.readStatus($0, asked: batch) }
          let digest = answer.isToBeKept ? keep(outcome, as: .status, of: submission) : Digest()
          post(.statusEnded(number, answer, answerDigest: digest))
        }
      } catch {
        post(.statusEnded(number, .notSent(reason: "\(error)"), answerDigest: Digest()))
      }
    }
  }

  /// Question and answer are kept where the answer says what is held, or that nothing is: an outcome may rest on it.
  func retrieve(_ question: RetrieveQuestion, keptWith submission: Pipeline.StoredSubmission, _ number: CallNumber) {
    queue.async { [self] in
      do {
        let channel = try usable()
        let call = try channel.prepareRetrieve(question, identity())
        exchange(channel, call.envelope, .retrieve, number) { [self] outcome in
          let answer = outcome.map(channel.readRetrieve)
          var kept: [Evidence] = []
          if case .answered(let raw) = outcome, case .answered(.held) = answer {
            let digest = MeteringChannel.digest(raw.body)
            kept = [
              keep(call.envelope, as: .question(call.envelopeDigest), call.envelopeDigest, of: submission),
              keep(raw.body, as: .heldAnswer(digest), digest, of: submission),
            ]
          }
          post(.retrieveEnded(number, answer, kept: kept))
        }
      } catch {
        post(.retrieveEnded(number, .notSent(reason: "\(error)")))
      }
    }
  }

  // MARK: The exchange

  /// Sends on the event loops and comes back to the channel's queue.
  private func exchange(
    _ channel: MeteringChannel, _ envelope: [UInt8], _ service: ChannelService, _ number: CallNumber,
    then: @escaping @Sendable (CallOutcome<RawAnswer>) -> Void
  ) {
    Task { [self] in
      let outcome = await channel.send(envelope, to: service)
      queue.async { [self] in
        if let wait = askedWait(outcome) { post(.toldToWait(number, wait)) }
        then(outcome)
      }
    }
  }

  private func askedWait(_ outcome: CallOutcome<RawAnswer>) -> Milliseconds? {
    guard case .answered(let answer) = outcome else { return nil }
    return answer.retryAfter.flatMap { Milliseconds(retryAfter: $0, at: clock.now().utc) }
  }

  /// Keeps an answer byte for byte before anything is made of it.
  private func keep(
    _ outcome: CallOutcome<RawAnswer>, as file: EvidenceFile, of submission: Pipeline.StoredSubmission
  ) -> Digest {
    guard case .answered(let answer) = outcome else { return Digest() }
    StopPoint.reach(.answerArrived)
    return keep(answer.body, as: file, MeteringChannel.digest(answer.body), of: submission).digest
  }

  private func keep(
    _ bytes: [UInt8], as file: EvidenceFile, _ digest: Digest, of submission: Pipeline.StoredSubmission
  ) -> Evidence {
    do {
      try evidence.write(bytes, as: file, of: submission)
      StopPoint.reach(.answerKept)
    } catch {
      // The digest in the ledger still says what came; losing the receipt over its copy would be worse.
      post(.evidenceFailed(submission.id, reason: "\(error)"))
    }
    return Evidence(submission: submission, file: file, digest: digest)
  }

  private func identity() -> CallIdentity { CallIdentity(created: clock.now().utc) }
}

extension CallOutcome<StatusAnswer> {
  /// It decides something, or may come to: an answer that says nothing we know, again and again, makes the outcome
  /// unknown.
  fileprivate var isToBeKept: Bool {
    switch self {
    case .answered(.accepted), .answered(.errors), .answered(.failed(.unreadable)): true
    case .answered(.pending), .answered(.failed), .notSent, .noAnswer: false
    }
  }
}

extension CallOutcome {
  /// The same outcome with the answer read.
  func map<Other>(_ read: (Answer) -> Other) -> CallOutcome<Other> {
    switch self {
    case .notSent(let reason): .notSent(reason: reason)
    case .answered(let answer): .answered(read(answer))
    case .noAnswer(let reason): .noAnswer(reason: reason)
    }
  }
}
