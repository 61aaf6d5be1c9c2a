/// Everything that changes a value, as it is in force from one interval start on (rule 8 of the accounts).
///
/// A ledger record. An interval is computed and revised with the epoch in force at its start.
package struct ConfigurationEpoch: Hashable, Sendable {
  package struct Resource: Hashable, Sendable {
    package var id: ResourceID
    package var schedulingCoordinator: SchedulingCoordinatorID
    package var channel: ChannelName
    package var unit: WireUnit
    package var measurements: [MeasurementSettings]
  }

  package struct Site: Hashable, Sendable {
    package var id: SiteID
    package var resource: ResourceID
    package var nameplate: Power
    package var lossFactors: LossFactors
    /// How far a reading may lie from a boundary for it to count as measured.
    package var bridge: Milliseconds
    /// How the site's registers are found: ``MeterSource/text``.
    package var map: String
  }

  /// The start of the first interval that it applies to.
  package var start: UTCInstant
  package var intervalLength: IntervalLength
  package var resources: [Resource]
  package var sites: [Site]
  /// How intervals without some of their registers are estimated.
  package var estimation: Estimation

  package struct Estimation: Hashable, Sendable {
    /// The share of the nameplate that must be measured for the rest to be estimated at once, in ten-thousandths.
    package var submitAt: Int64
    package var method: EstimateMethod
  }

  package init(
    start: UTCInstant, intervalLength: IntervalLength, resources: [Resource], sites: [Site], estimation: Estimation
  ) {
    self.start = start
    self.intervalLength = intervalLength
    self.resources = resources
    self.sites = sites
    self.estimation = estimation
  }

  /// The epoch that these settings ask for.
  package init(_ settings: Settings, start: UTCInstant) {
    let units = Dictionary(
      settings.channels.map { ($0.name, $0.profile.unit) }, uniquingKeysWith: { first, _ in first })
    let resources = settings.resources.compactMap { resource in
      units[resource.channel].map { unit in
        Resource(
          id: resource.id, schedulingCoordinator: resource.schedulingCoordinator, channel: resource.channel,
          unit: unit, measurements: resource.measurements)
      }
    }
    let sites = settings.sites.map { site in
      Site(
        id: site.id, resource: site.resource, nameplate: site.nameplate, lossFactors: site.lossFactors,
        bridge: .bridge(scan: site.scan ?? settings.scan), map: site.source.text)
    }
    self.init(
      start: start, intervalLength: settings.intervalLength, resources: resources, sites: sites,
      estimation: Estimation(submitAt: settings.completeness.submitAt, method: settings.completeness.estimate))
  }

  /// True when both give the same values, whenever they begin.
  package func measuresLike(_ other: Self) -> Bool {
    var other = other
    other.start = start
    return self == other
  }

  package func resource(_ id: ResourceID) -> Resource? { resources.first { $0.id == id } }

  /// The flow that a series measures; nil where this epoch does not have the series.
  package func flow(of series: SeriesKey) -> Flow? {
    resource(series.resource)?.measurements.first { $0.type == series.measurement }?.flow
  }
}

extension Milliseconds {
  /// How far a reading may lie from what it stands for: three scans, at least 15 s (rule 3 of the accounts).
  package static func bridge(scan: Milliseconds) -> Milliseconds { max(scan * 3, .seconds(15)) }
}
