import TelemetryCore

@testable import DERTelemetryd

/// A pipeline with one interval, which has come as far as a call: what an answer to it makes of the interval.
struct WaitingPipeline {
  /// 2026-03-18T12:00:00Z, and the end of the interval, five minutes later.
  static let noon = UTCInstant(seconds: 1_773_835_200)
  static let ending = IntervalEnding(seconds: 1_773_835_500, length: .fiveMinutes)
  static let resource = ResourceID("EXAMPL_7_DERA1")

  private(set) var pipeline: Pipeline
  private(set) var now: Moment
  private(set) var call: CallNumber?
  private(set) var content: SubmissionContent?

  /// As far as the first submission, which has just been handed to the channel.
  init() throws {
    let settings = try Self.settings()
    pipeline = Pipeline(settings: settings, ledger: LedgerState(), nextSequence: LogSequence(1))
    now = Moment(utc: Self.noon - .seconds(30), uptime: UptimeInstant(milliseconds: 1_000_000))
    take(.started(version: "test", damages: []))
    while call == nil, now.utc < Self.noon + .seconds(400) { pass(seconds: 5) }
  }

  private static func settings() throws -> Settings {
    let channel = try ChannelFixtures.settings()
    return Settings(
      stateDirectory: "/nowhere", intervalLength: .fiveMinutes, grace: .seconds(5), scan: .seconds(5),
      resources: [
        ResourceSettings(
          id: resource, schedulingCoordinator: SchedulingCoordinatorID("EXSC"), channel: channel.name,
          measurements: [MeasurementSettings(type: MeasurementType("GEN"), flow: .export)])
      ],
      sites: [
        SiteSettings(
          id: SiteID("site"), resource: resource, nameplate: Power(milliwatts: 50_000_000), lossFactors: .none,
          modbus: ModbusAddress(host: "127.0.0.1", port: 502, unit: 1), scan: nil)
      ],
      channels: [channel])
  }

  /// What the interval's state is called.
  var state: String {
    let key = SeriesKey(resource: Self.resource, measurement: MeasurementType("GEN"))
    return pipeline.ledger.seriesIndex[key].flatMap { pipeline.ledger.series[$0]?[Self.ending].state.name } ?? "none"
  }

  var value: Int64 { content?.rows.first?.value ?? 0 }

  /// Answers the submission with something, and goes on until the channel asks a question about it.
  mutating func awaitQuestion(after answer: CallOutcome<SubmitAnswer>) {
    if let call { take(.submitEnded(call, answer, answerDigest: Digest())) }
    call = nil
    while call == nil, now.utc < Self.noon + .seconds(1_000) { pass(seconds: 1, scanning: false) }
  }

  mutating func take(_ event: Pipeline.Event) {
    for action in pipeline.handle(event, at: now) {
      switch action {
      case .commit(_, let through), .checkpoint(_, let through): take(.committed(through: through))
      case .prepare(let number, let preparation):
        content = preparation.content
        take(.prepared(number, payloadDigest: Digest(), envelopeDigest: Digest()))
      case .send(let number, _, _, _), .askStatus(let number, _, _, _), .retrieve(let number, _, _, _): call = number
      case .announce, .answer, .store, .shedReadings, .reloaded, .nameSites, .readSites: break
      }
    }
  }

  private mutating func pass(seconds: Int64, scanning: Bool = true) {
    now.utc = now.utc + .seconds(seconds)
    now.uptime = now.uptime + .seconds(seconds)
    if scanning {
      let raw = UInt64(now.utc.seconds - Self.noon.seconds + 1_000)
      take(
        .siteRead(
          SiteReading(
            site: SiteIndex(0), instant: now.utc, power: nil, export: EnergyRegister(raw: raw, scale: 0), import: nil)))
    }
    take(.ticked)
  }
}
