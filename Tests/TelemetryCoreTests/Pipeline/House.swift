import TelemetrySimulation
@testable import TelemetryCore
import Testing

/// The pipeline with a clock that does as it is told, meters that count exactly, a log in memory and a scripted operator.
struct House {
  var pipeline: Pipeline
  var now: Moment
  /// Everything the log made durable.
  private(set) var log: [LogRecord] = []
  /// The readings log.
  private(set) var stored: [StoredReading] = []
  private(set) var retentions: [ReadingsRetention] = []
  var station = ScriptedStation()
  /// What the stored payload of every submission is found to be.
  var payloadDigest = Digest()
  private(set) var announcements: [Announcement] = []
  private(set) var verdicts: [PersonVerdict] = []
  private(set) var plans: [ReloadPlan] = []
  /// The sites that stored readings are of, by their places.
  private var names: [SiteID]
  /// What a person asks once while a submission is being prepared.
  var asksWhilePreparing: PersonRequest.Subject?
  /// The random number that goes with every event.
  var jitter: UInt8 = 0
  /// What each site's registers stand at, by the site's place, for an instant; nil when it does not answer.
  var meter: (Int, UTCInstant) -> SiteReading?
  private(set) var settings: Settings
  private let leastUntilCheckpoint: Int

  /// 2026-03-18T12:00:00Z.
  static let noon = UTCInstant(seconds: 1_773_835_200)

  init(
    _ settings: Settings = .fixture(), at instant: UTCInstant = House.noon - Milliseconds(5_000),
    log: [LogRecord] = [], stored: [StoredReading] = [],
    leastUntilCheckpoint: Int = LedgerSize.leastUntilCheckpoint,
    meter: @escaping (Int, UTCInstant) -> SiteReading? = House.steadyMeter
  ) {
    self.settings = settings
    names = settings.sites.map(\.id)
    self.log = log
    self.stored = stored
    self.leastUntilCheckpoint = leastUntilCheckpoint
    self.meter = meter
    now = Moment(utc: instant, uptime: UptimeInstant(milliseconds: 1_000_000 + instant.milliseconds % 1_000_000))
    pipeline = Self.reopen(settings, log, stored, leastUntilCheckpoint)
    perform(pipeline.handle(.started(version: "test", damages: []), at: now))
  }

  private static func reopen(
    _ settings: Settings, _ log: [LogRecord], _ stored: [StoredReading], _ leastUntilCheckpoint: Int
  ) -> Pipeline {
    let replay = LedgerReplay(startingWith: log)
    var pipeline = Pipeline(
      settings: settings, ledger: replay.state, nextSequence: LogSequence(UInt64(log.count + 1)), size: replay.size,
      leastUntilCheckpoint: leastUntilCheckpoint)
    let needed = replay.state.neededReadings(settings.intervalLength)
    for reading in stored where needed.includes(storedAt: reading.instant) { pipeline.restore(reading) }
    return pipeline
  }

  /// The process dies and starts again: what was not durable is gone, and so is every call under way.
  mutating func crash(home: String = "") {
    station.forgetCalls()
    names = settings.sites.map(\.id)
    pipeline = Self.reopen(settings, log, stored, leastUntilCheckpoint)
    perform(pipeline.handle(.started(version: "test", home: home, damages: []), at: now))
  }

  /// The process stops and starts again with another configuration.
  mutating func restart(_ settings: Settings, meter: @escaping (Int, UTCInstant) -> SiteReading?) {
    self.settings = settings
    self.meter = meter
    crash()
  }

  /// The configuration is edited while the process runs.
  mutating func reload(_ settings: Settings, meter: @escaping (Int, UTCInstant) -> SiteReading?) -> ReloadPlan? {
    let known = plans.count
    let reload = Pipeline.Reload(settings: settings, configuration: nil, origin: "by a test")
    send(.configurationRead(reload, RequestNumber(1)))
    guard plans.count > known, let plan = plans.last else { return nil }
    if !plan.isRefused { (self.settings, self.meter) = (settings, meter) }
    return plan
  }

  /// A person asks, and is answered when it is durable.
  mutating func ask(
    _ subject: PersonRequest.Subject, partly: Bool = false
  ) -> PersonVerdict {
    send(.personAsked(RequestNumber(1), PersonRequest(subject, user: "op", reason: "a test", isPartly: partly)))
    return verdicts.last ?? PersonVerdict()
  }

  /// The process ends as it is told to, and starts again.
  mutating func stop() {
    if let last = pipeline.storeTheRest(at: now) { perform([last]) }
    crash()
  }

  /// The readings log is lost.
  mutating func loseReadings() { stored = [] }

  /// A device says who it is.
  mutating func identify(_ site: Int, serialNumber: String, version: String = "1") {
    send(
      .siteIdentified(
        SiteIndex(site),
        DeviceIdentity(manufacturer: "Maker", model: "Meter", version: version, serialNumber: serialNumber),
        description: "Meter \(serialNumber)"))
  }

  /// Another meter at the first site, and then one that is set back to zero.
  mutating func changeMeters() {
    identify(0, serialNumber: "SN-1")
    run(seconds: 2)
    identify(0, serialNumber: "SN-2")
    let (meter, begun) = (meter, now.utc)
    self.meter = { site, instant in
      guard site == 0 else { return meter(site, instant) }
      let count = UInt64(instant.seconds - begun.seconds) * 1_000
      return SiteReading(
        site: SiteIndex(0), instant: instant, power: nil,
        export: EnergyRegister(raw: count > 60_000 ? count - 60_000 : 9_000 + count, scale: -2), import: nil)
    }
    run(seconds: 130)
    self.meter = meter
    run(seconds: 130)
  }

  /// Lets time pass in steps of a second, with a scan of every site in each.
  mutating func run(seconds: Int) {
    for _ in 0..<seconds {
      now.utc = now.utc + .seconds(1)
      now.uptime = now.uptime + .seconds(1)
      for site in settings.sites.indices {
        if let reading = meter(site, now.utc) { send(.siteRead(reading)) }
      }
      send(.ticked)
      for event in station.events(at: now.utc) { send(event) }
    }
  }

  /// Time passes while the daemon is down.
  mutating func sleep(seconds: Int64) {
    now.utc = now.utc + .seconds(seconds)
    now.uptime = now.uptime + .seconds(seconds)
  }

  mutating func send(_ event: Pipeline.Event) { perform(pipeline.handle(event, at: now, jitter: jitter)) }

  private mutating func perform(_ actions: [Pipeline.Action]) {
    // As a log does that works off what it is given: its word comes after everything of this step.
    var committed: LogSequence?
    for action in actions {
      switch action {
      case .commit(let records, let through), .checkpoint(let records, let through):
        log += records
        precondition(UInt64(log.count) == through.number, "the log gives the numbers that the pipeline expects")
        committed = through
      case .store(let frame, let number):
        stored += frame.named(by: names)
        send(.readingsStored(through: number))
      case .shedReadings(let retention): retentions.append(retention)
      case .announce(let announcement):
        #expect(announcement.keepsToItsKind, "\(announcement)")
        announcements.append(announcement)
      case .answer(_, let verdict): verdicts.append(verdict)
      case .reloaded(_, let plan): plans.append(plan)
      case .nameSites(let sites): names = sites
      case .readSites: break
      case .prepare(let call, let preparation):
        station.contents[preparation.content.id] = preparation.content
        if let asked = asksWhilePreparing.take() { _ = ask(asked) }
        send(.prepared(call, payloadDigest: payloadDigest, envelopeDigest: Digest()))
      case .send(let call, _, let submission, _): station.receive(call, submission.id)
      case .askStatus(let call, _, _, _): station.askedStatus(call)
      case .retrieve(let call, _, let question, let place): station.asked(call, question, keptWith: place)
      }
    }
    if let committed { send(.committed(through: committed)) }
  }

  var audit: Audit { Audit(of: pipeline.ledger, recordCount: log.count, now: now.utc) }

  func obligation(
    _ ending: UTCInstant, _ measurement: String = "GEN", resource: String = "EXAMPL_7_DERA1"
  ) -> Obligation {
    let key = SeriesKey(resource: ResourceID(resource), measurement: MeasurementType(measurement))
    guard let index = pipeline.ledger.seriesIndex[key], let account = pipeline.ledger.series[index] else {
      return Obligation()
    }
    return account[IntervalEnding(seconds: ending.seconds, length: settings.intervalLength)]
  }

  /// A meter that exports 36 kW from 2026 on: 10 Wh a second, in counts of a hundredth of a watt-hour.
  static func steadyMeter(_ site: Int, _ instant: UTCInstant) -> SiteReading? {
    let milliseconds = UInt64(instant.milliseconds - 1_767_225_600_000)
    return SiteReading(
      site: SiteIndex(site), instant: instant, power: Power(milliwatts: 36_000_000),
      export: EnergyRegister(raw: milliseconds, scale: -2),
      import: EnergyRegister(raw: 77 + UInt64(site), scale: 0))
  }
}

extension Settings {
  static func fixture(
    interval: Int64 = 300, sites: Int = 2, grace: Int64 = 5, mode: ChannelSettings.Mode = .live,
    status: Bool = true, digits: Int = 6, resources: [String] = ["EXAMPL_7_DERA1"], settle: Int64 = 60
  ) -> Settings {
    let service = ServiceSettings(url: "https://127.0.0.1/", soapAction: "")
    guard let length = IntervalLength(seconds: interval), let unit = WireUnit(symbol: "MWh", digits: digits) else {
      preconditionFailure("a length and a unit that exist")
    }
    return Settings(
      stateDirectory: "/nowhere", intervalLength: length, grace: .seconds(grace), scan: .seconds(1),
      resources: resources.map { id in
        ResourceSettings(
          id: ResourceID(id), schedulingCoordinator: SchedulingCoordinatorID("EXSC"),
          channel: ChannelName("production"),
          measurements: [MeasurementSettings(type: MeasurementType("GEN"), flow: .export)])
      },
      sites: (0..<sites).map { index in
        SiteSettings(
          id: SiteID("site-\(index)"), resource: ResourceID(resources[index % resources.count]),
          nameplate: Power(milliwatts: 50_000_000), lossFactors: .none,
          modbus: ModbusAddress(host: "127.0.0.1", port: 502, unit: 1), scan: nil)
      },
      channels: [
        ChannelSettings(
          name: ChannelName("production"), mode: mode, profile: WireProfile(name: "test", unit: unit),
          submit: service, status: status ? service : nil, retrieve: service, certificate: .file("/c"),
          key: .file("/k"), trust: .file("/t"), userName: nil, spacing: .seconds(1), settle: .seconds(settle),
          timeout: .seconds(60))
      ])
  }
}

extension Announcement {
  /// What `docs/journal.md` says of its kind holds for it.
  var keepsToItsKind: Bool {
    kind.priorities.contains(priority) && Set(fields.keys).isSubset(of: Set(kind.fields))
  }
}
