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
    ///
    /// `home` tells this state directory from a copy of it; empty where nothing does.
    case started(version: String, home: String = "", damages: [Damage])
    /// ``Settings/tick`` has passed.
    case ticked
    case siteRead(SiteReading)
    /// A site has stopped answering.
    case siteFellQuiet(SiteIndex, reason: String)
    case siteCameBack(SiteIndex)
    /// What a site says it is, each time it is found to be something else than before.
    ///
    case siteIdentified(SiteIndex, DeviceIdentity, description: String)
    /// What else is to be told of how a site is read.
    case siteRemarked(SiteIndex, String)
    /// Someone else takes away the connection on which a site is read; comes once, until it is over.
    case siteContested(SiteIndex, connection: String)
    case siteUncontested(SiteIndex, connection: String)
    /// The log has synced everything up to here.
    case committed(through: LogSequence)
    /// An answer asks for a wait before the next call; comes before the end of that call.
    case toldToWait(CallNumber, Milliseconds)
    /// Payload and envelope of a submission are stored.
    case prepared(CallNumber, payloadDigest: Digest, envelopeDigest: Digest)
    case preparationFailed(CallNumber, reason: String)
    case submitEnded(CallNumber, CallOutcome<SubmitAnswer>, answerDigest: Digest)
    case statusEnded(CallNumber, CallOutcome<StatusAnswer>, answerDigest: Digest)
    /// With what is kept of question and answer.
    case retrieveEnded(CallNumber, CallOutcome<RetrieveAnswer>, kept: [Evidence] = [])
    /// The copy of an answer could not be kept; its digest is.
    case evidenceFailed(SubmissionID, reason: String)
    case personAsked(RequestNumber, PersonRequest)
    /// The readings of all frames up to this one are durable.
    case readingsStored(through: Int)
    case storageNoted(StorageNote)
    /// How the host's clock is doing, each time it is found to do otherwise.
    case clockFound(ClockSynchronisation)
    /// The configuration was edited, read again and found valid.
    indirect case configurationRead(Reload, RequestNumber)
  }

  package enum Action: Sendable {
    /// Write these readings as one frame, sync, and report the number.
    ///
    /// Before any commit that is given later: a seal is written after the readings that it stands on are durable.
    case store(ReadingsFrame, number: Int)
    /// Remove old readings by these rules, and report what was removed.
    case shedReadings(ReadingsRetention)
    /// Append these as one frame, sync, and report the sequence of the last.
    case commit([LogRecord], through: LogSequence)
    /// Go on in a new segment that begins with these, each a frame of its own, whole or not at all; then as a commit.
    case checkpoint([LogRecord], through: LogSequence)
    /// Make the payload, or take the stored one after the first attempt, sign an envelope for it and store both.
    case prepare(CallNumber, Preparation)
    /// Send the stored envelope.
    case send(CallNumber, ChannelName, StoredSubmission, attempt: Int)
    case askStatus(CallNumber, ChannelName, StoredSubmission, OperatorBatchID)
    /// Question and answer are kept with the submission.
    case retrieve(CallNumber, ChannelName, RetrieveQuestion, with: StoredSubmission)
    case announce(Announcement)
    /// Whatever the answer says is durable.
    case answer(RequestNumber, PersonVerdict)
    /// What became of an edited configuration; durable, where it was taken.
    case reloaded(RequestNumber, ReloadPlan)
    /// What is stored from here on names sites by their places in this list.
    case nameSites([SiteID])
    /// Read these sites from here on, before any other event is told: places mean those in this list.
    case readSites(SiteArrangement)
  }

  /// Records that the log has lost.
  package struct Damage: Hashable, Sendable {
    package var from: LogSequence
    package var through: LogSequence
    package var explanation: String
    /// Nothing that was acknowledged is lost: the last write never came to its end.
    package var isUnfinishedWrite: Bool

    package init(from: LogSequence, through: LogSequence, explanation: String, isUnfinishedWrite: Bool = false) {
      self.from = from
      self.through = through
      self.explanation = explanation
      self.isUnfinishedWrite = isUnfinishedWrite
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
    /// What was decided before the first attempt, and goes out again byte for byte; nil on the first one (P5).
    package var payloadDigest: Digest?
  }

  package internal(set) var settings: Settings
  /// What the settings were made of; nil where nothing is to be kept of it.
  var configuration: Configuration?
  package internal(set) var ledger: LedgerState
  var sites: SiteDesk
  var channels: [ChannelDesk]
  var readings: ReadingsDesk
  private var nextSequence: LogSequence
  private var committedThrough: LogSequence
  private var unwritten: [LedgerRecord] = []
  /// The site registers in them, and one for each record.
  private(set) var unwrittenRegisters = 0
  /// What a start would have to read.
  private var size: LedgerSize
  private let leastUntilCheckpoint: Int
  /// The reserve of the disk is not there: what can be done without is not written.
  var isShortOfRoom: Bool
  private var waiting: [(after: LogSequence, action: Action)] = []
  private var released: [Action] = []
  /// What comes before everything else of this event, and waits for nothing.
  private var urgent: [Action] = []
  private var oldestCommit: (through: LogSequence, since: UptimeInstant)?
  private var knownFaults = 0
  private var callCount: UInt64 = 0
  /// The number of the last submission that was made, whose intent may not be written yet.
  private var lastSubmission = 0
  /// The random number of the event that is being handled.
  private(set) var jitter: UInt8 = 0

  /// Goes on from the accounts as the recovered log tells them, and from the number that it gives to its next record.
  ///
  /// `size` is what the start had to read; after `leastUntilCheckpoint` bytes of records the next checkpoint may come,
  /// unless the disk is short of room.
  package init(
    settings: Settings, ledger: LedgerState, nextSequence: LogSequence, size: LedgerSize = LedgerSize(),
    leastUntilCheckpoint: Int = LedgerSize.leastUntilCheckpoint, boot: BootID = .unknown,
    isShortOfRoom: Bool = false, configuration: Configuration? = nil
  ) {
    self.settings = settings
    self.isShortOfRoom = isShortOfRoom
    self.configuration = configuration
    self.ledger = ledger
    self.size = size
    self.leastUntilCheckpoint = leastUntilCheckpoint
    self.nextSequence = nextSequence
    committedThrough = LogSequence(nextSequence.number - 1)
    knownFaults = ledger.faultCount
    sites = SiteDesk(siteCount: settings.sites.count)
    channels = settings.channels.map(ChannelDesk.init)
    readings = ReadingsDesk(settings, ledger, boot: boot)
  }

  /// The jitter spreads attempts after failures: a new random number at each call.
  package mutating func handle(_ event: Event, at now: Moment, jitter: UInt8 = 0) -> [Action] {
    self.jitter = jitter
    switch event {
    case .started(let version, let home, let damages):
      start(version: version, home: home, damages: damages, at: now)
    case .ticked: judgeWhatIsDue(at: now)
    case .siteRead(let reading):
      take(reading, at: now)
      readings.collect(reading, at: now.uptime)
    case .siteFellQuiet(let site, let reason): siteFellQuiet(site, reason)
    case .siteCameBack(let site): siteCameBack(site)
    case .siteIdentified(let site, let identity, let description):
      siteIdentified(site, identity, description, at: now)
    case .siteRemarked(let site, let remark): siteRemarked(site, remark)
    case .siteContested(let site, let connection): siteContested(site, connection)
    case .siteUncontested(let site, let connection): siteUncontested(site, connection)
    case .committed(let sequence): committedThrough = max(committedThrough, sequence)
    case .toldToWait(let call, let wait): toldToWait(call, wait, at: now)
    case .prepared(let call, let payload, let envelope):
      submissionPrepared(call, payloadDigest: payload, envelopeDigest: envelope, at: now)
    case .preparationFailed(let call, let reason): preparationFailed(call, reason, at: now)
    case .submitEnded(let call, let outcome, let digest): submitEnded(call, outcome, digest, at: now)
    case .statusEnded(let call, let outcome, let digest): statusEnded(call, outcome, digest, at: now)
    case .retrieveEnded(let call, let outcome, let kept): retrieveEnded(call, outcome, kept, at: now)
    case .personAsked(let number, let request): take(request, number, at: now)
    case .evidenceFailed(let id, let reason):
      announce(.evidenceNotKept, "submission \(id): the operator's answer could not be kept: \(reason)", submission: id)
    case .readingsStored(let number): readings.stored(through: number)
    case .storageNoted(let note): noted(note)
    case .clockFound(let synchronisation): readings.synchronisation = synchronisation
    case .configurationRead(let reload, let number): take(reload, number, at: now)
    }
    if case .ticked = event { keepReadingsWithinBounds(at: now) }
    if !isReading(event) { startCalls(at: now) }
    return commitAndRelease(at: now, after: event)
  }

  /// A reading never starts a call by itself: the next tick does.
  private func isReading(_ event: Event) -> Bool {
    switch event {
    case .siteRead, .siteFellQuiet, .siteCameBack, .siteIdentified, .siteRemarked, .siteContested, .siteUncontested,
      .readingsStored,
      .clockFound:
      true
    default: false
    }
  }

  /// No two calls of a process have the same number, whatever channel they go through.
  mutating func begin(_ call: ChannelDesk.Call, of index: Int) -> CallNumber {
    callCount += 1
    let number = CallNumber(callCount)
    channels[index].begin(call, number)
    return number
  }

  /// A name that no submission has, also none that is still being prepared for another channel.
  mutating func nextSubmissionID(at now: Moment) -> SubmissionID {
    lastSubmission = max(lastSubmission, ledger.submissionCount) + 1
    return SubmissionID("\(now.utc.compactText)-\(lastSubmission)")
  }

  /// Writes a record: it counts in the accounts at once, and outside when it is durable.
  mutating func write(_ record: LedgerRecord) {
    ledger.apply(record, at: nextSequence)
    nextSequence = LogSequence(nextSequence.number + 1)
    unwritten.append(record)
    unwrittenRegisters += 1 + record.registerCount
    guard ledger.faultCount > knownFaults else { return }
    knownFaults = ledger.faultCount
    if let fault = ledger.faults.last {
      announce(
        .accountsContradict, "the accounts contradict themselves: \(fault.explanation); run audit and keep the ledger")
    }
  }

  /// An action, to be released when everything written so far is durable.
  mutating func perform(_ action: Action) { released.append(action) }

  /// An action that stands on no record and comes before all others of this event.
  mutating func performAtOnce(_ action: Action) { urgent.append(action) }

  mutating func announce(
    _ kind: Announcement.Kind, _ message: String, _ priority: Announcement.Priority? = nil, site: SiteID? = nil,
    resource: ResourceID? = nil, intervalEnding: IntervalEnding? = nil, submission: SubmissionID? = nil,
    channel: ChannelName? = nil
  ) {
    perform(
      .announce(
        Announcement(
          kind, message, priority, site: site, resource: resource, intervalEnding: intervalEnding,
          submission: submission, channel: channel)))
  }

  private mutating func commitAndRelease(at now: Moment, after event: Event) -> [Action] {
    let last = LogSequence(nextSequence.number - 1)
    var actions = urgent
    urgent.removeAll()
    if readings.areDue(at: now.uptime, after: event) || unwritten.contains(where: \.kind.standsOnReadings),
      let (frame, number) = readings.takeFrame(at: now)
    {
      actions.append(.store(frame, number: number))
    }
    if !unwritten.isEmpty {
      actions += commits() + checkpoint()
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

  /// What was written, as one frame unless it is longer than a frame may be.
  private mutating func commits() -> [Action] {
    var actions: [Action] = []
    var frame: [LogRecord] = []
    var byteCount = 0
    var last = nextSequence.number - UInt64(unwritten.count) - 1
    for record in unwritten.lazy.map(\.logRecord) {
      if !frame.isEmpty, byteCount + record.payload.count > Self.frameByteLimit {
        actions.append(.commit(frame, through: LogSequence(last)))
        frame = []
        byteCount = 0
      }
      frame.append(record)
      size.add(record)
      byteCount += record.payload.count
      last += 1
    }
    actions.append(.commit(frame, through: LogSequence(last)))
    unwritten.removeAll(keepingCapacity: true)
    unwrittenRegisters = 0
    return actions
  }

  /// The accounts as they are after everything written so far, once a start would have much to read.
  ///
  /// Nothing waits for it: what it says, the records say.
  private mutating func checkpoint() -> [Action] {
    guard !isShortOfRoom, size.isDue(after: leastUntilCheckpoint) else { return [] }
    let parts = ledger.checkpointParts
    size = LedgerSize(checkpointByteCount: parts.first?.wholeByteCount ?? CheckpointPart.wholeByteLimit)
    guard !parts.isEmpty else {
      announceNoCheckpoint()
      return []
    }
    let last = LogSequence(nextSequence.number + UInt64(parts.count) - 1)
    nextSequence = LogSequence(last.number + 1)
    return [.checkpoint(parts.map { LedgerRecord.checkpoint($0).logRecord }, through: last)]
  }

  private mutating func announceNoCheckpoint() {
    let limit = CheckpointPart.wholeByteLimit.byteCountText
    announce(
      .checkpointTooLong,
      "the accounts of what is not settled are longer than the \(limit) of a checkpoint: each start reads more of the "
        + "ledger; release what is on hold, and waive what will never be sent")
  }

  /// Half of what a frame holds: the other half is room for the last record and for what frames each of them.
  private static let frameByteLimit = FrameHeader.payloadByteLimit / 2

  /// How long the oldest commit of records or readings has been under way; nil when none is (P8).
  package func commitAge(at now: Moment) -> Milliseconds? {
    [oldestCommit?.since, readings.oldestStore].compactMap(\.self).min().map { now.uptime - $0 }
  }
}
