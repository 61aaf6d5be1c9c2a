import MarketCore
import TelemetryCore
import Testing

@Suite struct DeviationWatchTests {
  private static let resource = ResourceID("R1")
  private static let length = IntervalLength.fiveMinutes
  /// 20 %, at least 10 kW, for a quarter of an hour.
  private static let terms = DeviationTerms(
    share: 2_000, least: Power(milliwatts: 10_000_000), hold: .seconds(900))

  /// One interval for each pair of kilowatts; nil is not known.
  private static func intervals(_ pairs: [(measured: Int64?, scheduled: Int64?)]) -> [ComparedInterval] {
    let start = IntervalEnding(containing: UTCInstant(seconds: 1_795_464_000), length: length)
    return pairs.enumerated().map { index, pair in
      var interval = ComparedInterval(
        ending: start.advanced(by: Int64(index), length),
        measured: pair.measured.map { Energy(millijoules: $0 * 1_000_000 * length.seconds) },
        quality: pair.measured == nil ? .missing : .measured)
      interval.scheduled = pair.scheduled.map { Power(milliwatts: $0 * 1_000_000) }
      return interval
    }
  }

  /// What is said after each of them, in words.
  private static func told(_ pairs: [(measured: Int64?, scheduled: Int64?)]) -> [String] {
    var watch = DeviationWatch(terms)
    let all = intervals(pairs)
    return all.indices.map { index in
      switch watch.judge(resource, Array(all[...index]), length) {
      case nil: ""
      case .apart(let run): "apart \(run.count)"
      case .together: "together"
      }
    }
  }

  @Test func itIsSaidOnceWhenTheTimeIsFullAndOnceWhenItIsOver() {
    #expect(
      Self.told([(100, 100), (60, 100), (60, 100), (60, 100), (60, 100), (95, 100), (95, 100)])
        == ["", "", "", "apart 3", "", "together", ""])
  }

  @Test func theShareItselfIsNoDeviationAndBothDirectionsAre() {
    #expect(Self.told([(80, 100), (120, 100), (80, 100), (120, 100)]) == ["", "", "", ""])
    #expect(Self.told([(79, 100), (121, 100), (-300, -100)]) == ["", "", "apart 3"])
  }

  @Test func whereNothingIsScheduledTheLeastPowerCounts() {
    #expect(Self.told([(9, 0), (10, 0), (9, 0), (-10, 0)]) == ["", "", "", ""])
    #expect(Self.told([(11, 0), (11, 0), (11, 0)]) == ["", "", "apart 3"])
  }

  @Test func anIntervalThatNobodyMeasuredBreaksARunAndEndsNone() {
    #expect(Self.told([(0, 100), (0, 100), (nil, 100), (0, 100), (0, 100)]) == ["", "", "", "", ""])
    #expect(Self.told([(0, 100), (0, 100), (0, 100), (nil, 100), (0, 100)]) == ["", "", "apart 3", "", ""])
  }

  @Test func withoutAScheduleThereIsNothingToPartFrom() {
    #expect(Self.told([(500, nil), (500, nil), (500, nil)]) == ["", "", ""])
    #expect(Self.told([(0, 100), (0, 100), (0, 100), (0, nil)]) == ["", "", "apart 3", "together"])
  }

  @Test func theMeansAreSaidWithTheIntervalThatItBeganIn() throws {
    var watch = DeviationWatch(Self.terms)
    let all = Self.intervals([(100, 100), (50, 100), (40, 100), (60, 100)])
    guard case .apart(let run) = watch.judge(Self.resource, all, Self.length) else {
      Issue.record("nothing was said")
      return
    }
    #expect(
      run.words(Self.length)
        == "measured 0.05 MW and scheduled 0.1 MW, on the mean of the 3 intervals from "
        + "\(all[1].ending.start(Self.length).text) on")
  }
}
