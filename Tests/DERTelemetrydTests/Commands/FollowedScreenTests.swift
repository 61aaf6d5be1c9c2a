import Testing
import TelemetryCore

@testable import DERTelemetryd

@Suite struct FollowedScreenTests {
  private static let length = IntervalLength.fiveMinutes

  private static func row(_ series: Int, _ interval: Int64, state: String = "validating") -> IntervalRow {
    IntervalRow(
      resource: ResourceID("EXAMPL_7_DERA\(series)"), measurement: MeasurementType("GEN"),
      intervalEnding: IntervalEnding(seconds: 1_795_348_800 + 300 * interval, length: length), state: state,
      value: "12.142500", unit: "MWh", quality: .measured, revision: 1, siteCount: 1, submission: nil)
  }

  private static func screen(_ series: [[IntervalRow]]) -> [String] {
    let sum = "1234 owed: 1 due, 1 queued, 1 sending, 1 validating, 1 unknown, 1200 accepted; the law holds"
    return FollowedScreen(
      title: "DERTelemetryd 2026-11-22T12:00:00Z  \(String(repeating: "x", count: 90))",
      series: series, sum: sum
    ).lines
  }

  @Test(arguments: 1...60)
  func anyNumberOfSeriesFitsAnOldTerminal(count: Int) {
    let lines = Self.screen((1...count).map { series in (0..<4).map { Self.row(series, $0) } })
    #expect(lines.count <= 23)
    #expect(lines.allSatisfy { $0.count <= 79 })
    let shown = lines.count { $0.hasPrefix("EXAMPL_7_DERA") }
    #expect(shown == count || lines.contains("and \(count - shown) more; choose with --resource"))
  }

  @Test func twentyResourcesHaveARowEach() {
    let lines = Self.screen((1...20).map { series in (0..<4).map { Self.row(series, $0, state: "accepted") } })
    let rows = lines.filter { $0.hasPrefix("EXAMPL_7_DERA") }
    #expect(rows.count == 20)
    #expect(rows.allSatisfy { $0.contains("GEN") && $0.contains("12.142500 accepted") })
  }

  @Test func aSeriesThatBeganLaterStandsUnderItsOwnIntervals() {
    let lines = Self.screen([[Self.row(1, 1)], [Self.row(2, 0), Self.row(2, 1)], []])
    #expect(lines[2] == "RESOURCE                  12:00Z       12:05Z       ")
    #expect(lines[3] == "EXAMPL_7_DERA1 GEN                     12.142500    ")
    #expect(lines[5] == "EXAMPL_7_DERA2 GEN        12.142500    12.142500    ")
  }
}
