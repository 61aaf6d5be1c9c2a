import Foundation
import MarketCore
import Settings
import TelemetryCore
import Testing

@testable import DERTelemetryd

/// That each key of `--json` stands in docs/json.md.
@Suite struct DocumentedFormsTests {
  private static let ending = IntervalEnding(seconds: 1_795_349_400, length: .fiveMinutes)

  private static func undocumented(_ value: some Encodable) throws -> [String] {
    let file = ConfigurationFixtures.root.appending(path: "docs/json.md")
    let text = try String(contentsOf: file, encoding: .utf8)
    let found = try keys(of: JSONSerialization.jsonObject(with: JSONEncoder().encode(value)))
    #expect(!found.isEmpty)
    return found.filter { !text.contains("\($0)`") && !text.contains("\($0)[]`") }.sorted()
  }

  private static func keys(of json: Any) -> Set<String> {
    switch json {
    case let object as [String: Any]: object.reduce(into: Set(object.keys)) { $0.formUnion(keys(of: $1.value)) }
    case let list as [Any]: list.reduce(into: []) { $0.formUnion(keys(of: $1)) }
    default: []
    }
  }

  @Test func theFormOfCheckIsDocumented() throws {
    let example = ConfigurationFixtures.root.appending(path: "config/dertelemetryd.yaml").path()
    let settings = try SettingsLoader.load(path: example, environment: [:]).get()
    var summary = CheckSummary(settings, file: example, environment: [:])
    summary.schemas = [SchemaCheck.Checked(schema: "m.xsd", channel: "production", profile: "mri-s", message: "submit")]
    let valid = CheckReport(summary)
    #expect(try Self.undocumented(valid) == [])
    let place = ConfigurationPlace(file: "d.yaml", line: 1, column: 1)
    let problem = ConfigurationProblem(place: place, key: "format", message: "expected `1`")
    let refused = CheckReport(ConfigurationProblems([problem]), lastAccepted: Self.ending.instant)
    #expect(try Self.undocumented(refused) == [])
  }

  @Test func theFormsOfRegisterAreDocumented() throws {
    let example = ConfigurationFixtures.root.appending(path: "config/registration.yaml").path()
    let registration = try Registration.read(
      try YAMLDocument.node(of: try BoundedFile.text(of: example), file: example))
    let date = try #require(TradeDate("2026-11-24"))
    let review = RegistrationReview(of: registration, resources: [], sites: [], on: date)
    #expect(!review.isAccepted)
    #expect(try Self.undocumented(RegistrationReport(registration, review, file: example)) == [])
    #expect(try Self.undocumented(RulesReport(registration.ruleBook, on: date)) == [])
    let steps = RegistrationHistory().steps(
      of: registration.aggregations[0], ders: "", registration: registration, review: review)
    #expect(try Self.undocumented(StepsReport(registration.aggregations[0], steps)) == [])
    let listing = ResourceListing(
      of: ResourceID("R"), resources: OASISTable(columns: ["RESOURCE_ID", "NODE_ID"], rows: [["R", "N"]]),
      capacities: nil, aggregation: nil, now: Self.ending.instant)
    let comparison = IntervalComparison(
      resource: ResourceID("R"), tradeDate: date, length: .fiveMinutes, zone: try #require(PacificTime.transitions()))
    let lines = comparison.intervals.prefix(1).map { ComparisonLine($0, in: comparison, zone: .utc) }
    #expect(try Self.undocumented(ComparisonReport(comparison, lines)) == [])
    #expect(try Self.undocumented(["deviationPercent": ""]) == [])
    var identity = IdentityReport(.sibr, nil, now: date.start(in: .utc))
    (identity.certificate, identity.subject, identity.notValidAfter) = ("c", "s", "n")
    #expect(try Self.undocumented([identity]) == [])
    #expect(try Self.undocumented(ListingReport(listing, resource: "R", isCompared: true)) == [])
  }

  @Test func theFormOfTheConfigurationIsDocumented() throws {
    let files = ConfigurationFiles(path: "/d", files: [.init(role: .main, name: "d", bytes: [])])
    #expect(try Self.undocumented(ConfigurationFilesReport(files, since: Self.ending.instant)) == [])
    // The keys within are those of the files.
    #expect(try Self.undocumented(EffectiveReport(main: .list([]), sites: .list([]))) == [])
  }

  @Test func theFormOfAuditIsDocumented() throws {
    var report = AuditReport(
      Audit(of: LedgerState(), recordCount: 0, now: Self.ending.instant), directory: "/", damage: [])
    report.judgedThrough = Self.ending.instant.text
    report.series = [
      AuditReport.Series(
        resource: "R", measurement: "GEN", firstIntervalEnding: Self.ending.instant.text, owed: 1,
        states: Dictionary(uniqueKeysWithValues: ObligationState.allCases.map { ($0.name, 1) }), unit: "MWh",
        submittedValue: "0.000001", exactMillijoules: "3600000", residualMillijoules: 0)
    ]
    report.faults = [
      AuditReport.Fault(
        kind: "double", record: 1, resource: "R", measurement: "GEN", intervalEnding: Self.ending.instant.text,
        explanation: "")
    ]
    report.checkpoint = 1
    report.deep = AuditReport.Deep(segments: 1, archivedSegments: 0, checkpoints: 0, unreadCheckpoints: 0)
    #expect(try Self.undocumented(report) == [])
  }

  @Test func theFormOfStatusIsDocumented() throws {
    let example = ConfigurationFixtures.root.appending(path: "config/dertelemetryd.yaml").path()
    let settings = try SettingsLoader.load(path: example, environment: [:]).get()
    let now = Self.ending.instant
    var report = StatusReport(LedgerState(), settings, isRunning: true, now: now)
    (report.startedAt, report.lastAccepted, report.oldestUnaccepted) = (now.text, now.text, now.text)
    (report.oldestUnacceptedSeconds, report.scanSlipMilliseconds) = (1, 1)
    (report.configurationProblem, report.stalled) = ("", [""])
    (report.channels[0].callsLastHour, report.channels[0].certificateDays) = (1, 1)
    report.disk = StatusReport.Disk(freeBytes: 1, writtenBytes: 1, in: .seconds(900))
    report.deadlines = [.init(name: "d", tradeDate: "2026-11-23", due: now.text, secondsLeft: 1, intervals: 1)]
    report.judge()
    #expect(try Self.undocumented(report) == [])
  }

  @Test func theFormOfADecisionIsDocumented() throws {
    var report = PersonReport(problem: "none")
    report.intervals = [
      PersonReport.Interval(
        resource: "R", measurement: "GEN", intervalEnding: Self.ending.instant.text, state: "missing", refusal: "no")
    ]
    #expect(try Self.undocumented(report) == [])
  }

  @Test func theFormOfSubmissionsIsDocumented() throws {
    let id = SubmissionID("S")
    let row = RevisionReference(series: SeriesIndex(0), intervalEnding: Self.ending, revision: 1)
    let place = Pipeline.StoredSubmission(id: id, created: Self.ending.instant)
    let records: [LedgerRecord] = [
      .intent(
        SubmissionIntent(
          id: id, created: place.created, channel: ChannelName("c"), schedulingCoordinator: .init("SC"), rows: [row],
          payloadDigest: Digest())),
      .attempt(id, number: 1, created: place.created, envelopeDigest: Digest()),
      .taken(id, OperatorBatchID("B"), isFinal: false, answerDigest: Digest()),
      .kept(Evidence(submission: place, file: .question(Digest()), digest: Digest())),
      .verdict(id, .accepted, answerDigest: Digest()),
    ]
    var history = SubmissionHistory()
    for (index, record) in records.enumerated() { history.take(LogSequence(UInt64(index + 1)), record.logRecord) }
    #expect(try Self.undocumented(SubmissionReport(try #require(history[id]))) == [])
  }

  @Test func theFormOfLogDumpIsDocumented() throws {
    let reading = SiteReading(
      site: SiteIndex(0), instant: Self.ending.instant, power: Power(milliwatts: 1),
      export: EnergyRegister(raw: 1, scale: 0), import: EnergyRegister(raw: 1, scale: 0))
    let moment = Moment(utc: Self.ending.instant, uptime: UptimeInstant(milliseconds: 0))
    let clock = HostClock(boot: .unknown, moment: moment, synchronisation: .unknown)
    var encoder = ReadingsEncoder()
    var words = RecordWords()
    let record = encoder.encode(ReadingsFrame(clock: clock, readings: [reading]))
    #expect(try Self.undocumented(words.line(LogSequence(1), record, of: "readings")) == [])
  }

  @Test func theFormOfIntervalsIsDocumented() throws {
    let zone = try #require(PacificTime.transitions())
    var state = LedgerState()
    let key = SeriesKey(resource: ResourceID("R"), measurement: MeasurementType("GEN"))
    state.apply(.owedFrom(SeriesIndex(0), key, Self.ending, .fiveMinutes), at: LogSequence(1))
    let row = try #require(state.rows(in: nil, now: Self.ending.instant).first)
    let line = IntervalLine(row, date: TradeDate(of: Self.ending, in: zone), zone: zone)
    #expect(try Self.undocumented(line) == [])
    // The same names, and those that an interval without a value leaves out.
    #expect(try Self.undocumented(Dictionary(uniqueKeysWithValues: IntervalLine.keys.map { ($0, 1) })) == [])
  }
}
