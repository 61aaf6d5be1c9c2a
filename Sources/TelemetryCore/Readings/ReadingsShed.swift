/// Readings that were removed to make room: by rule, and never without a trace in the ledger.
package struct ReadingsShed: Hashable, Sendable {
  package enum Reason: UInt8, Hashable, Sendable {
    /// Older than `storage.readings.keep`.
    case age = 1
    /// The log was longer than `storage.readings.cap`.
    case cap = 2
    /// The disk was full.
    case fullDisk = 3
    /// Found gone at a start: a stop came between the removal and its record, or somebody else removed them.
    case found = 4
  }

  package var reason: Reason
  /// The last record of the readings log that is gone; with it all before.
  package var lastRecord: LogSequence
  /// The instants of the oldest and of the youngest reading that were removed.
  package var from: UTCInstant
  package var through: UTCInstant
  /// 0 where nobody counted them.
  package var readingCount: Int
  package var byteCount: Int

  package init(
    reason: Reason, lastRecord: LogSequence, from: UTCInstant, through: UTCInstant, readingCount: Int, byteCount: Int
  ) {
    self.reason = reason
    self.lastRecord = lastRecord
    self.from = from
    self.through = through
    self.readingCount = readingCount
    self.byteCount = byteCount
  }
}

/// What may be removed, and when it should be (rule 7 of the accounts).
package struct ReadingsRetention: Equatable, Sendable {
  /// Every interval that a reading before this instant is part of is judged, and no gap is open on it.
  package var mayShedBefore: UTCInstant
  /// Older than this they are no longer wanted.
  package var keepFrom: UTCInstant
  /// Bytes of the whole readings log.
  package var cap: Int

  package init(mayShedBefore: UTCInstant, keepFrom: UTCInstant, cap: Int) {
    self.mayShedBefore = mayShedBefore
    self.keepFrom = keepFrom
    self.cap = cap
  }
}
