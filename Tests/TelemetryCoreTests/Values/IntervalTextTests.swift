import Testing

import TelemetryCore

@Suite struct IntervalTextTests {
  /// Pacific prevailing time around the changes of 2026.
  private let pacific = TimeZoneTransitions(
    firstOffsetSeconds: -8 * 3_600,
    transitions: [
      TimeZoneTransitions.Transition(instant: UTCInstant(seconds: 1_772_964_000), offsetSeconds: -7 * 3_600),
      TimeZoneTransitions.Transition(instant: UTCInstant(seconds: 1_793_523_600), offsetSeconds: -8 * 3_600),
    ])

  private func count(_ text: String) -> Int64? {
    IntervalText.range(text, in: pacific).map { range in
      let first = IntervalEnding(containing: range.lowerBound, length: .fiveMinutes)
      return (range.upperBound.seconds - first.seconds) / 300 + 1
    }
  }

  @Test func eachFormMeansItsIntervals() {
    #expect(count("2026-11-23T08:05:00Z") == 1)
    #expect(count("2026-11-23T08:05:00Z..2026-11-23T09:00:00Z") == 12)
    #expect(count("2026-11-23") == 288)
    #expect(count("2026-03-08") == 276)
    #expect(count("2026-11-01") == 300)
    #expect(count("2026-11-23/HE15") == 12)
    #expect(count("2026-11-01/he25") == 12)
  }

  @Test func theFirstIntervalOfATradeDateEndsFiveMinutesIntoIt() throws {
    let range = try #require(IntervalText.range("2026-11-23", in: pacific))
    #expect(IntervalEnding(containing: range.lowerBound, length: .fiveMinutes).instant.text == "2026-11-23T08:05:00Z")
    #expect(range.upperBound.text == "2026-11-24T08:00:00Z")
    let hour = try #require(IntervalText.range("2026-11-23/HE1", in: pacific))
    #expect(IntervalEnding(containing: hour.lowerBound, length: .fiveMinutes).instant.text == "2026-11-23T08:05:00Z")
    #expect(hour.upperBound.text == "2026-11-23T09:00:00Z")
  }

  @Test func whatIsNoneOfTheFormsIsNone() {
    for text in [
      "", "yesterday", "2026-11-23T08:05:00", "2026-02-30", "2026-11-23/HE0", "2026-11-23/HE26", "2026-11-23/15",
      "2026-11-23/HE25", "2026-03-08/HE3", "2026-11-23T09:00:00Z..2026-11-23T08:00:00Z", "..", "2026-11-23..2026-11-24",
    ] {
      #expect(IntervalText.range(text, in: pacific) == nil, "\(text)")
    }
  }

  @Test func localTimeNamesItsOffset() {
    #expect(UTCInstant(seconds: 1_795_421_100).localText(in: pacific) == "2026-11-23T00:05:00-08:00")
    #expect(UTCInstant(seconds: 1_781_000_000).localText(in: pacific).hasSuffix("-07:00"))
    #expect(UTCInstant(seconds: 0).localText(in: .utc) == "1970-01-01T00:00:00+00:00")
  }
}
