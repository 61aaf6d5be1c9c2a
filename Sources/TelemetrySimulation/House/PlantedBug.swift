import TelemetryCore

/// What a shell, or a core, could do wrong: planted to see that a promise notices.
package enum PlantedBug: String, Hashable, Sendable, CaseIterable {
  /// A commit is reported without the sync that makes it durable.
  case skippedSync = "skipped-sync"
  /// A commit is reported before it is written.
  case earlyAcknowledgement = "early-acknowledgement"
  /// A submission leaves again at once, as if an answer that is late were none.
  case resendWithoutAsking = "resend-without-asking"
  /// An interval whose sites did not answer is sealed at zero, as if they had been read.
  case zeroForFailedRead = "zero-for-failed-read"
  /// A seal says that rounding has left nothing over.
  case droppedResidual = "dropped-residual"
  /// The ledger is written before the readings that its seals stand on.
  case sealBeforeReadings = "seal-before-readings"
  /// Submissions are prepared before the seals that they stand on are given to the log.
  case actionsBeforeRecords = "actions-before-records"
  /// Readings are reported durable before they are written.
  case earlyReadings = "early-readings"
  /// A start does not take in the readings that were stored before it.
  case forgottenReadings = "forgotten-readings"
  /// Old readings are removed although intervals are open on them.
  case shedOpenReadings = "shed-open-readings"
  /// A commit for which the disk had no room is reported as if it had been written.
  case fullDiskTakenForWritten = "full-disk-taken-for-written"
  /// The readings log does not hear that places of sites mean something else.
  case forgottenNames = "forgotten-names"

  func reorder(_ actions: [Pipeline.Action]) -> [Pipeline.Action] {
    self == .actionsBeforeRecords ? actions.reversed() : actions
  }

  func alter(_ retention: ReadingsRetention) -> ReadingsRetention {
    guard self == .shedOpenReadings else { return retention }
    var retention = retention
    retention.mayShedBefore = UTCInstant(milliseconds: .max)
    retention.cap = 0
    return retention
  }

  func alter(_ records: [LogRecord]) -> [LogRecord] {
    guard self == .droppedResidual || self == .zeroForFailedRead else { return records }
    return records.map { record in
      do throws(LedgerDecodingProblem) {
        switch try LedgerRecord(record) {
        case .sealed(var seal) where self == .droppedResidual:
          seal.residual = .zero
          return LedgerRecord.sealed(seal).logRecord
        case .missing(let missing) where self == .zeroForFailedRead: return zero(missing).logRecord
        default: return record
        }
      } catch {
        return record
      }
    }
  }

  private func zero(_ missing: MissingInterval) -> LedgerRecord {
    .sealed(
      Seal(
        reference: RevisionReference(series: missing.series, intervalEnding: missing.intervalEnding, revision: 1),
        epoch: missing.epoch, flow: missing.flow, quality: .measured, reason: .due, at: missing.intervalEnding.instant,
        energy: .zero, value: 0, residual: .zero, readingsThrough: missing.intervalEnding.instant, shares: []))
  }
}
