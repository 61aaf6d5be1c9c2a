// The section of a checkpoint with the configuration that the accounts stand on.

extension LedgerState {
  func writeEpochs(to writer: inout ByteWriter) {
    writer.writeList(epochNumbers) { writer, number in
      writer.writeVarint(UInt64(number))
      if let epoch = epochs[number] { writer.write(epoch) }
    }
    writer.writeList(resourcesOfSite.sorted { $0.key < $1.key }) { writer, site in
      writer.writeText(site.key.name)
      writer.writeList(site.value) { $0.writeText($1.name) }
    }
    writer.writeList(ended.sorted { $0.key < $1.key }) { writer, site in
      writer.writeText(site.key.name)
      writer.writeOptional(site.value) { $0.write($1) }
    }
  }

  mutating func readEpochs(from reader: inout ByteReader) throws(DecodingProblem) {
    for _ in 0..<(try reader.readCount()) {
      let start = reader.offset
      let number = try reader.readIndex()
      guard epochNumbers.last.map({ $0 < number }) ?? true else { throw DecodingProblem(.invalidValue, at: start) }
      epochNumbers.append(number)
      epochs[number] = try reader.readEpoch()
    }
    for _ in 0..<(try reader.readCount()) {
      let site = SiteID(try reader.readString())
      resourcesOfSite[site] = try reader.readList { reader throws(DecodingProblem) in
        ResourceID(try reader.readString())
      }
    }
    for _ in 0..<(try reader.readCount()) {
      let site = SiteID(try reader.readString())
      ended.updateValue(
        try reader.readOptional { reader throws(DecodingProblem) in try reader.readEnding() }, forKey: site)
    }
  }
}
