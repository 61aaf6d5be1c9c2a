// The section of a checkpoint with what is known of registers.

extension LedgerState {
  func writeRegisters(to writer: inout ByteWriter) {
    writer.writeList(recorded.sorted { $0.key.isBefore($1.key) }) { writer, entry in
      writer.write(entry.key)
      writer.writeOptional(entry.value.baseline) { $0.write($1) }
      writer.writeOptional(entry.value.firstBoundary) { $0.write($1) }
      writer.writeList(entry.value.brackets) { $0.write($1) }
      writer.writeOptional(entry.value.turn) { $0.write($1) }
      writer.writeOptional(entry.value.replacedAt) { $0.write($1) }
    }
    writer.writeList(lastMeasured.sorted { $0.key.isBefore($1.key) }) { writer, entry in
      writer.write(entry.key)
      writer.write(entry.value.ending)
      writer.writeZigzag(entry.value.energy.millijoules)
    }
    writer.writeList(identities.sorted { $0.key < $1.key }) { writer, entry in
      writer.writeText(entry.key.name)
      writer.write(entry.value)
    }
  }

  mutating func readRegisters(from reader: inout ByteReader) throws(DecodingProblem) {
    for _ in 0..<(try reader.readCount()) { recorded[try reader.readSiteFlow()] = try reader.readHistory() }
    for _ in 0..<(try reader.readCount()) {
      lastMeasured[try reader.readSiteFlow()] = (try reader.readEnding(), try reader.readEnergy())
    }
    for _ in 0..<(try reader.readCount()) { identities[SiteID(try reader.readString())] = try reader.readIdentity() }
  }
}

extension SiteFlow {
  fileprivate func isBefore(_ other: Self) -> Bool {
    (site, flow.rawValue) < (other.site, other.flow.rawValue)
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ key: SiteFlow) {
    writeText(key.site.name)
    writeUInt8(key.flow.rawValue)
  }

  fileprivate mutating func write(_ bracket: RegisterHistory.Bracket) {
    write(bracket.earlier)
    write(bracket.later)
    writeZigzag(bracket.bridge.count)
  }
}

extension ByteReader {
  fileprivate mutating func readSiteFlow() throws(DecodingProblem) -> SiteFlow {
    SiteFlow(site: SiteID(try readString()), flow: try readCase())
  }

  fileprivate mutating func readHistory() throws(DecodingProblem) -> RegisterHistory {
    RegisterHistory(
      baseline: try readOptional { reader throws(DecodingProblem) in try reader.readRegisterAtInstant() },
      firstBoundary: try readOptional { reader throws(DecodingProblem) in try reader.readEnding() },
      brackets: try readBrackets(),
      turn: try readOptional { reader throws(DecodingProblem) in try reader.readTurn() },
      replacedAt: try readOptional { reader throws(DecodingProblem) in try reader.readInstant() })
  }

  private mutating func readBrackets() throws(DecodingProblem) -> [RegisterHistory.Bracket] {
    var brackets: [RegisterHistory.Bracket] = []
    for _ in 0..<(try readCount()) {
      let start = offset
      let bracket = RegisterHistory.Bracket(
        earlier: try readRegisterAtInstant(), later: try readRegisterAtInstant(),
        bridge: Milliseconds(try readAmount()))
      guard bracket.earlier.instant < bracket.later.instant,
        brackets.last.map({ $0.later.instant <= bracket.later.instant }) ?? true
      else { throw DecodingProblem(.invalidValue, at: start) }
      brackets.append(bracket)
    }
    return brackets
  }
}
