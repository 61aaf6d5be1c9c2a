// The bytes of a configuration epoch.

extension ByteWriter {
  mutating func write(_ epoch: ConfigurationEpoch) {
    write(epoch.start)
    writeVarint(UInt64(epoch.intervalLength.seconds))
    writeList(epoch.resources) { writer, resource in
      writer.writeText(resource.id.name)
      writer.writeText(resource.schedulingCoordinator.name)
      writer.writeText(resource.channel.name)
      writer.writeText(resource.unit.symbol)
      writer.writeVarint(UInt64(resource.unit.digits))
      writer.writeList(resource.measurements) {
        $0.writeText($1.type.name)
        $0.writeUInt8($1.flow.rawValue)
      }
    }
    writeList(epoch.sites) { writer, site in
      writer.writeText(site.id.name)
      writer.writeText(site.resource.name)
      writer.writeZigzag(site.nameplate.milliwatts)
      writer.writeZigzag(site.lossFactors.export)
      writer.writeZigzag(site.lossFactors.import)
      writer.writeZigzag(site.bridge.count)
      writer.writeText(site.map)
    }
    writeZigzag(epoch.estimation.submitAt)
    writeUInt8(epoch.estimation.method.rawValue)
  }
}

extension ByteReader {
  /// Longer than any power, factor or wait of ours; products of two still fit 128 bits with room.
  private static let magnitudeLimit: UInt64 = 1 << 53

  mutating func readEpoch() throws(DecodingProblem) -> ConfigurationEpoch {
    ConfigurationEpoch(
      start: try readInstant(), intervalLength: try readLength(),
      resources: try readList { reader throws(DecodingProblem) in try reader.readResource() },
      sites: try readList { reader throws(DecodingProblem) in try reader.readSite() },
      estimation: ConfigurationEpoch.Estimation(submitAt: try readBounded(), method: try readCase()))
  }

  mutating func readLength() throws(DecodingProblem) -> IntervalLength {
    let start = offset
    guard let length = IntervalLength(seconds: Int64(try readIndex())) else {
      throw DecodingProblem(.invalidValue, at: start)
    }
    return length
  }

  private mutating func readResource() throws(DecodingProblem) -> ConfigurationEpoch.Resource {
    ConfigurationEpoch.Resource(
      id: ResourceID(try readString()), schedulingCoordinator: SchedulingCoordinatorID(try readString()),
      channel: ChannelName(try readString()), unit: try readUnit(),
      measurements: try readList { reader throws(DecodingProblem) in
        MeasurementSettings(type: MeasurementType(try reader.readString()), flow: try reader.readCase())
      })
  }

  mutating func readUnit() throws(DecodingProblem) -> WireUnit {
    let start = offset
    let symbol = try readString()
    guard let unit = WireUnit(symbol: symbol, digits: try readIndex()) else {
      throw DecodingProblem(.invalidValue, at: start)
    }
    return unit
  }

  private mutating func readSite() throws(DecodingProblem) -> ConfigurationEpoch.Site {
    ConfigurationEpoch.Site(
      id: SiteID(try readString()), resource: ResourceID(try readString()),
      nameplate: Power(milliwatts: try readBounded()),
      lossFactors: LossFactors(export: try readBounded(), import: try readBounded()),
      bridge: Milliseconds(try readBounded()), map: try readString())
  }

  private mutating func readBounded() throws(DecodingProblem) -> Int64 {
    let start = offset
    let value = try readZigzag()
    guard value.magnitude < Self.magnitudeLimit else { throw DecodingProblem(.invalidValue, at: start) }
    return value
  }
}
