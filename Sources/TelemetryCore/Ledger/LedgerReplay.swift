/// Reads a log's records into accounts.
package struct LedgerReplay: Sendable {
  package private(set) var state = LedgerState()
  package private(set) var recordCount = 0

  package init() {}

  /// Takes the next record.
  ///
  /// One that cannot be read is a fault of the ledger, not the end of the replay.
  package mutating func take(_ sequence: LogSequence, _ record: LogRecord) {
    recordCount += 1
    do throws(LedgerDecodingProblem) {
      state.apply(try LedgerRecord(record), at: sequence)
    } catch {
      state.report(.unreadable, sequence, because: "\(error)")
    }
  }
}
