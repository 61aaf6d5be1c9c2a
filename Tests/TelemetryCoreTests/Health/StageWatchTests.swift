import Testing

import TelemetryCore

/// Whether a stage beside the pipeline counts as stalled (P8).
@Suite struct StageWatchTests {
  @Test func aStageThatAnswersNoMoreIsAStall() {
    var watch = StageWatch(stages: ["log", "channel"])
    for _ in 0..<StageWatch.patience {
      for stage in watch.ask() where stage != "log" { watch.answered(stage) }
      #expect(watch.stalled == [])
    }
    for stage in watch.ask() where stage != "log" { watch.answered(stage) }
    #expect(watch.stalled == ["log"])
  }

  @Test func aStageThatAnswersLateIsAskedAgainAndIsNoStall() {
    var watch = StageWatch(stages: ["log"])
    for _ in 0..<100 {
      #expect(watch.ask() == ["log"])
      for _ in 1..<StageWatch.patience { #expect(watch.ask() == []) }
      #expect(watch.stalled == [])
      watch.answered("log")
    }
  }

  @Test func anAnswerOfNobodyWatchedChangesNothing() {
    var watch = StageWatch(stages: ["log"])
    watch.answered("another")
    #expect(watch.ask() == ["log"])
  }
}
