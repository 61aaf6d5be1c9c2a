// The section of a checkpoint with the submissions that are not settled, and the last receipts.

extension LedgerState {
  /// In the order of their intents.
  func writeSubmissions(to writer: inout ByteWriter) {
    writer.writeList(openSubmissions.compactMap { submissions[$0] }) { $0.write($1) }
    writer.writeList(receipts.receipts) { writer, receipt in
      writer.writeText(receipt.batch.name)
      writer.writeText(receipt.submission.name)
    }
  }

  mutating func readSubmissions(from reader: inout ByteReader) throws(DecodingProblem) {
    for _ in 0..<(try reader.readCount()) {
      let start = reader.offset
      let submission = try reader.readSubmission()
      guard submissions.updateValue(submission, forKey: submission.intent.id) == nil else {
        throw DecodingProblem(.invalidValue, at: start)
      }
      openSubmissions.append(submission.intent.id)
    }
    for _ in 0..<(try reader.readCount()) {
      receipts.note(OperatorBatchID(try reader.readString()), of: try reader.readSubmissionID())
    }
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ submission: SubmissionAccount) {
    write(submission.intent)
    write(submission.state)
    writeVarint(UInt64(submission.attempts))
    writeOptional(submission.lastAttemptAt) { $0.write($1) }
    writeBool(submission.isFaultyAsAWhole)
  }

  private mutating func write(_ state: SubmissionAccount.State) {
    switch state {
    case .waiting: writeUInt8(0)
    case .sending: writeUInt8(1)
    case .validating(let batch):
      writeUInt8(2)
      writeOptionalText(batch?.name)
    case .unknown: writeUInt8(3)
    case .settled: writeUInt8(4)
    }
  }
}

extension ByteReader {
  fileprivate mutating func readSubmission() throws(DecodingProblem) -> SubmissionAccount {
    var submission = SubmissionAccount(intent: try readIntent())
    submission.state = try readSubmissionState()
    submission.attempts = try readIndex()
    submission.lastAttemptAt = try readOptional { reader throws(DecodingProblem) in try reader.readInstant() }
    submission.isFaultyAsAWhole = try readBool()
    return submission
  }

  private mutating func readSubmissionState() throws(DecodingProblem) -> SubmissionAccount.State {
    let start = offset
    switch try readUInt8() {
    case 0: return .waiting
    case 1: return .sending
    case 2: return .validating(try readOptionalText().map(OperatorBatchID.init))
    case 3: return .unknown
    case 4: return .settled
    default: throw DecodingProblem(.invalidValue, at: start)
    }
  }
}
