import Testing

import TelemetryCore

/// What a person may decide, and what becomes of it.
@Suite struct PersonTests {
  private let first = House.noon + .seconds(300)
  private let resource = ResourceID("EXAMPL_7_DERA1")
  private let channel = ChannelName("production")

  private func selection(_ from: Int64 = 1, _ through: Int64 = 1) -> IntervalSelection {
    IntervalSelection(
      resource: resource, measurement: nil, first: House.noon + .seconds(300 * from),
      last: House.noon + .seconds(300 * through))
  }

  private func replayed(_ house: House) -> LedgerState {
    var replay = LedgerReplay()
    for (index, record) in house.log.enumerated() { replay.take(LogSequence(UInt64(index + 1)), record) }
    return replay.state
  }

  // MARK: Hold and release

  @Test(arguments: [true, false])
  func nothingLeavesAHeldChannelAndEverythingWhenItIsReleased(crashes: Bool) {
    var house = House()
    house.run(seconds: 100)
    #expect(house.ask(.hold(channel)).problem == nil)
    house.run(seconds: 900)
    if crashes { house.crash() }
    house.run(seconds: 30)
    #expect(house.station.sent.isEmpty)
    #expect(house.obligation(first).state == .queued)
    #expect(house.ask(.hold(channel)).problem?.contains("held already, by op") == true)
    #expect(house.ask(.release(channel)).problem == nil)
    house.run(seconds: 60)
    #expect(house.obligation(first).state == .accepted)
    #expect(house.ask(.release(channel)).problem?.contains("nobody holds it") == true)
    #expect(house.audit.isLawful)
  }

  /// Of the attempts of a submission, the first one writes it down and the second one finds it there.
  @Test(arguments: [true, false])
  func whatWasBeingPreparedDoesNotLeaveAChannelThatIsHeldMeanwhile(wasTriedBefore: Bool) {
    var house = House()
    house.station.script = [.beUnreachable]
    for _ in 0..<400 where wasTriedBefore && house.station.sent.isEmpty { house.run(seconds: 1) }
    let sent = house.station.sent.count
    #expect(sent == (wasTriedBefore ? 1 : 0))
    house.asksWhilePreparing = .hold(channel)
    house.run(seconds: 400)
    #expect(house.asksWhilePreparing == nil)
    #expect(house.station.sent.count == sent, "nothing leaves once the person was told that it is held")
    #expect(house.obligation(first).state == .queued)
    #expect(house.ask(.release(channel)).problem == nil)
    house.run(seconds: 60)
    #expect(house.obligation(first).state == .accepted)
    #expect(house.station.rows.count { $0.intervalEnding.instant == first } == 1)
    #expect(house.audit.isLawful)
    #expect(replayed(house).series == house.pipeline.ledger.series)
  }

  @Test func aChannelThatIsNotThereIsNamedWithThoseThatAre() {
    var house = House()
    #expect(house.ask(.hold(ChannelName("live"))).problem == "the configuration has no channel live; it has production")
  }

  @Test func aCopyOfTheStateDirectorySubmitsNothingUntilItIsAdopted() {
    var house = House()
    house.crash(home: "here")
    house.run(seconds: 330)
    #expect(house.station.sent.count == 1)
    house.crash(home: "here")
    house.run(seconds: 300)
    #expect(house.station.sent.count == 2)
    house.crash(home: "elsewhere")
    house.run(seconds: 600)
    house.crash(home: "elsewhere")
    house.run(seconds: 300)
    #expect(house.station.sent.count == 2, "a second start in the new place changes nothing")
    #expect(house.announcements.contains { $0.priority == .error && $0.message.contains("dertelemetryd adopt") })
    #expect(house.ask(.adopt).problem == nil)
    house.run(seconds: 60)
    #expect(house.station.sent.count == 3)
    #expect(house.ask(.adopt).problem != nil)
    #expect(house.audit.isLawful)
  }

  // MARK: Waive

  @Test func aMissingIntervalIsWaivedAndStaysSoWhenItsRegistersReturn() {
    var house = House()
    house.run(seconds: 100)
    house.meter = { site, instant in site == 1 ? nil : House.steadyMeter(site, instant) }
    house.run(seconds: 600)
    #expect(house.obligation(first).state == .missing)
    let verdict = house.ask(.intervals(.waived, selection()))
    #expect(verdict.lines.map(\.state) == [.missing])
    #expect(house.obligation(first).state == .waived)
    house.meter = House.steadyMeter
    house.run(seconds: 600)
    #expect(house.obligation(first).state == .waived)
    #expect(house.obligation(first + .seconds(300)).state == .accepted)
    #expect(house.audit.isLawful)
  }

  @Test func anIntervalWhoseSealIsLostCanBeWaivedAndOneThatIsNotJudgedCannot() throws {
    var whole = House(.fixture(mode: .hold))
    whole.run(seconds: 700)
    var log = whole.log
    log.remove(at: try #require(log.firstIndex { $0.kind == RecordKind.sealed.rawValue }))
    var house = House(.fixture(mode: .hold), at: whole.now.utc, log: log, stored: whole.stored)
    #expect(house.audit.faults.contains { $0.kind == .hole && $0.intervalEnding?.instant == first })
    #expect(house.ask(.intervals(.waived, selection(3, 3))).refusedCount == 1, "it has not ended")
    #expect(house.ask(.intervals(.waived, selection())).lines.map(\.state) == [.due])
    #expect(house.obligation(first).state == .waived)
    #expect(!house.audit.faults.contains { $0.kind == .hole })
    #expect(replayed(house).series == house.pipeline.ledger.series)
  }

  @Test func aWaivedRowDoesNotGoOutWithTheStoredPayload() {
    var house = House()
    house.station.script = Array(repeating: .beUnreachable, count: 10)
    house.run(seconds: 650)
    #expect(house.obligation(first).state == .queued)
    #expect(house.obligation(first).submission != nil)
    #expect(house.ask(.intervals(.waived, selection())).problem == nil)
    house.run(seconds: 900)
    #expect(!house.station.rows.contains { $0.intervalEnding.instant == first })
    #expect(house.obligation(first + .seconds(300)).state == .accepted)
    #expect(house.audit.isLawful)
    #expect(replayed(house).series == house.pipeline.ledger.series)
  }

  @Test func whatTheOperatorHoldsCannotBeWaivedAndNothingIsDoneByHalves() {
    var house = House()
    house.run(seconds: 100)
    house.run(seconds: 530)
    house.meter = { site, instant in site == 1 ? nil : House.steadyMeter(site, instant) }
    house.run(seconds: 300)
    let records = house.log.count
    let verdict = house.ask(.intervals(.waived, selection(1, 3)))
    #expect(verdict.lines.map(\.state) == [.accepted, .accepted, .missing])
    #expect(verdict.refusedCount == 2)
    #expect(verdict.lines[0].refusal?.contains("it is accepted; only what is missing, queued") == true)
    #expect(house.log.count == records, "nothing is written")
    #expect(house.ask(.intervals(.waived, selection(1, 3)), partly: true).records.count == 1)
    #expect(house.obligation(House.noon + .seconds(900)).state == .waived)
  }

  // MARK: Resubmit

  @Test(arguments: [true, false], [true, false])
  func whatMayHaveArrivedIsAskedForBeforeItIsSentAgain(hasArrived: Bool, crashes: Bool) {
    var house = House()
    house.station.script = [hasArrived ? .takeAndLoseTheAnswer : .loseEverything]
    house.station.answersQuestions = false
    house.run(seconds: 330)
    #expect(house.ask(.intervals(.waived, selection())).refusedCount == 0)
    #expect(house.obligation(first).state == .waived)
    #expect(house.ask(.intervals(.resubmitted, selection())).refusedCount == 0)
    #expect(house.obligation(first).state == .unknown)
    if crashes { house.crash() }
    house.run(seconds: 200)
    #expect(house.station.sent.count == 1, "nobody has said that it had not arrived")
    house.station.answersQuestions = true
    house.run(seconds: 900)
    #expect(house.obligation(first).state == .accepted)
    #expect(house.station.rows.count { $0.intervalEnding.instant == first } == 1)
    #expect(house.audit.isLawful)
    #expect(replayed(house).series == house.pipeline.ledger.series)
  }

  /// The first frame after a cut is the only one that remembers it.
  @Test func aDecisionWithoutADaemonWritesDownWhatTheLogHasLost() throws {
    var house = House()
    house.station.script = Array(repeating: .beUnreachable, count: 20)
    house.run(seconds: 1_000)
    #expect(house.obligation(first).state == .queued)
    var pipeline = house.pipeline
    pipeline.note([Pipeline.Damage(from: LogSequence(7), through: LogSequence(9), explanation: "a cut tail")])
    let request = PersonRequest(.intervals(.waived, selection(2, 2)), user: "op", reason: "a test")
    let actions = pipeline.handle(.personAsked(RequestNumber(1), request), at: house.now)
    guard case .commit(let records, _)? = actions.first else {
      Issue.record("nothing was written: \(actions)")
      return
    }
    #expect(records.compactMap { RecordKind(rawValue: $0.kind) }.first == .damaged)
    let key = SeriesKey(resource: resource, measurement: MeasurementType("GEN"))
    let account = try #require(pipeline.ledger.seriesIndex[key].flatMap { pipeline.ledger.series[$0] })
    #expect(account[IntervalEnding(containing: first, length: .fiveMinutes)].state == .unknown)
  }

  @Test func whatWasRejectedGoesOutAgainInASubmissionOfItsOwn() {
    var house = House()
    house.station.script = [.reject]
    house.run(seconds: 330)
    #expect(house.obligation(first).state == .rejected)
    #expect(house.ask(.intervals(.resubmitted, selection())).refusedCount == 0)
    house.run(seconds: 60)
    #expect(house.obligation(first).state == .accepted)
    #expect(Set(house.station.sent).count == 2)
    #expect(house.station.rows.count == 1)
    #expect(house.ask(.intervals(.resubmitted, selection())).refusedCount == 1, "what is held is never sent again")
    #expect(house.audit.isLawful)
  }

  // MARK: Resolve

  @Test func anUnknownOutcomeIsResolvedByAPersonWhenNoAnswerCanComeAnyMore() {
    for kind in [IntervalDecision.foundHeld, .foundAbsent] {
      var house = House()
      house.station.script = [kind == .foundHeld ? .takeAndLoseTheAnswer : .loseEverything]
      house.station.answersQuestions = false
      house.run(seconds: 330)
      #expect(house.obligation(first).state == .unknown)
      if kind == .foundAbsent {
        #expect(house.ask(.intervals(kind, selection())).lines.first?.refusal?.contains("may still arrive") == true)
      }
      house.run(seconds: 200)
      #expect(house.ask(.intervals(kind, selection())).refusedCount == 0)
      house.station.answersQuestions = true
      house.run(seconds: 400)
      #expect(house.obligation(first).state == .accepted)
      #expect(house.station.rows.count { $0.intervalEnding.instant == first } == 1)
      #expect(house.audit.isLawful)
      #expect(house.pipeline.ledger.openSubmissions.isEmpty)
    }
  }

  // MARK: The record

  @Test func eachDecisionIsToldWithWhoAndWhy() throws {
    var house = House()
    house.station.script = [.reject]
    house.run(seconds: 330)
    _ = house.ask(.intervals(.resubmitted, selection()))
    var explanation = Explanation(
      of: SeriesKey(resource: resource, measurement: MeasurementType("GEN")),
      ending: IntervalEnding(seconds: first.seconds, length: .fiveMinutes))
    for (index, record) in house.log.enumerated() { explanation.take(LogSequence(UInt64(index + 1)), record) }
    #expect(
      explanation.steps.contains {
        $0.sentence.contains("to be sent again, by op at") && $0.sentence.contains("a test")
      })
  }

  @Test func aDryRunSaysTheSameAndWritesNothing() {
    var house = House()
    house.station.script = [.reject]
    house.run(seconds: 330)
    let request = PersonRequest(.intervals(.resubmitted, selection()), user: "op", reason: "a test")
    let records = house.log.count
    let dry = house.pipeline.judge(request, at: house.now)
    #expect(house.log.count == records)
    house.send(.personAsked(RequestNumber(7), request))
    #expect(house.verdicts.last == dry)
  }

  @Test func tooManyIntervalsOrNoneAreRefused() {
    var house = House()
    house.run(seconds: 330)
    #expect(house.ask(.intervals(.waived, selection(1, 100_000))).problem?.contains("a shorter time") == true)
    #expect(house.ask(.intervals(.waived, selection(-9, -5))).problem == "nothing is owed in that time")
    var other = selection()
    other.resource = ResourceID("OTHER")
    #expect(house.ask(.intervals(.waived, other)).problem == "the ledger has no OTHER")
  }
}
