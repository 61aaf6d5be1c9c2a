/// The accounts as bytes, whole: what is read back decides everything as the original does.
///
/// The same accounts are always the same bytes, so that `audit --deep` can compare a checkpoint with a replay. Each
/// section stands in a file of its own beside this one; lists that follow from others are made anew. A field that is
/// added to any of them takes a new ``form``: older checkpoints are then as if they were not there.
extension LedgerState {
  /// The form of these bytes.
  package static let form: UInt8 = 3

  package var checkpoint: [UInt8] {
    var writer = ByteWriter(reserving: 1 << 20)
    writeMarks(to: &writer)
    writeEpochs(to: &writer)
    writeRegisters(to: &writer)
    writeSubmissions(to: &writer)
    writeSeries(to: &writer)
    return writer.bytes
  }

  /// Reads accounts back, whatever the bytes are.
  ///
  /// - Parameters:
  ///   - bytes: what ``checkpoint`` gave, or anything else
  ///   - kept: as in ``init(keeping:)``
  /// - Throws: where the bytes are none of accounts.
  package init(checkpoint bytes: [UInt8], keeping kept: ClosedRange<UTCInstant>? = nil) throws(DecodingProblem) {
    self.init(keeping: kept)
    var reader = ByteReader(bytes)
    try readMarks(from: &reader)
    try readEpochs(from: &reader)
    try readRegisters(from: &reader)
    try readSubmissions(from: &reader)
    try readSeries(from: &reader)
    try reader.expectEnd()
  }

  /// The parts of a checkpoint of these accounts; none where it would be longer than one may be.
  package var checkpointParts: [CheckpointPart] {
    CheckpointPart.parts(of: checkpoint, form: Self.form, judgedThrough: judgedThrough)
  }
}
