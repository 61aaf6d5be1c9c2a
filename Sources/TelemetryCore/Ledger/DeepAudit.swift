/// Replays a whole ledger from its first record, and compares the accounts with those of every checkpoint on the way.
///
/// A start believes the newest checkpoint. This proves that it may: whatever a checkpoint tells otherwise than the records
/// before it is a fault that names the checkpoint's record.
package struct DeepAudit: Sendable {
  package private(set) var replay: LedgerReplay
  /// Checkpoints that tell what the records tell.
  package private(set) var agreeingCount = 0
  /// Checkpoints that are not whole, or of another form: nobody reads them, and they prove nothing.
  package private(set) var unreadCount = 0
  package private(set) var faults: [LedgerFault] = []
  private var assembly = CheckpointAssembly()
  /// The first record of the checkpoint that is being put together.
  private var first: LogSequence?

  package init() { replay = LedgerReplay() }

  package mutating func take(_ sequence: LogSequence, _ record: LogRecord) {
    guard let part = Self.part(record) else {
      leaveCheckpoint()
      return replay.take(sequence, record)
    }
    replay.take(sequence, record)
    if part.number == 1 {
      leaveCheckpoint()
      first = sequence
    }
    guard part.form == LedgerState.form, let whole = assembly.take(part), let first else { return }
    self.first = nil
    compare(whole, first)
  }

  /// What was begun has not come to its end.
  private mutating func leaveCheckpoint() {
    if first != nil { unreadCount += 1 }
    first = nil
  }

  /// Goes on with what the checkpoint tells, as starts have done, so that one difference is told once.
  private mutating func compare(_ whole: [UInt8], _ first: LogSequence) {
    guard whole != replay.state.checkpoint else { return agreeingCount += 1 }
    do throws(DecodingProblem) {
      let other = try LedgerState(checkpoint: whole)
      let what = replay.state.differences(from: other)
      faults.append(
        LedgerFault(
          .checkpoint, sequence: first,
          "the checkpoint tells other accounts than the records before it: \(what.joined(separator: ", "))"))
      replay.goOn(with: other)
    } catch {
      faults.append(
        LedgerFault(
          .checkpoint, sequence: first,
          "the checkpoint is whole and cannot be read: \(error.cause) at \(error.byteOffset)"
        ))
    }
  }

  private static func part(_ record: LogRecord) -> CheckpointPart? {
    guard record.kind == RecordKind.checkpoint.rawValue else { return nil }
    do throws(LedgerDecodingProblem) {
      guard case .checkpoint(let part) = try LedgerRecord(record) else { return nil }
      return part
    } catch { return nil }
  }
}

extension LedgerState {
  /// The sections of a checkpoint in which two accounts differ.
  fileprivate func differences(from other: Self) -> [String] {
    typealias Section = (name: String, write: (Self, inout ByteWriter) -> Void)
    let sections: [Section] = [
      ("how far it has come", { $0.writeMarks(to: &$1) }), ("the configuration", { $0.writeEpochs(to: &$1) }),
      ("registers", { $0.writeRegisters(to: &$1) }), ("submissions", { $0.writeSubmissions(to: &$1) }),
      ("intervals", { $0.writeSeries(to: &$1) }),
    ]
    return sections.filter { section in
      var (mine, theirs) = (ByteWriter(), ByteWriter())
      section.write(self, &mine)
      section.write(other, &theirs)
      return mine.bytes != theirs.bytes
    }.map(\.name)
  }
}
