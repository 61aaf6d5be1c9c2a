import TelemetrySimulation
import Testing

import TelemetryCore

/// What a reader of the ledger learns of submissions, also of those that the accounts have forgotten.
@Suite struct SubmissionHistoryTests {
  private static func history(of house: House) -> SubmissionHistory {
    var history = SubmissionHistory()
    for (index, record) in house.log.enumerated() { history.take(LogSequence(UInt64(index + 1)), record) }
    return history
  }

  private static func states(_ house: House) -> [String] { history(of: house).submissions.map(\.stateName) }

  @Test func eachSubmissionHasItsAttemptsItsReceiptAndItsRows() throws {
    var house = House()
    house.station.script = [.beUnreachable, .throttle, .take]
    house.run(seconds: 330)
    let story = try #require(Self.history(of: house).submissions.first)
    #expect(story.stateName == "accepted")
    #expect(story.attempts.map(\.number) == [1, 2, 3])
    #expect(
      story.attempts.map(\.ending) == ["not sent: connection refused", "not looked at: throttled", "taken in"])
    #expect(story.attempts.map { $0.answerDigest == nil } == [true, false, false])
    #expect(story.batch == OperatorBatchID("B-\(story.id)"))
    #expect(story.statusDigest != nil)
    #expect(story.rowCount == 1)
    #expect(story.endings?.lowerBound.instant == House.noon + .seconds(300))
    #expect(story.outcomes == [.accepted: 1])
  }

  @Test func anUnknownOutcomeIsFollowedToItsEnd() throws {
    var house = House(.fixture(settle: 60))
    house.station.script = [.loseEverything]
    house.run(seconds: 310)
    #expect(Self.states(house) == ["unknown"])
    house.run(seconds: 100)
    let story = try #require(Self.history(of: house).submissions.first)
    #expect(story.stateName == "accepted")
    #expect(story.attempts.count == 2)
    #expect(story.questions.count >= 2 * 3, "three rounds, each a question and an answer")
  }

  @Test func rowsWithDifferentOutcomesAreMixed() throws {
    var house = House(.fixture(resources: ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"]))
    house.station.validation = .errors(
      rows: [
        RowError(
          resource: ResourceID("EXAMPL_7_DERA2"), measurement: MeasurementType("GEN"),
          intervalEnding: House.noon + .seconds(300), message: "not your resource")
      ], general: [])
    house.run(seconds: 330)
    let story = try #require(Self.history(of: house).submissions.first)
    #expect(story.stateName == "mixed")
    #expect(story.outcomes == [.accepted: 1, .rejected: 1])
  }

  @Test func whatGoesOutInOthersAndWhatIsGivenUpIsTold() throws {
    var house = House(.fixture(resources: ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"], settle: 20))
    house.station.validation = .errors(rows: [], general: ["schema"])
    house.station.holdsNothing = true
    house.run(seconds: 500)
    #expect(Self.states(house) == ["requeued", "rejected", "rejected"])

    var other = House()
    other.station.script = [.loseEverything]
    other.station.answersQuestions = false
    other.run(seconds: 330)
    let all = IntervalSelection(
      resource: ResourceID("EXAMPL_7_DERA1"), measurement: nil, first: House.noon, last: House.noon + .seconds(300))
    _ = other.ask(.intervals(.waived, all), partly: true)
    #expect(Self.states(other) == ["waived"])
  }

  /// A damaged ledger is read like any other.
  @Test(arguments: UInt64(0)..<20)
  func noStreamOfRecordsTrapsTheHistory(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var house = House(.fixture(interval: 60, settle: 5))
    house.station.script = [.take, .loseEverything, .reject, .throttle]
    house.run(seconds: 300)
    var history = SubmissionHistory()
    for (index, record) in house.log.enumerated() where Int.random(in: 0..<10, using: &random) > 0 {
      history.take(LogSequence(UInt64(index + 1)), record)
      if Int.random(in: 0..<10, using: &random) == 0 { history.take(LogSequence(UInt64(index + 1)), record) }
    }
    #expect(history.submissions.allSatisfy { SubmissionStory.stateNames.contains($0.stateName) }, "seed \(seed)")
  }
}
