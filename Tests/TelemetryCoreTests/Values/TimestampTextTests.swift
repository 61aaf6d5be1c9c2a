import Testing

@testable import TelemetryCore

@Suite struct TimestampTextTests {
  struct Pair: CustomTestStringConvertible {
    var milliseconds: Int64
    var text: String
    var testDescription: String { text }
  }

  /// From `date -u -d @N`.
  @Test(arguments: [
    Pair(milliseconds: 0, text: "1970-01-01T00:00:00.000Z"),
    Pair(milliseconds: -1, text: "1969-12-31T23:59:59.999Z"),
    Pair(milliseconds: 951_782_400_000, text: "2000-02-29T00:00:00.000Z"),
    Pair(milliseconds: 1_748_977_200_123, text: "2025-06-03T19:00:00.123Z"),
    Pair(milliseconds: 4_107_542_399_000, text: "2100-02-28T23:59:59.000Z"),
    Pair(milliseconds: 4_107_542_400_000, text: "2100-03-01T00:00:00.000Z"),
  ])
  func matchesTheDateCommandBothWays(_ pair: Pair) {
    #expect(UTCInstant(milliseconds: pair.milliseconds).timestamp(.milliseconds) == pair.text)
    #expect(UTCInstant(timestamp: pair.text) == UTCInstant(milliseconds: pair.milliseconds))
  }

  @Test func daysOfFourHundredYearsComeBack() {
    for day in stride(from: Int64(-80_000), to: 80_000, by: 17) {
      let instant = UTCInstant(milliseconds: day * 86_400_000 + 43_200_001)
      #expect(UTCInstant(timestamp: instant.timestamp(.milliseconds)) == instant)
    }
  }

  @Test func secondsCutOffWhatIsBetween() {
    #expect(UTCInstant(milliseconds: 1_999).timestamp() == "1970-01-01T00:00:01Z")
  }

  @Test(arguments: [
    ("2025-06-03T11:00:00-07:00", "2025-06-03T18:00:00.000Z"),
    ("2025-06-04T00:30:00+01:00", "2025-06-03T23:30:00.000Z"),
    ("2025-06-03T18:00:00.5Z", "2025-06-03T18:00:00.500Z"), ("2025-06-03T18:00:00.123999Z", "2025-06-03T18:00:00.123Z"),
    ("2025-06-03T24:00:00Z", "2025-06-04T00:00:00.000Z"),
  ])
  func otherSpellingsAreRead(_ text: String, _ same: String) {
    #expect(UTCInstant(timestamp: text)?.timestamp(.milliseconds) == same)
  }

  @Test(arguments: [
    "", "2025", "2025-06-03", "2025-06-03T18:00:00", "2025-06-03 18:00:00Z", "2025-13-01T00:00:00Z",
    "2025-02-29T00:00:00Z", "2025-06-03T25:00:00Z", "2025-06-03T24:00:01Z", "2025-06-03T18:60:00Z",
    "2025-06-03T18:00:60Z", "2025-06-03T18:00:00.Z", "2025-06-03T18:00:00+15:00", "2025-06-03T18:00:00Z ",
    "2025-06-03T18:00:00+7", "-025-06-03T18:00:00Z", "２０２５-06-03T18:00:00Z", "2025-00-03T18:00:00Z",
  ])
  func whatIsNoTimestampIsRefused(_ text: String) {
    #expect(UTCInstant(timestamp: text) == nil)
  }

  @Test func theFarthestInstantsCanBeWritten() {
    for extreme in [Int64.min, .max] { #expect(UTCInstant(milliseconds: extreme).timestamp().hasSuffix("Z")) }
  }
}
