/// Reads a log's records into accounts.
package struct LedgerReplay: Sendable {
  package private(set) var state: LedgerState
  /// The records that the accounts stand on, those before a checkpoint included.
  package private(set) var recordCount: Int
  /// The last record of the checkpoint that the accounts began with; nil where they began with nothing.
  package let checkpoint: LogSequence?
  package private(set) var size: LedgerSize

  /// - Parameter kept: the interval endings that are never folded, both included
  package init(keeping kept: ClosedRange<UTCInstant>? = nil) {
    state = LedgerState(keeping: kept)
    recordCount = 0
    checkpoint = nil
    size = LedgerSize()
  }

  /// Begins with the accounts of a checkpoint, which ends with this record.
  package init(_ state: LedgerState, through checkpoint: LogSequence, byteCount: Int) {
    self.state = state
    recordCount = Int(clamping: checkpoint.number)
    self.checkpoint = checkpoint
    size = LedgerSize(checkpointByteCount: byteCount)
  }

  /// Takes the next record.
  ///
  /// One that cannot be read is a fault of the ledger, not the end of the replay.
  package mutating func take(_ sequence: LogSequence, _ record: LogRecord) {
    if let checkpoint, sequence <= checkpoint { return }
    recordCount += 1
    size.add(record)
    do throws(LedgerDecodingProblem) {
      state.apply(try LedgerRecord(record), at: sequence)
    } catch {
      state.report(.unreadable, sequence, because: "\(error)")
    }
  }

  /// Goes on with other accounts, as a checkpoint among the records tells them.
  mutating func goOn(with state: LedgerState) { self.state = state }
}

/// How much there is to read at a start.
package struct LedgerSize: Hashable, Sendable {
  /// Of the checkpoint that a start begins with, 0 where there is none.
  package private(set) var checkpointByteCount: Int
  /// Of the records after it.
  package private(set) var recordByteCount = 0

  package init(checkpointByteCount: Int = 0) { self.checkpointByteCount = checkpointByteCount }

  package mutating func add(_ record: LogRecord) { recordByteCount += record.payload.count + Self.overhead }

  /// Kind and length of a record.
  private static let overhead = 3

  /// Records of this many bytes are read within less than a second.
  package static let leastUntilCheckpoint = 8 << 20
  /// A checkpoint is worth its bytes when it saves reading several times as many.
  private static let share = 4

  /// A new checkpoint is due.
  package func isDue(after least: Int = leastUntilCheckpoint) -> Bool {
    recordByteCount > max(least, Self.share * checkpointByteCount)
  }
}
