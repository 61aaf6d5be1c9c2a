import TelemetryCore

/// Meters that run evenly, each at a rate of its own: what stands between two readings is known exactly, whichever two.
struct SteadyMeters {
  /// Counts of 3,600 mJ in a second, by site; 10 counts a second are 36 W.
  var export: [SiteID: UInt64]
  var `import`: [SiteID: UInt64] = [:]
  /// Sites that do not answer.
  var quiet: Set<SiteID> = []

  private static let origin: Int64 = 1_767_225_600

  func register(_ site: SiteID, _ flow: Flow, at instant: UTCInstant) -> EnergyRegister? {
    let rate = (flow == .export ? export : `import`)[site] ?? 0
    return EnergyRegister(raw: UInt64(instant.milliseconds / 1_000 - Self.origin) * rate, scale: -3)
  }

  /// For the sites of a configuration by their places.
  func readings(of settings: Settings) -> (Int, UTCInstant) -> SiteReading? {
    { place, instant in
      let site = settings.sites[place].id
      guard !quiet.contains(site) else { return nil }
      return SiteReading(
        site: SiteIndex(place), instant: instant, power: nil, export: register(site, .export, at: instant),
        import: register(site, .import, at: instant))
    }
  }

  /// What a site gave between two instants, after losses.
  func energy(
    _ site: SiteID, _ flow: Flow, from start: UTCInstant, to end: UTCInstant, lossFactor: Int64 = LossFactors.one
  ) -> Energy {
    let levels = [start, end].map { instant in
      ((register(site, flow, at: instant)?.cumulative.millijoules ?? 0) * Int128(lossFactor))
        .quotientAndRemainder(dividingBy: Int128(LossFactors.one)).quotient
    }
    return Energy(millijoules: Int64(levels[1] - levels[0]))
  }
}
