// The section of a checkpoint that says how far the ledger has come, and what was wrong with it.

extension LedgerState {
  func writeMarks(to writer: inout ByteWriter) {
    writer.writeVarint(UInt64(submissionCount))
    writer.writeVarint(UInt64(judgedCount))
    writer.writeOptional(judgedThrough) { $0.write($1) }
    writer.writeOptional(startedAt) { $0.write($1) }
    writer.writeList(heldChannels.sorted { $0.key < $1.key }) { writer, held in
      writer.writeText(held.key.name)
      writer.write(held.value)
    }
    writer.writeOptionalText(home)
    writer.writeBool(isCopy)
    writer.writeOptional(readingsShedThrough) { $0.writeVarint($1.number) }
    writer.writeOptional(configuration) { $0.write($1) }
    writer.writeList(damages) { $0.writeText($1) }
    writer.writeVarint(UInt64(faultCount))
    writer.writeList(faults) { $0.write($1) }
  }

  mutating func readMarks(from reader: inout ByteReader) throws(DecodingProblem) {
    submissionCount = try reader.readIndex()
    judgedCount = try reader.readIndex()
    judgedThrough = try reader.readOptional { reader throws(DecodingProblem) in try reader.readEnding() }
    startedAt = try reader.readOptional { reader throws(DecodingProblem) in try reader.readInstant() }
    for _ in 0..<(try reader.readCount()) {
      heldChannels[ChannelName(try reader.readString())] = try reader.readDecision()
    }
    home = try reader.readOptionalText()
    isCopy = try reader.readBool()
    readingsShedThrough = try reader.readOptional { reader throws(DecodingProblem) in
      LogSequence(try reader.readVarint())
    }
    configuration = try reader.readOptional { reader throws(DecodingProblem) in try reader.readConfiguration() }
    damages = try reader.readList { reader throws(DecodingProblem) in try reader.readString() }
    faultCount = try reader.readIndex()
    faults = try reader.readList { reader throws(DecodingProblem) in try reader.readFault() }
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ fault: LedgerFault) {
    writeUInt8(fault.kind.rawValue)
    writeOptional(fault.sequence) { $0.writeVarint($1.number) }
    writeOptional(fault.series) { $0.write($1) }
    writeOptional(fault.intervalEnding) { $0.write($1) }
    writeText(fault.explanation)
  }

  mutating func write(_ key: SeriesKey) {
    writeText(key.resource.name)
    writeText(key.measurement.name)
  }
}

extension ByteReader {
  fileprivate mutating func readFault() throws(DecodingProblem) -> LedgerFault {
    LedgerFault(
      try readCase(),
      sequence: try readOptional { reader throws(DecodingProblem) in LogSequence(try reader.readVarint()) },
      series: try readOptional { reader throws(DecodingProblem) in try reader.readSeriesKey() },
      intervalEnding: try readOptional { reader throws(DecodingProblem) in try reader.readEnding() },
      try readString())
  }

  mutating func readSeriesKey() throws(DecodingProblem) -> SeriesKey {
    SeriesKey(resource: ResourceID(try readString()), measurement: MeasurementType(try readString()))
  }
}
