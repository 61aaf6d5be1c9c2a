// The section of a checkpoint with what is owed, and the grids of intervals.

extension LedgerState {
  func writeSeries(to writer: inout ByteWriter) {
    var names = SubmissionNames()
    writer.writeList(seriesInOrder) { writer, index in
      guard let account = series[index] else { return }
      writer.write(index)
      writer.write(account, &names)
    }
  }

  mutating func readSeries(from reader: inout ByteReader) throws(DecodingProblem) {
    var names = SubmissionNames()
    for _ in 0..<(try reader.readCount()) {
      let start = reader.offset
      let index = try reader.readSeries()
      guard seriesInOrder.last.map({ $0 < index }) ?? true else { throw DecodingProblem(.invalidValue, at: start) }
      let account = try reader.readAccount(&names)
      series[index] = account
      seriesInOrder.append(index)
      seriesIndex[account.key] = index
      seriesOfResource[account.key.resource, default: []].append(index)
    }
  }
}

extension ByteWriter {
  fileprivate mutating func write(_ account: SeriesAccount, _ names: inout SubmissionNames) {
    write(account.key)
    writeVarint(UInt64(account.length.seconds))
    writeList(account.owed) { writer, range in
      writer.write(range.first)
      writer.writeOptional(range.last) { $0.write($1) }
    }
    writeZigzag(account.residual.energy.millijoules)
    writeOptional(account.lastAccepted) { $0.write($1) }
    write(account.folded)
    let pages = account.grid.pages.sorted { $0.key < $1.key }
    writeVarint(UInt64(pages.count))
    for (page, obligations) in pages {
      writeVarint(UInt64(page))
      for obligation in obligations { write(obligation, &names) }
    }
  }

  private mutating func write(_ folded: FoldedIntervals) {
    writeList(folded.runs) { writer, run in
      writer.writeVarint(UInt64(run.first))
      writer.writeVarint(UInt64(run.last))
      writer.writeUInt8(run.state.rawValue)
    }
    writeList(folded.values) { writer, sum in
      writer.writeOptional(sum.unit) { writer, unit in
        writer.writeText(unit.symbol)
        writer.writeVarint(UInt64(unit.digits))
      }
      writer.writeZigzag(sum.value)
    }
    writeZigzag(folded.energy)
    writeVarint(UInt64(folded.revisionCount))
  }
}

extension ByteReader {
  fileprivate mutating func readAccount(_ names: inout SubmissionNames) throws(DecodingProblem) -> SeriesAccount {
    let key = try readSeriesKey()
    let length = try readLength()
    let owed = try readOwed(length)
    return SeriesAccount(
      key: key, length: length, owed: owed, residual: Residual(replayed: try readEnergy()),
      lastAccepted: try readOptional { reader throws(DecodingProblem) in try reader.readEnding() },
      grid: try readGrid(&names))
  }

  private mutating func readOwed(
    _ length: IntervalLength
  ) throws(DecodingProblem) -> [(first: IntervalEnding, last: IntervalEnding?)] {
    let start = offset
    let owed = try readList { reader throws(DecodingProblem) in
      (
        first: try reader.readEnding(),
        last: try reader.readOptional { reader throws(DecodingProblem) in try reader.readEnding() }
      )
    }
    guard !owed.isEmpty, owed.allSatisfy({ $0.first.seconds.isMultiple(of: length.seconds) }) else {
      throw DecodingProblem(.invalidValue, at: start)
    }
    return owed
  }

  private mutating func readGrid(_ names: inout SubmissionNames) throws(DecodingProblem) -> ObligationGrid {
    let folded = try readFolded()
    var pages: [Int: [Obligation]] = [:]
    for _ in 0..<(try readCount()) {
      let page = try readPlace()
      var obligations: [Obligation] = []
      obligations.reserveCapacity(ObligationGrid.pageLength)
      for _ in 0..<ObligationGrid.pageLength { obligations.append(try readObligation(&names)) }
      pages[page] = obligations
    }
    return ObligationGrid(pages: pages, folded: folded)
  }

  private mutating func readFolded() throws(DecodingProblem) -> FoldedIntervals {
    let start = offset
    let runs = try readList { reader throws(DecodingProblem) in
      FoldedIntervals.Run(first: try reader.readPlace(), last: try reader.readPlace(), state: try reader.readCase())
    }
    let values = try readList { reader throws(DecodingProblem) in
      FoldedIntervals.ValueSum(
        unit: try reader.readOptional { reader throws(DecodingProblem) in try reader.readUnit() },
        value: try reader.readSum())
    }
    guard
      let folded = FoldedIntervals(
        runs: runs, values: values, energy: try readSum(), revisionCount: try readIndex())
    else { throw DecodingProblem(.invalidValue, at: start) }
    return folded
  }

  /// A place on a grid or a page of one: no instant of ours is farther from another.
  private mutating func readPlace() throws(DecodingProblem) -> Int {
    let start = offset
    let place = try readVarint()
    guard place < 1 << 31 else { throw DecodingProblem(.invalidValue, at: start) }
    return Int(place)
  }

  /// The sum of many amounts, whose product with a unit still fits 128 bits.
  private mutating func readSum() throws(DecodingProblem) -> Int128 {
    let start = offset
    let sum = try readZigzag128()
    guard sum.magnitude < 1 << 80 else { throw DecodingProblem(.invalidValue, at: start) }
    return sum
  }
}
