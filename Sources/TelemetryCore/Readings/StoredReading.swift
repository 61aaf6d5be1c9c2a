/// A reading as the log gives it back: its site by name, since places change with the configuration.
package struct StoredReading: Equatable, Sendable {
  package var site: SiteID
  package var instant: UTCInstant
  package var power: Power?
  package var export: EnergyRegister?
  package var `import`: EnergyRegister?

  package init(
    site: SiteID, instant: UTCInstant, power: Power?, export: EnergyRegister?, import: EnergyRegister?
  ) {
    self.site = site
    self.instant = instant
    self.power = power
    self.export = export
    self.import = `import`
  }

  package func register(_ flow: Flow) -> EnergyRegister? { flow == .export ? export : `import` }
}

/// Gives readings the names of their sites, from the records of a segment in their order.
package struct ReadingsReplay: Sendable {
  private var decoder = ReadingsDecoder()
  private var sites: [SiteID] = []
  /// Records that cannot be read although their frames are whole.
  package private(set) var problems: [(sequence: LogSequence, problem: ReadingsDecodingProblem)] = []
  /// Readings whose place nothing names, where the record with the names is lost.
  package private(set) var namelessCount = 0

  package init() {}

  /// Takes the next record, and gives each of its readings.
  package mutating func take(_ sequence: LogSequence, _ record: LogRecord, _ give: (StoredReading) -> Void) {
    do throws(ReadingsDecodingProblem) {
      switch try ReadingsRecord(record, &decoder) {
      case .sites(let names): sites = names
      case .readings(let frame): name(frame.readings, give)
      }
    } catch {
      problems.append((sequence, error))
    }
  }

  private mutating func name(_ readings: [SiteReading], _ give: (StoredReading) -> Void) {
    for reading in readings {
      guard reading.site.position < sites.count else {
        namelessCount += 1
        continue
      }
      give(
        StoredReading(
          site: sites[reading.site.position], instant: reading.instant, power: reading.power, export: reading.export,
          import: reading.import))
    }
  }
}
