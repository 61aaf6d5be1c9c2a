import Testing

import TelemetryCore

/// What becomes of submissions, whatever the operator does (P5).
@Suite struct SubmissionTests {
  private let first = House.noon + .seconds(300)

  @Test func whatWasNotSentGoesAgainWithTheSameSubmission() {
    var house = House()
    house.station.script = [.beUnreachable, .beUnreachable]
    house.run(seconds: 330)
    #expect(house.station.sent.count == 3)
    #expect(Set(house.station.sent).count == 1)
    #expect(house.obligation(first).state == .accepted)
    #expect(house.station.rows.count == 1)
  }

  @Test func aSubmissionWhosePayloadIsLostIsGivenUpAndItsRowsGoOutInAnother() throws {
    var house = House()
    house.station.script = Array(repeating: .beUnreachable, count: 4)
    house.run(seconds: 312)
    let waiting = try #require(house.pipeline.ledger.openSubmissions.first)
    let attempts = house.station.sent.count
    #expect(attempts > 0)
    house.payloadDigest = try #require(Digest(Array(repeating: 7, count: Digest.byteCount)))
    house.run(seconds: 520)
    #expect(!house.station.sent[attempts...].contains(waiting), "another payload than the one decided on never leaves")
    #expect(house.obligation(first).state == .accepted)
    #expect(house.pipeline.ledger.openSubmissions.isEmpty)
    #expect(house.station.rows.count == 2)
    #expect(house.announcements.count { $0.kind == .submissionGivenUp } == 1)
    #expect(house.audit.isLawful)
  }

  @Test func aLostAnswerIsResolvedByAskingAndNothingIsSentTwice() {
    var house = House()
    house.station.script = [.takeAndLoseTheAnswer]
    house.run(seconds: 330)
    #expect(house.obligation(first).state == .accepted)
    #expect(house.station.sent.count == 1)
    #expect(house.station.rows.count == 1)
  }

  @Test(arguments: [true, false])
  func theReceiptOfAnotherSubmissionIsNoReceipt(restarts: Bool) {
    var house = House(.fixture(status: false))
    house.station.script = [.take, .answerAsBefore]
    house.run(seconds: 330)
    #expect(house.obligation(first).state == .accepted)
    if restarts { house.crash() }
    house.run(seconds: 285)
    #expect(house.obligation(first + .seconds(300)).state == .unknown)
    house.run(seconds: 120)
    #expect(house.obligation(first + .seconds(300)).state == .accepted)
    #expect(house.station.rows.count == 2, "what was not taken in goes again")
  }

  @Test func aQuestionThatIsNeverAnsweredWellHoldsUpNoOther() {
    var house = House(.fixture(resources: ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"]))
    house.station.script = [.takeAndLoseTheAnswer]
    house.station.isUnreadableAbout = ResourceID("EXAMPL_7_DERA1")
    house.run(seconds: 1_800)
    #expect(house.obligation(first, resource: "EXAMPL_7_DERA1").state == .unknown)
    for number: Int64 in 2...4 {
      for resource in ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"] {
        #expect(house.obligation(House.noon + .seconds(300 * number), resource: resource).state == .accepted)
      }
    }
    #expect(house.audit.isLawful)
  }

  @Test func absenceCountsOnlyAfterItHasHeldForSettle() {
    var house = House(.fixture(settle: 60))
    house.station.script = [.loseEverything]
    house.run(seconds: 5 + 300 + 5 + 55)
    #expect(house.obligation(first).state == .unknown)
    #expect(house.obligation(first).held == .either(0, 1))
    #expect(house.station.sent.count == 1)
    house.run(seconds: 60)
    #expect(house.obligation(first).state == .accepted)
    #expect(Set(house.station.sent).count == 1, "the same payload goes again")
    #expect(house.station.rows.count == 1)
  }

  @Test func aLateArrivalWithinSettleIsNotSentAgain() {
    var house = House(.fixture(settle: 120))
    house.station.script = [.loseEverything]
    house.run(seconds: 340)
    #expect(house.obligation(first).state == .unknown)
    let content = house.station.contents[house.station.sent[0]]
    house.station.arriveLate(content)
    house.run(seconds: 200)
    #expect(house.obligation(first).state == .accepted)
    #expect(house.station.sent.count == 1)
  }

  @Test func aRejectedSubmissionWaitsForAPersonAndIsNotSentAgain() {
    var house = House()
    house.station.script = [.reject]
    house.run(seconds: 590)
    #expect(house.obligation(first).state == .rejected)
    #expect(house.station.sent.count == 1)
    #expect(house.announcements.contains { $0.priority == .error })
  }

  @Test func aThrottledSubmissionGoesAgainLater() {
    var house = House()
    house.station.script = [.throttle]
    house.run(seconds: 330)
    #expect(house.obligation(first).state == .accepted)
    #expect(Set(house.station.sent).count == 1)
  }

  @Test func rowsThatTheOperatorNamesAreRejectedAndTheOthersAskedFor() {
    var house = House(.fixture(resources: ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"]))
    house.station.validation = .errors(
      rows: [
        RowError(
          resource: ResourceID("EXAMPL_7_DERA2"), measurement: MeasurementType("GEN"), intervalEnding: first,
          message: "not your resource")
      ], general: [])
    house.run(seconds: 330)
    #expect(house.obligation(first, resource: "EXAMPL_7_DERA2").state == .rejected)
    #expect(house.obligation(first).state == .accepted)
    #expect(house.audit.isLawful)
  }

  @Test func anErrorWithoutRowsIsAskedAboutThenSentAgainOneSeriesEach() {
    var house = House(.fixture(resources: ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"]))
    house.station.validation = .errors(rows: [], general: ["schema"])
    house.station.holdsNothing = true
    house.run(seconds: 590)
    #expect(house.station.sent.count == 3)
    let contents = house.station.sent.compactMap { house.station.contents[$0] }
    #expect(contents.map { Set($0.rows.map(\.resource)).count } == [2, 1, 1])
    #expect(house.obligation(first).state == .rejected)
    #expect(house.obligation(first, resource: "EXAMPL_7_DERA2").state == .rejected)
    #expect(house.audit.isLawful)
  }

  @Test func aSubmissionNeverMixesSchedulingCoordinators() {
    var settings = Settings.fixture(resources: ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"])
    settings.resources[1].schedulingCoordinator = SchedulingCoordinatorID("OTHR")
    var house = House(settings)
    house.run(seconds: 330)
    let contents = house.station.sent.compactMap { house.station.contents[$0] }
    #expect(contents.map(\.schedulingCoordinator.name).sorted() == ["EXSC", "OTHR"])
    #expect(contents.allSatisfy { Set($0.rows.map(\.resource)).count == 1 })
  }

  @Test func whileTheOperatorIsAwayEverythingQueuesAndThenDrains() {
    var house = House()
    house.station.script = Array(repeating: .beUnreachable, count: 4)
    house.run(seconds: 3_000)
    #expect(house.audit.series[0].count(.accepted) == 9)
    #expect(house.station.rows.count == 9)
    #expect(house.station.distinctCount == 9)
  }

  @Test func everyCrashPointEndsWithEachIntervalHeldOnce() {
    for crashAt in stride(from: 1, to: 360, by: 3) {
      var house = House(.fixture(interval: 60, settle: 20))
      house.station.script = crashAt.isMultiple(of: 3) ? [.takeAndLoseTheAnswer] : []
      house.run(seconds: crashAt)
      house.crash()
      house.run(seconds: 420 - crashAt)
      let audit = house.audit
      #expect(audit.isLawful, "crash at \(crashAt): \(audit.faults)")
      #expect(house.station.rows.count == house.station.distinctCount, "crash at \(crashAt)")
      #expect(audit.series[0].count(.unknown) == 0, "crash at \(crashAt)")
      #expect(audit.series[0].count(.accepted) >= 5, "crash at \(crashAt)")
      #expect(audit.series[0].count(.missing) == 0, "crash at \(crashAt)")
    }
  }

  @Test func replayGivesTheSameAccountsAndTheSamePayloads() throws {
    var house = House(.fixture(interval: 60))
    house.station.script = [.take, .beUnreachable, .takeAndLoseTheAnswer]
    house.run(seconds: 600)
    var replayed = LedgerState()
    for (index, record) in house.log.enumerated() {
      replayed.apply(try LedgerRecord(record), at: LogSequence(UInt64(index + 1)))
    }
    #expect(replayed.series == house.pipeline.ledger.series)
    #expect(replayed.judgedThrough == house.pipeline.ledger.judgedThrough)
    #expect(replayed.faults.isEmpty)
  }

  /// Also where nothing that was acknowledged can be lost: the disk may have lied.
  @Test(arguments: [false, true]) func afterACutOfTheLedgerWhatIsQueuedIsAskedForFirst(isUnfinishedWrite: Bool) {
    var house = House(.fixture(mode: .hold))
    house.run(seconds: 330)
    #expect(house.obligation(first).state == .queued)
    var live = House(.fixture(), at: house.now.utc, log: house.log)
    live.send(
      .started(
        version: "test",
        damages: [
          Pipeline.Damage(
            from: LogSequence(9), through: LogSequence(9), explanation: "a torn frame",
            isUnfinishedWrite: isUnfinishedWrite)
        ]))
    #expect(live.obligation(first).state == .unknown)
    let said = live.announcements.filter { $0.message.contains("a torn frame") }
    #expect(said.map(\.priority) == [isUnfinishedWrite ? .warning : .critical])
    #expect(said.allSatisfy { $0.message.contains("was damaged") != isUnfinishedWrite })
  }
}
