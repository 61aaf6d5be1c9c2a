/// One series of values that is owed: a resource and a measurement.
package struct SeriesKey: Hashable, Comparable, Sendable {
  package var resource: ResourceID
  package var measurement: MeasurementType

  package init(resource: ResourceID, measurement: MeasurementType) {
    self.resource = resource
    self.measurement = measurement
  }

  package static func < (left: Self, right: Self) -> Bool {
    (left.resource, left.measurement) < (right.resource, right.measurement)
  }
}

/// The ledger's number for a series, from 0 in the order in which it first named them.
package struct SeriesIndex: Hashable, Comparable, Sendable {
  package let position: Int

  package init(_ position: Int) { self.position = position }

  package static func < (left: Self, right: Self) -> Bool { left.position < right.position }
}

/// One revision of one interval of one series.
package struct RevisionReference: Hashable, Sendable {
  package var series: SeriesIndex
  package var intervalEnding: IntervalEnding
  /// From 1.
  package var revision: Int

  package init(series: SeriesIndex, intervalEnding: IntervalEnding, revision: Int) {
    self.series = series
    self.intervalEnding = intervalEnding
    self.revision = revision
  }
}

/// A SHA-256 digest.
package struct Digest: Hashable, Sendable {
  package static let byteCount = 32
  package let bytes: [UInt8]

  /// Nil unless there are 32 bytes.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  package init() { bytes = Array(repeating: 0, count: Self.byteCount) }
}

/// A site's boundary register as a seal or a missing interval stands on it.
package struct SiteRegister: Hashable, Sendable {
  /// The site's place in the epoch's list.
  package var site: Int
  package var register: BoundaryRegister

  package init(site: Int, register: BoundaryRegister) {
    self.site = site
    self.register = register
  }
}

/// One site's part in a sealed interval, by its registers.
package struct SiteShare: Hashable, Sendable {
  /// The register at the interval's end; in a revision by late readings, the register that moved, at its end or start.
  package var siteRegister: SiteRegister
  /// The site's energy in the interval, after losses; in a revision by late readings the difference that they make.
  package var energy: Energy
  package var quality: QualityClass

  package init(siteRegister: SiteRegister, energy: Energy, quality: QualityClass) {
    self.siteRegister = siteRegister
    self.energy = energy
    self.quality = quality
  }
}

/// The value of an interval and all that it stands on (rule 7 of the accounts).
package struct Seal: Hashable, Sendable {
  package enum Reason: UInt8, Sendable {
    /// At the interval's end and grace.
    case due = 1
    /// Later, when a register that was missing came back.
    case registersReturned = 2
    /// Registers have been missing for as long as is waited for them.
    case waited = 3
    /// A reading that came late moved a register at the interval's start or end.
    case lateReading = 4
  }

  package var reference: RevisionReference
  /// The epoch's number.
  package var epoch: Int
  package var flow: Flow
  package var quality: QualityClass
  package var reason: Reason
  package var at: UTCInstant
  package var energy: Energy
  /// In wire units.
  package var value: Int64
  /// What rounding has left over in the series after this seal.
  package var residual: Energy
  /// The readings up to this instant are in it.
  package var readingsThrough: UTCInstant
  package var shares: [SiteShare]
  /// The sites that it was estimated for, in place of registers.
  package var estimates: [SiteEstimate]

  package init(
    reference: RevisionReference, epoch: Int, flow: Flow, quality: QualityClass, reason: Reason, at: UTCInstant,
    energy: Energy, value: Int64, residual: Energy, readingsThrough: UTCInstant, shares: [SiteShare],
    estimates: [SiteEstimate] = []
  ) {
    self.reference = reference
    self.epoch = epoch
    self.flow = flow
    self.quality = quality
    self.reason = reason
    self.at = at
    self.energy = energy
    self.value = value
    self.residual = residual
    self.readingsThrough = readingsThrough
    self.shares = shares
    self.estimates = estimates
  }
}

/// An interval that could not be sealed when it was due, and what is known of it.
package struct MissingInterval: Hashable, Sendable {
  package var series: SeriesIndex
  package var intervalEnding: IntervalEnding
  package var epoch: Int
  package var flow: Flow
  /// The sites without a boundary register, by their place in the epoch's list; empty where no site has begun yet.
  package var open: [Int]
  /// What the other sites' registers stood at.
  package var registers: [SiteRegister]

  package init(
    series: SeriesIndex, intervalEnding: IntervalEnding, epoch: Int, flow: Flow, open: [Int],
    registers: [SiteRegister]
  ) {
    self.series = series
    self.intervalEnding = intervalEnding
    self.epoch = epoch
    self.flow = flow
    self.open = open
    self.registers = registers
  }
}

/// What a submission is made of, decided before the first byte of it leaves.
package struct SubmissionIntent: Hashable, Sendable {
  package var id: SubmissionID
  package var created: UTCInstant
  package var channel: ChannelName
  package var schedulingCoordinator: SchedulingCoordinatorID
  package var rows: [RevisionReference]
  package var payloadDigest: Digest

  package init(
    id: SubmissionID, created: UTCInstant, channel: ChannelName,
    schedulingCoordinator: SchedulingCoordinatorID, rows: [RevisionReference], payloadDigest: Digest
  ) {
    self.id = id
    self.created = created
    self.channel = channel
    self.schedulingCoordinator = schedulingCoordinator
    self.rows = rows
    self.payloadDigest = payloadDigest
  }
}

/// What asking the operator has told about the rows of one submission whose outcome was unknown.
package struct Resolution: Hashable, Sendable {
  /// Nil for rows that were queued when the ledger lost its tail.
  package var submission: SubmissionID?
  /// The operator holds these.
  package var held: [RevisionReference]
  /// The operator did not hold these for long enough to count as not sent.
  package var absent: [RevisionReference]
  /// The absent rows are sent again with one series in each submission.
  package var splits: Bool

  package init(
    submission: SubmissionID?, held: [RevisionReference], absent: [RevisionReference], splits: Bool
  ) {
    self.submission = submission
    self.held = held
    self.absent = absent
    self.splits = splits
  }
}

/// One fact of the accounts.
///
/// The meanings are those of the architecture's rules of the accounts.
package enum LedgerRecord: Hashable, Sendable {
  /// A part of the accounts as they are after the record before the first part.
  case checkpoint(CheckpointPart)
  /// The daemon began to work on this state directory; `home` tells the directory from a copy of it, empty where nothing
  /// does.
  case started(at: UTCInstant, version: String, home: String)
  /// The log lost a range of records, both ends included, or bytes at its end. What was queued may have been sent.
  case damaged(from: LogSequence, through: LogSequence, explanation: String)
  /// Epochs and series carry their numbers, so that a lost record never shifts the meaning of those after it.
  case epoch(Int, ConfigurationEpoch)
  /// From this interval on the series is owed.
  case owedFrom(SeriesIndex, SeriesKey, IntervalEnding, IntervalLength)
  /// This interval is the last one that is owed; before the first one where nothing was owed yet.
  case owedUntil(SeriesIndex, IntervalEnding)
  /// The first register of a site, by its place in the epoch's list: it contributes from the next boundary on.
  case commissioned(epoch: Int, flow: Flow, site: Int, RegisterAtInstant)
  /// What a site's register stood at on a boundary that no judgement writes down: the first one that the site contributes
  /// from, or the first one of a gap whose intervals have been judged.
  ///
  /// The two readings tell the other boundaries between them.
  case opened(epoch: Int, flow: Flow, SiteRegister)
  /// The register of a site, by its place in the epoch's list, does not go on where it was.
  case turned(epoch: Int, flow: Flow, site: Int, RegisterTurn)
  /// Who the device at a site says it is, the first time or with something new about it.
  case identified(epoch: Int, site: Int, DeviceIdentity)
  /// Another device than before: what is read after this instant is another meter's.
  case replaced(epoch: Int, site: Int, at: UTCInstant, DeviceIdentity)
  case missing(MissingInterval)
  case sealed(Seal)
  /// The exact energy moved, by too little to change the value: the revision stays as it was, and nothing is sent.
  case adjusted(Seal)
  /// Each owed interval that ends here or before has a state.
  case judged(through: IntervalEnding)
  case intent(SubmissionIntent)
  /// The submission is about to leave: from here on it may have been sent.
  case attempt(SubmissionID, number: Int, created: UTCInstant, envelopeDigest: Digest)
  /// The attempt failed before the first byte of the body.
  case notSent(SubmissionID, reason: String)
  /// The operator took it in and gave a receipt, if it gives any.
  case taken(SubmissionID, OperatorBatchID?, isFinal: Bool, answerDigest: Digest)
  /// The operator refused it for good.
  case rejected(SubmissionID, reason: String, answerDigest: Digest)
  /// The operator answered that it did not look at it: throttled, or not accepted who we are.
  case unprocessed(SubmissionID, reason: String, answerDigest: Digest)
  /// It may have arrived. Nothing is sent again before the operator has been asked.
  case unknown(SubmissionID, reason: String)
  /// The operator's validation: accepted, or rows it found fault with.
  case verdict(SubmissionID, Verdict, answerDigest: Digest)
  case resolved(Resolution)
  /// A submission that is not on its way is given up: its rows go out anew, in others.
  case disbanded(SubmissionID, reason: String)
  /// Something that was sent or answered lies in the evidence.
  case kept(Evidence)
  case waived(DecidedIntervals)
  /// What was refused, or waived after it had been sealed, waits to be sent again.
  case resubmitted(DecidedIntervals)
  /// A person asked the operator by other means about intervals whose outcome was unknown.
  case resolvedByPerson(DecidedIntervals, isHeld: Bool)
  /// Nothing goes through the channel until it is released.
  case held(ChannelName, Decision)
  case released(ChannelName, Decision)
  /// The state directory is where it belongs, though it looks like a copy.
  case adopted(Decision)
  /// Readings were removed from the readings log.
  case readingsShed(ReadingsShed)
  /// The configuration that a start took, where it is not the one that the start before it took.
  case configuration(AcceptedConfiguration)

  package enum Verdict: Hashable, Sendable {
    case accepted
    /// Of the rows that are not named nothing is known.
    case faulty([RowFault])
  }

  package struct RowFault: Hashable, Sendable {
    package var reference: RevisionReference
    package var message: String

    package init(reference: RevisionReference, message: String) {
      self.reference = reference
      self.message = message
    }
  }
}
