/// The stages in their order; read this first.
///
///     1 SiteReading → 2 BoundaryRegister → 3 Seal → 4 LedgerRecord → 5 Submission → 6 receipt
///
/// Events and the moment at which they happened go in, actions come out. Whatever an action stands on is in the ledger
/// and synced before the action is released (P2): a record is applied to the accounts when it is written, and every
/// action that follows waits until the log says that the record is durable.
package struct Pipeline: Sendable {
  package enum Event: Sendable {
    /// The log is open and its records are in the accounts.
    case started(version: String, damages: [Damage])
    /// A second has passed.
    case ticked
    case siteRead(SiteReading)
    /// A site has stopped answering.
    case siteFellQuiet(SiteIndex, reason: String)
    case siteCameBack(SiteIndex)
    /// What a site says it is, each time it is found to be something else than before.
    case siteIdentified(SiteIndex, identity: String)
    /// The log has synced everything up to here.
    case committed(through: LogSequence)
    /// Payload and envelope of a submission are stored.
    case prepared(SubmissionID, payloadDigest: Digest, envelopeDigest: Digest)
    case preparationFailed(SubmissionID, reason: String)
    case submitEnded(SubmissionID, CallOutcome<SubmitAnswer>, answerDigest: Digest)
    case statusEnded(SubmissionID, CallOutcome<StatusAnswer>, answerDigest: Digest)
    case retrieveEnded(ChannelName, CallOutcome<RetrieveAnswer>)
    /// The copy of an answer could not be kept; its digest is.
    case evidenceFailed(SubmissionID, reason: String)
  }

  package enum Action: Sendable {
    /// Append these as one frame, sync, and report the sequence of the last.
    case commit([LogRecord], through: LogSequence)
    /// Make the payload, or take the stored one after the first attempt, sign an envelope for it and store both.
    case prepare(Preparation)
    /// Send the stored envelope.
    case send(ChannelName, StoredSubmission, attempt: Int)
    case askStatus(ChannelName, StoredSubmission, OperatorBatchID)
    case retrieve(ChannelName, RetrieveQuestion)
    case announce(Announcement)
  }

  /// Records that the log has lost.
  package struct Damage: Hashable, Sendable {
    package var from: LogSequence
    package var through: LogSequence
    package var explanation: String

    package init(from: LogSequence, through: LogSequence, explanation: String) {
      self.from = from
      self.through = through
      self.explanation = explanation
    }
  }

  /// What names a submission in the evidence.
  package struct StoredSubmission: Hashable, Sendable {
    package var id: SubmissionID
    package var created: UTCInstant

    package init(id: SubmissionID, created: UTCInstant) {
      self.id = id
      self.created = created
    }
  }

  package struct Preparation: Hashable, Sendable {
    package var channel: ChannelName
    package var content: SubmissionContent
    package var attempt: Int
  }

  package let settings: Settings
  package internal(set) var ledger: LedgerState
  var sites: SiteDesk
  var channels: [ChannelDesk]
  private var nextSequence: LogSequence
  private var committedThrough: LogSequence
  private(set) var unwritten: [LedgerRecord] = []
  private var waiting: [(after: LogSequence, action: Action)] = []
  private var released: [Action] = []
  private var oldestCommit: (through: LogSequence, since: UptimeInstant)?
  private var knownFaults = 0

  /// Goes on from the accounts as the recovered log tells them, and from the number that it gives to its next record.
  package init(settings: Settings, ledger: LedgerState, nextSequence: LogSequence) {
    self.settings = settings
    self.ledger = ledger
    self.nextSequence = nextSequence
    committedThrough = LogSequence(nextSequence.number - 1)
    knownFaults = ledger.faults.count
    sites = SiteDesk(siteCount: settings.sites.count)
    channels = settings.channels.map(ChannelDesk.init)
  }

  package mutating func handle(_ event: Event, at now: Moment) -> [Action] {
    switch event {
    case .started(let version, let damages): start(version: version, damages: damages, at: now)
    case .ticked: judgeWhatIsDue(at: now)
    case .siteRead(let reading): take(reading)
    case .siteFellQuiet(let site, let reason): siteFellQuiet(site, reason)
    case .siteCameBack(let site): siteCameBack(site)
    case .siteIdentified(let site, let identity): siteIdentified(site, identity)
    case .committed(let sequence): committedThrough = max(committedThrough, sequence)
    case .prepared(let id, let payload, let envelope):
      submissionPrepared(id, payloadDigest: payload, envelopeDigest: envelope, at: now)
    case .preparationFailed(let id, let reason): preparationFailed(id, reason, at: now)
    case .submitEnded(let id, let outcome, let digest): submitEnded(id, outcome, digest, at: now)
    case .statusEnded(let id, let outcome, let digest): statusEnded(id, outcome, digest, at: now)
    case .retrieveEnded(let channel, let outcome): retrieveEnded(channel, outcome, at: now)
    case .evidenceFailed(let id, let reason):
      announce(.error, "submission \(id): the operator's answer could not be kept: \(reason)", submission: id)
    }
    if !isReading(event) { startCalls(at: now) }
    return commitAndRelease(at: now)
  }

  /// A reading never starts a call by itself: the next tick does.
  private func isReading(_ event: Event) -> Bool {
    switch event {
    case .siteRead, .siteFellQuiet, .siteCameBack, .siteIdentified: true
    default: false
    }
  }

  /// Writes a record: it counts in the accounts at once, and outside when it is durable.
  mutating func write(_ record: LedgerRecord) {
    ledger.apply(record, at: nextSequence)
    nextSequence = LogSequence(nextSequence.number + 1)
    unwritten.append(record)
    guard ledger.faults.count > knownFaults else { return }
    knownFaults = ledger.faults.count
    if let fault = ledger.faults.last {
      announce(.critical, "the accounts contradict themselves: \(fault.explanation); run audit and keep the ledger")
    }
  }

  /// An action, to be released when everything written so far is durable.
  mutating func perform(_ action: Action) { released.append(action) }

  mutating func announce(
    _ priority: Announcement.Priority, _ message: String, site: SiteID? = nil, resource: ResourceID? = nil,
    intervalEnding: IntervalEnding? = nil, submission: SubmissionID? = nil
  ) {
    perform(
      .announce(
        Announcement(
          priority, message, site: site, resource: resource, intervalEnding: intervalEnding,
          submission: submission)))
  }

  private mutating func commitAndRelease(at now: Moment) -> [Action] {
    let last = LogSequence(nextSequence.number - 1)
    var actions: [Action] = []
    if !unwritten.isEmpty {
      actions.append(.commit(unwritten.map(\.logRecord), through: last))
      unwritten.removeAll(keepingCapacity: true)
      if oldestCommit == nil { oldestCommit = (last, now.uptime) }
    }
    waiting += released.map { (last, $0) }
    released.removeAll(keepingCapacity: true)
    let ready = waiting.partitioningIndex { $0.after > committedThrough }
    actions += waiting[..<ready].map(\.action)
    waiting.removeFirst(ready)
    if let oldest = oldestCommit, oldest.through <= committedThrough {
      oldestCommit = last > committedThrough ? (last, now.uptime) : nil
    }
    return actions
  }

  /// How long the oldest commit has been under way; nil when none is (P8).
  package func commitAge(at now: Moment) -> Milliseconds? { oldestCommit.map { now.uptime - $0.since } }
}
