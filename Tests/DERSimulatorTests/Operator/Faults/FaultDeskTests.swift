import SignedXML
import Testing

@testable import DERSimulator
@testable import TelemetryCore

/// What each fault looks like to the daemon, and what the stand-in keeps.
@Suite struct FaultDeskTests {
  @Test(arguments: [OperatorFault.loseAnswer, .lateAnswer, .halfAnswer])
  func theCallIsServedAndTheAnswerIsNotHeard(fault: OperatorFault) throws {
    var office = try FaultyOffice(fault)
    let answer = try office.submit()
    #expect(answer.delivery != .whole)
    #expect(answer.note.outcome == .accepted)
    #expect(try office.holdsTheRow())
  }

  @Test(arguments: [OperatorFault.closeAfterBody, .hang, .lateIntake, .away])
  func theCallIsNotLookedAtAndNothingIsAnswered(fault: OperatorFault) throws {
    var office = try FaultyOffice(fault)
    let answer = try office.submit()
    let expected: [OperatorFault: OperatorAnswer.Delivery] = [
      .closeAfterBody: .closed, .hang: .silence, .lateIntake: .askedAgain(.seconds(8)), .away: .away(.seconds(10)),
    ]
    #expect(answer.delivery == expected[fault])
    #expect(answer.body.isEmpty)
    #expect(try office.holdsTheRow() == false)
  }

  @Test(arguments: [OperatorFault.throttle, .throttlePage])
  func aThrottledCallIsReadAsThrottled(fault: OperatorFault) throws {
    var office = try FaultyOffice(fault)
    for service in [ChannelService.submit, .status, .retrieve] {
      let answer = try office.call(service)
      #expect(answer.status == (fault == .throttle ? 429 : 200))
      #expect(try office.read(answer, service) == .throttled)
    }
    #expect(try office.holdsTheRow() == false)
  }

  @Test func everyRefusalOfWhoIsCallingIsReadAsOne() throws {
    var office = try FaultyOffice(.refuse)
    var bodies: Set<[UInt8]> = []
    for _ in 0..<60 {
      let answer = try office.submit()
      bodies.insert(answer.body)
      guard case .refused = try office.read(answer, .submit) else {
        Issue.record("read as \(String(describing: try office.read(answer, .submit)))")
        continue
      }
    }
    // The page comes with two statuses.
    #expect(bodies.count == 4)
    #expect(try office.holdsTheRow() == false)
  }

  @Test func aFaultOfTheServerLeavesTheOutcomeOpen() throws {
    var office = try FaultyOffice(.fault)
    let answer = try office.submit()
    #expect(answer.status == 500)
    guard case .failed(.unreadable) = try office.answers.submit(answer) else {
      Issue.record("it says nothing about the submission")
      return
    }
    #expect(try office.holdsTheRow() == false)
  }

  @Test func aSubmissionIsRejectedWithSeverityERROR() throws {
    var office = try FaultyOffice(.reject)
    #expect(try office.answers.submit(try office.submit()) == .rejected(reason: "The submission is refused."))
    #expect(try office.holdsTheRow() == false)
  }

  @Test func anOlderAnswerIsThatOfAnEarlierCallOfTheSameService() throws {
    var office = try FaultyOffice(.olderAnswer)
    let first = try office.submit()
    #expect(first.note.fault == nil, "there is no earlier answer yet")
    office.row += 300
    let second = try office.submit()
    #expect(second.body == first.body)
    #expect(second.note.fault == "older-answer")
    #expect(try office.holdsTheRow() == false)
  }

  @Test func aBatchIsPendingUntilItWasAskedForOftenEnough() throws {
    var office = try FaultyOffice(.pending)
    let batch = try #require(try office.submit().note.batch)
    office.stopFaults()
    let said = try (0..<5).map { _ in try office.answers.status(office.call(.status, batch: batch), of: batch) }
    #expect(said == [.pending, .pending, .pending, .accepted, .accepted])
    #expect(try office.holdsTheRow())
  }

  @Test(arguments: [OperatorFault.errorRows, .errorRowsRestHeld])
  func validationNamesSomeRows(fault: OperatorFault) throws {
    var office = try FaultyOffice(fault)
    office.rowCount = 12
    let batch = try #require(try office.submit().note.batch)
    office.stopFaults()
    guard case .errors(let rows, let general) = try office.answers.status(office.call(.status, batch: batch), of: batch)
    else {
      Issue.record("validation found no fault")
      return
    }
    #expect((1..<12).contains(rows.count) && general.isEmpty)
    let held = try office.held()
    #expect(held.count == (fault == .errorRows ? 0 : 12 - rows.count))
    #expect(held.isDisjoint(with: rows.map(\.intervalEnding)))
  }

  @Test func validationRefusesABatchAndNamesNoRow() throws {
    var office = try FaultyOffice(.errorBatch)
    let batch = try #require(try office.submit().note.batch)
    office.stopFaults()
    #expect(
      try office.answers.status(office.call(.status, batch: batch), of: batch)
        == .errors(rows: [], general: ["The batch is refused."]))
    #expect(try office.holdsTheRow() == false)
  }

  @Test func aForgottenBatchIsNeverHeardOfAgain() throws {
    var office = try FaultyOffice(.forget)
    let answer = try office.submit()
    let batch = try #require(answer.note.batch)
    #expect(try office.answers.submit(answer) == .taken(OperatorBatchID(batch)))
    office.stopFaults()
    guard case .failed(.unreadable) = try office.answers.status(office.call(.status, batch: batch), of: batch) else {
      Issue.record("it is known")
      return
    }
    #expect(try office.holdsTheRow() == false)
  }

  @Test func everyFaultIsCountedInItsCall() throws {
    var office = try FaultyOffice(.throttle)
    let notes = try (0..<3).map { _ in try office.submit().note }
    #expect(notes.map(\.fault) == ["throttle", "throttle", "throttle"])
    #expect(notes.map(\.faultCount) == [1, 2, 3])
    var desk = FaultDesk(menu: FaultMenu(shares: [.closeBeforeBody: FaultMenu.whole]), seed: 1)
    #expect(desk.closesBeforeBody()?.fault == "close-before-body")
    #expect(desk.closesBeforeBody()?.faultCount == 2)
  }

  @Test func aCallThatIsRefusedForARealReasonMeetsNoFault() throws {
    var office = try FaultyOffice(.loseAnswer)
    let answer = office.answer(OperatorCall(path: "/", body: [], clientCertificate: []))
    #expect(answer.delivery == .whole && answer.note.fault == nil)
  }

  @Test(arguments: OperatorFault.allCases)
  func everyFaultCanHappenAndSaysWhatItIs(fault: OperatorFault) throws {
    let menu = FaultMenu(shares: [fault: 1])
    let services: [OperatorServiceName?] = [nil, .submit, .status, .retrieve]
    #expect(services.contains { menu.fault(0, for: $0) == fault })
    #expect(services.allSatisfy { menu.fault(1, for: $0) == nil })
    #expect(!fault.meaning.isEmpty)
  }

  @Test func theSameSeedGivesTheSameFaultsAndAnotherSeedOthers() throws {
    let menu = FaultMenu(shares: [.throttle: 3_000, .loseAnswer: 3_000])
    func faults(_ seed: UInt64) throws -> [String?] {
      var office = try FaultyOffice(menu, seed: seed)
      return try (0..<40).map { _ in try office.submit().note.fault }
    }
    let told = try faults(7)
    #expect(try faults(7) == told)
    #expect(try faults(8) != told)
    #expect(Set(told) == [nil, "throttle", "lose-answer"])
  }
}

/// A desk with faults, and messages for it.
private struct FaultyOffice {
  let answers: TestAnswers
  var office: TestDesk
  var faults: FaultDesk
  /// Seconds after the first interval; and how many intervals a submission has.
  var row: Int64 = 0
  var rowCount = 1

  init(_ menu: FaultMenu, seed: UInt64 = 1) throws {
    answers = try TestAnswers()
    office = try TestDesk()
    faults = FaultDesk(menu: menu, seed: seed)
  }

  init(_ fault: OperatorFault) throws { try self.init(FaultMenu(shares: [fault: FaultMenu.whole])) }

  mutating func stopFaults() { faults.menu = FaultMenu() }

  mutating func answer(_ call: OperatorCall) -> OperatorAnswer {
    let decision = faults.disturb(office.desk.answer(call, at: office.now), at: office.now)
    if let batch = decision.batch { office.desk.keep(batch) }
    return decision.answer
  }

  mutating func submit() throws -> OperatorAnswer { try call(.submit) }

  mutating func call(_ service: ChannelService, batch: String = "1") throws -> OperatorAnswer {
    let payload =
      switch service {
      case .submit: TestPayload.meterData(endings.map { ($0.timestamp(), "0.142500") })
      case .status: TestPayload.status(batch)
      case .retrieve: TestPayload.retrieve()
      }
    if service == .status, office.desk.received.batch(batch) == nil {
      office.desk.keep(.example(id: batch, []))
    }
    // What was taken in before is validated by now.
    if service != .submit { office.now = office.now + .seconds(2) }
    return answer(try TestMessage(attaching: payload).call())
  }

  private var endings: [UTCInstant] {
    (0..<rowCount).map { UTCInstant(seconds: 1_795_345_500 + row + 300 * Int64($0)) }
  }

  /// How the daemon reads an answer that came to nothing.
  func read(_ answer: OperatorAnswer, _ service: ChannelService) throws -> CallFailure? {
    switch service {
    case .submit: if case .failed(let failure) = try answers.submit(answer) { return failure }
    case .status: if case .failed(let failure) = try answers.status(answer, of: "1") { return failure }
    case .retrieve: if case .failed(let failure) = try answers.retrieve(answer) { return failure }
    }
    return nil
  }

  /// The interval endings that the stand-in says it holds.
  mutating func held() throws -> Set<UTCInstant> {
    stopFaults()
    guard case .held(let values) = try answers.retrieve(try call(.retrieve)) else { return [] }
    return Set(values.map(\.intervalEnding))
  }

  mutating func holdsTheRow() throws -> Bool { try held().contains(endings[0]) }
}
