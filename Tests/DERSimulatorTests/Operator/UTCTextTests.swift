import TelemetryCore
import Testing

@testable import DERSimulator

@Suite struct UTCTextTests {
  @Test(arguments: ["2026-11-22T11:05:00Z", "1970-01-01T00:00:00Z", "2026-11-22T11:05:00.007Z"])
  func whatIsReadIsWrittenTheSame(text: String) throws {
    let instant = try #require(UTCText.parse(text))
    #expect(text.contains(".") ? UTCText.milliseconds(instant) == text : UTCText.seconds(instant.seconds) == text)
  }

  @Test(arguments: [
    "", "Z", "2026-11-22T11:05:00", "2026-11-22T11:05:00+00:00", "2026-11-22 11:05:00Z", "2026-13-22T11:05:00Z",
    "2026-02-30T11:05:00Z", "2026-11-22T24:05:00Z", "2026-11-22T11:05Z", " 2026-11-22T11:05:00Z",
    "2026-11-22T11:05:00.1Z", "99999999999-11-22T11:05:00Z", "2026-11-22T11:05:60Z",
  ])
  func anythingElseIsRefused(text: String) {
    #expect(UTCText.parse(text) == nil)
  }

  @Test func theMillisecondsAreThoseOfTheInstant() {
    #expect(UTCText.parse("2026-11-22T11:05:00.007Z") == UTCInstant(milliseconds: 1_795_345_500_007))
  }
}
