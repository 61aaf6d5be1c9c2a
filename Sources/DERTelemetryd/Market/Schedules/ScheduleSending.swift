import MarketCore
import SignedXML
import TelemetryCore

/// Brings one revision as far as it comes in a time: sends it, asks what became of it, and writes down each step before
/// the next.
struct ScheduleSending {
  let store: ScheduleStore
  let channel: any BidCarrier
  /// When the market closes for a revision.
  let closes: (BidID) -> UTCInstant?
  /// Until when calls are begun.
  let until: UptimeInstant
  let say: (String) -> Void

  /// A receiver that does not accept who we are, or cannot be reached, is not called over and over.
  private static let tryCount = 3

  enum Problem: Error {
    case disk(LogDiskError)
    /// What was kept is not what the ledger has the digest of, or no message can be made of it.
    case evidence(String)
  }

  func bring(_ id: BidID) async throws {
    var sends = 0
    var calls = 0
    while let bid = store.ledger[id] {
      let step = bid.step(BidTerms(settle: channel.settings.settle), closes: closes(id), now: Self.now.utc)
      if step == .finished || step == .closed { return }
      if step == .send, sends == Self.tryCount { return }
      if calls > 0 {
        guard Self.now.uptime + channel.settings.spacing < until else { return }
        try await Task.sleep(for: .milliseconds(channel.settings.spacing.count))
      }
      calls += 1
      if step == .send {
        sends += 1
        guard try await send(bid) else { return }
      } else {
        guard try await ask(bid.intent) else { return }
      }
    }
  }

  private static var now: Moment { SystemClock().now() }

  // MARK: Sending

  /// False where trying again soon is of no use.
  private func send(_ bid: ScheduleLedger.Bid) async throws -> Bool {
    let payload = try kept(.payload, bid.intent)
    guard MeteringChannel.digest(payload) == bid.intent.payload else {
      throw Problem.evidence("\(bid.id.name): the payload that is kept is not the one that was to be sent")
    }
    let number = bid.attempts + 1
    let call = try channel.prepare(payload: payload, .unique(at: Self.now.utc))
    try keep(call.envelope, .envelope(attempt: number), bid.intent)
    try commit(.attempt(bid.id, number: number, envelope: call.envelopeDigest, at: Self.now.utc))
    switch await channel.send(call) {
    case .notSent(let reason):
      say("\(bid.id.name): not sent: \(reason)")
      try commit(.notSent(bid.id, reason: reason, answer: nil, at: Self.now.utc))
    case .noAnswer(let reason):
      say("\(bid.id.name): no answer, so it may have arrived: \(reason)")
      try commit(.unknown(bid.id, reason: reason, answer: nil, at: Self.now.utc))
    case .answered(let answer):
      try keep(answer.body, .answer(attempt: number), bid.intent)
      return try judge(channel.readSubmit(answer), bid.id, MeteringChannel.digest(answer.body))
    }
    return true
  }

  private func judge(_ answer: SubmitAnswer, _ id: BidID, _ digest: Digest) throws -> Bool {
    let now = Self.now.utc
    switch answer {
    case .taken(let receipt):
      try commit(.answered(id, .taken(receipt: receipt?.name ?? ""), answer: digest, at: now))
    case .rejected(let reason): try commit(.answered(id, .rejected(reason: reason), answer: digest, at: now))
    case .failed(.throttled):
      say("\(id.name): asked too often: the receiver did not look at it")
      try commit(.notSent(id, reason: "asked too often", answer: digest, at: now))
    case .failed(.refused(let reason)):
      say("\(id.name): the receiver did not look at it: \(reason)")
      try commit(.notSent(id, reason: reason, answer: digest, at: now))
      return false
    case .failed(.unreadable(let reason)):
      say("\(id.name): an answer that says nothing known, so it may have arrived: \(reason)")
      try commit(.unknown(id, reason: reason, answer: digest, at: now))
    }
    return true
  }

  // MARK: Asking

  /// False where asking again soon is of no use.
  private func ask(_ intent: BidIntent) async throws -> Bool {
    guard let call = try channel.prepareQuestion(about: intent, .unique(at: Self.now.utc)) else { return false }
    try keep(call.envelope, .question(call.envelopeDigest), intent)
    let raw: RawAnswer
    switch await channel.send(call) {
    case .notSent(let reason), .noAnswer(let reason):
      say("\(intent.id.name): not told what became of it: \(reason)")
      return true
    case .answered(let answer): raw = answer
    }
    let digest = MeteringChannel.digest(raw.body)
    try keep(raw.body, .heldAnswer(digest), intent)
    let isUnknown = store.ledger[intent.id]?.state == .unknown
    let now = Self.now.utc
    switch channel.finding(raw, about: intent) {
    case .judged(let verdict): try commit(.verdict(intent.id, verdict, answer: digest, at: now))
    case .held where isUnknown:
      try commit(.answered(intent.id, .taken(receipt: ""), answer: digest, at: now))
    case .absent where isUnknown: try commit(.absent(intent.id, answer: digest, at: now))
    case .held, .absent: break
    case .failed(.throttled): say("\(intent.id.name): asked too often what became of it")
    case .failed(.refused(let reason)):
      say("\(intent.id.name): the receiver does not tell what became of it: \(reason)")
      return false
    case .failed(.unreadable(let reason)): say("\(intent.id.name): not told what became of it: \(reason)")
    }
    return true
  }

  // MARK: The disk

  private func commit(_ record: ScheduleRecord) throws(Problem) {
    do throws(LogDiskError) { try store.commit([record]) } catch { throw .disk(error) }
  }

  private func keep(_ bytes: [UInt8], _ file: EvidenceFile, _ intent: BidIntent) throws(Problem) {
    do throws(LogDiskError) { try store.evidence.write(bytes, as: file, of: intent.stored) } catch {
      throw .disk(error)
    }
  }

  private func kept(_ file: EvidenceFile, _ intent: BidIntent) throws(Problem) -> [UInt8] {
    do throws(LogDiskError) {
      return try store.evidence.read(file, of: intent.stored)
    } catch {
      throw .evidence("\(error)")
    }
  }
}
