import Foundation
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
    let valid = CheckReport(CheckSummary(settings, file: example, environment: [:]))
    #expect(try Self.undocumented(valid) == [])
    let place = ConfigurationPlace(file: "d.yaml", line: 1, column: 1)
    let problem = ConfigurationProblem(place: place, key: "format", message: "expected `1`")
    #expect(try Self.undocumented(CheckReport(ConfigurationProblems([problem]))) == [])
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

  @Test func theFormOfADecisionIsDocumented() throws {
    var report = PersonReport(problem: "none")
    report.intervals = [
      PersonReport.Interval(
        resource: "R", measurement: "GEN", intervalEnding: Self.ending.instant.text, state: "missing", refusal: "no")
    ]
    #expect(try Self.undocumented(report) == [])
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
