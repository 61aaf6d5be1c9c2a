import TelemetryCore

/// What a shell, or a core, could do wrong: planted to see that a promise notices.
package enum PlantedBug: String, Hashable, Sendable, CaseIterable {
  /// A commit is reported without the sync that makes it durable.
  case skippedSync = "skipped-sync"
  /// A commit is reported before it is written.
  case earlyAcknowledgement = "early-acknowledgement"
  /// A submission leaves again at once, as if an answer that is late were none.
  case resendWithoutAsking = "resend-without-asking"
  /// A site that does not answer is read as zero.
  case zeroForFailedRead = "zero-for-failed-read"
  /// A seal says that rounding has left nothing over.
  case droppedResidual = "dropped-residual"
  /// The ledger is written before the readings that its seals stand on.
  case sealBeforeReadings = "seal-before-readings"
  /// Submissions are prepared before the seals that they stand on are given to the log.
  case actionsBeforeRecords = "actions-before-records"

  func reorder(_ actions: [Pipeline.Action]) -> [Pipeline.Action] {
    self == .actionsBeforeRecords ? actions.reversed() : actions
  }

  func alter(_ records: [LogRecord]) -> [LogRecord] {
    guard self == .droppedResidual else { return records }
    return records.map { record in
      do throws(LedgerDecodingProblem) {
        guard case .sealed(var seal) = try LedgerRecord(record) else { return record }
        seal.residual = .zero
        return LedgerRecord.sealed(seal).logRecord
      } catch {
        return record
      }
    }
  }
}
