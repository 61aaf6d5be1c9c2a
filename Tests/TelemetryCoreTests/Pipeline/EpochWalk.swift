import TelemetryCore
import TelemetrySimulation

/// A house that is told one configuration after another, from one seed, and what it was told.
struct EpochWalk {
  static let interval: Int64 = 60
  private static let grace: Int64 = 5
  private static let sites = (0..<5).map { SiteID("site-\($0)") }
  private static let resources = ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2", "EXAMPL_7_DERA3"].map { ResourceID($0) }

  private(set) var house: House
  private(set) var meters: SteadyMeters
  /// What a start took.
  struct Told {
    var at: UTCInstant
    /// From when on it counts.
    var start: UTCInstant
    var settings: Settings
    /// What had been judged before.
    var judged: IntervalEnding?
  }

  private(set) var told: [Told] = []
  /// When each site was first read.
  private(set) var firstReading: [SiteID: UTCInstant] = [:]
  private var random: SeededRandom

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
    meters = SteadyMeters(export: [:])
    for site in Self.sites {
      meters.export[site] = UInt64.random(in: 0...3_000, using: &random)
      meters.import[site] = UInt64.random(in: 0...3_000, using: &random)
    }
    let settings = Self.settings(&random)
    house = House(settings, at: House.noon - .seconds(20), meter: meters.readings(of: settings))
    note(settings, judged: nil)
  }

  // MARK: What happens

  mutating func walk(steps: Int) {
    for _ in 0..<steps {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<4: restart(Self.settings(&random))
      // Undone, or the same again.
      case 4: restart(told[max(0, told.count - 2)].settings)
      case 5: restart(house.settings)
      case 6:
        if let site = Self.sites.randomElement(using: &random) { meters.quiet.formSymmetricDifference([site]) }
        house.meter = meters.readings(of: house.settings)
      case 7:
        house.sleep(seconds: Int64.random(in: 1...400, using: &random))
        restart(Bool.random(using: &random) ? house.settings : Self.settings(&random))
      default: break
      }
      // Many changes at once, or hardly any.
      run(seconds: Bool.random(using: &random) ? Int.random(in: 1...20, using: &random) : 100)
    }
  }

  /// All sites and resources, and everybody answers.
  mutating func settle() {
    meters.quiet = []
    restart(Self.settings(&random, isWhole: true))
    run(seconds: 200)
  }

  private mutating func restart(_ settings: Settings) {
    let judged = house.pipeline.ledger.judgedThrough
    house.restart(settings, meter: meters.readings(of: settings))
    note(settings, judged: judged)
  }

  private mutating func note(_ settings: Settings, judged: IntervalEnding?) {
    let length = Self.interval
    let next = UTCInstant(
      seconds: (house.now.utc.seconds + 2 * settings.scan.count / 1_000 + 2 + length - 1) / length * length)
    let asked = ConfigurationEpoch(settings, start: next)
    let isSame = told.last.map { ConfigurationEpoch($0.settings, start: next) == asked } ?? false
    let last = told.last?.start ?? next
    let start = isSame ? last : max(next, last)
    told.append(Told(at: house.now.utc, start: start, settings: settings, judged: judged))
  }

  private mutating func run(seconds: Int) {
    let began = house.now.utc + .seconds(1)
    house.run(seconds: seconds)
    for site in house.settings.sites where !meters.quiet.contains(site.id) && firstReading[site.id] == nil {
      firstReading[site.id] = began
    }
  }

  // MARK: Configurations

  private static func settings(_ random: inout SeededRandom, isWhole: Bool = false) -> Settings {
    var settings = Settings.fixture(interval: interval, sites: 0, grace: grace, resources: [])
    settings.completeness.submitAt = 10_000
    settings.completeness.estimateAfter = .seconds(45 * 86_400)
    settings.scan = .seconds([1, 4, 20].randomElement(using: &random) ?? 1)
    let units = [("MWh", 6), ("MWh", 3), ("kWh", 3), ("kWh", 0), ("Wh", 1)]
    if let (symbol, digits) = units.randomElement(using: &random), let unit = WireUnit(symbol: symbol, digits: digits) {
      settings.channels[0].profile.unit = unit
    }
    let flows = [
      [("GEN", Flow.export)], [("GEN", .export), ("LOAD", .import)], [("LOAD", .import)], [("GEN", .import)],
    ]
    for id in resources where isWhole || Int.random(in: 0..<4, using: &random) > 0 {
      let measured = isWhole ? flows[1] : flows.randomElement(using: &random) ?? flows[0]
      settings.resources.append(
        ResourceSettings(
          id: id, schedulingCoordinator: SchedulingCoordinatorID("EXSC"), channel: ChannelName("production"),
          measurements: measured.map { MeasurementSettings(type: MeasurementType($0.0), flow: $0.1) }))
    }
    for id in sites where isWhole || Int.random(in: 0..<5, using: &random) > 0 {
      guard let resource = settings.resources.randomElement(using: &random)?.id else { continue }
      settings.sites.append(
        SiteSettings(
          id: id, resource: resource,
          nameplate: Power(milliwatts: Int64.random(in: 20...90, using: &random) * 1_000_000),
          lossFactors: LossFactors(
            export: Int64.random(in: 9_000...11_000, using: &random),
            import: Int64.random(in: 9_000...11_000, using: &random)),
          modbus: ModbusAddress(host: "127.0.0.1", port: 502, unit: 1), scan: nil))
    }
    return settings
  }

  // MARK: What ought to be

  /// The configuration that an interval is computed by, whenever it is computed; nil before the first one counts.
  func inForce(at start: UTCInstant) -> Settings? { told.last { $0.start <= start }?.settings }

  /// The start that took a site out, where the process that ran at an instant had it no longer.
  func removal(of site: SiteID, before instant: UTCInstant) -> Told? {
    told.prefix { $0.at < instant }.reversed().prefix { told in !told.settings.sites.contains { $0.id == site } }.last
  }

  /// The sites of a resource that had begun to contribute by an interval's start.
  func members(of resource: ResourceID, from start: UTCInstant) -> [SiteSettings] {
    (inForce(at: start)?.sites ?? []).filter { site in
      guard let first = firstReading[site.id], site.resource == resource else { return false }
      return (first.seconds / Self.interval + 1) * Self.interval <= start.seconds
    }
  }
}
