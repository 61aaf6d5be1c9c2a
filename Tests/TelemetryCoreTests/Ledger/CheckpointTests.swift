import TelemetrySimulation
import Testing

@testable import TelemetryCore

/// A checkpoint tells everything that decides, whatever the accounts are.
@Suite struct CheckpointTests {
  /// A ledger in which estimates, revisions, lost answers, refusals, decisions and damage come together.
  private static let eventful: [LogRecord] = {
    var settings = Settings.fixture(
      interval: 60, sites: 3, resources: ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"], settle: 20)
    settings.completeness = CompletenessSettings(
      submitAt: 4_000, estimate: .fleetShare, estimateAfter: .seconds(600), reviseAfter: .seconds(30))
    var house = House(settings)
    house.crash(home: "here")
    house.station.script = [.take, .takeAndLoseTheAnswer, .beUnreachable, .loseEverything, .reject, .throttle]
    house.run(seconds: 200)
    house.meter = { site, instant in site == 0 ? nil : House.steadyMeter(site, instant) }
    house.run(seconds: 200)
    house.crash(home: "elsewhere")
    _ = house.ask(.hold(ChannelName("production")))
    house.meter = House.steadyMeter
    house.run(seconds: 200)
    house.changeMeters()
    house.station.validation = .errors(rows: [], general: ["schema"])
    _ = house.ask(.adopt)
    _ = house.ask(.release(ChannelName("production")))
    house.run(seconds: 200)
    var smaller = House(.fixture(interval: 60, sites: 1), at: house.now.utc, log: house.log)
    smaller.send(
      .started(
        version: "test",
        damages: [Pipeline.Damage(from: LogSequence(4), through: LogSequence(9), explanation: "a flipped bit")]))
    smaller.run(seconds: 120)
    let contradiction = smaller.log.last { RecordKind(rawValue: $0.kind) == .sealed }
    return smaller.log + [contradiction].compactMap(\.self) + [LogRecord(kind: 9, payload: [1])]
  }()

  private static let eventfulCheckpoint = LedgerReplay(ofAll: eventful).state.checkpoint

  private static func ledger(_ number: UInt64) -> [LogRecord] {
    guard number > 0 else { return eventful }
    let day = Scenario(ScenarioPlan(seed: number * 4 + 1))
    day.run(minutes: 90)
    return day.acknowledged
  }

  @Test(arguments: UInt64(0)..<4)
  func everyPrefixOfALedgerIsReadBackFromItsCheckpointAsItWas(number: UInt64) throws {
    let log = Self.ledger(number)
    let stride = number == 0 ? 1 : 7
    var replay = LedgerReplay()
    for (index, record) in log.enumerated() {
      replay.take(LogSequence(UInt64(index + 1)), record)
      guard index.isMultiple(of: stride) else { continue }
      let bytes = replay.state.checkpoint
      let read = try LedgerState(checkpoint: bytes)
      #expect(read.checkpoint == bytes, "record \(index + 1)")
      #expect(read.series == replay.state.series, "record \(index + 1)")
      guard index.isMultiple(of: 5 * stride) else { continue }
      #expect(everything(in: read) == everything(in: replay.state), "record \(index + 1)")
    }
    if number == 0 { #expect(replay.state.faults.count > 1 && replay.state.damages.count == 1) }
  }

  @Test(arguments: UInt64(0)..<3)
  func whatFollowsACheckpointComesToTheSameAccounts(number: UInt64) throws {
    let log = Self.ledger(number)
    let whole = LedgerReplay(ofAll: log)
    var replay = LedgerReplay()
    for (index, record) in log.enumerated() {
      replay.take(LogSequence(UInt64(index + 1)), record)
      guard index.isMultiple(of: 83) else { continue }
      var later = try LedgerState(checkpoint: replay.state.checkpoint)
      for (place, record) in log.enumerated().dropFirst(index + 1) {
        do { later.apply(try LedgerRecord(record), at: LogSequence(UInt64(place + 1))) } catch {
          later.report(.unreadable, LogSequence(UInt64(place + 1)), because: "\(error)")
        }
      }
      #expect(later.checkpoint == whole.state.checkpoint, "from record \(index + 1) on")
    }
  }

  /// The same events with checkpoints and starts from them, and without any.
  @Test func startsFromCheckpointsGiveTheSameRecordsAndActions() {
    var settings = Settings.fixture(interval: 60, sites: 3, settle: 20)
    settings.completeness.submitAt = 5_000
    settings.completeness.reviseAfter = .seconds(90)
    var houses = [2_000, Int.max].map { House(settings, leastUntilCheckpoint: $0) }
    for index in houses.indices {
      houses[index].station.script = [
        .take, .beUnreachable, .takeAndLoseTheAnswer, .loseEverything, .throttle, .reject,
      ]
      for step in 0..<40 {
        houses[index].meter = { site, instant in
          step % 5 == 2 && site == 1 ? nil : House.steadyMeter(site, instant)
        }
        houses[index].run(seconds: 37)
        if step % 3 == 1 { houses[index].crash() }
      }
    }
    let (with, without) = (houses[0], houses[1])
    let parts = with.log.compactMap(LedgerReplay.part)
    #expect(parts.count > 1)
    #expect(with.log.filter { LedgerReplay.part($0) == nil } == without.log)
    #expect(with.announcements == without.announcements)
    #expect(with.station.rows == without.station.rows)
    #expect(LedgerReplay(startingWith: with.log).checkpoint != nil)
  }

  /// A checkpoint can be done without, and a commit cannot.
  @Test func noCheckpointIsMadeWhileTheDiskIsShortOfRoom() {
    var house = House(.fixture(interval: 60), leastUntilCheckpoint: 2_000)
    func checkpoints() -> Int { house.log.count { $0.kind == RecordKind.checkpoint.rawValue } }
    house.run(seconds: 600)
    let before = checkpoints()
    #expect(before > 0)
    for note in [StorageNote.reserveReleased(byteCount: 1), .noRoomForReserve(byteCount: 1)] {
      let stopped = checkpoints()
      house.send(.storageNoted(note))
      house.run(seconds: 1_800)
      #expect(checkpoints() == stopped, "\(note)")
      house.send(.storageNoted(.reserveIsBack(byteCount: 1)))
      house.run(seconds: 600)
      #expect(checkpoints() > stopped, "\(note)")
    }
  }

  /// A field that is added belongs into the checkpoint: write and read it beside the others of its type, give
  /// ``LedgerState/form`` the next number, and name it here.
  @Test func everyStoredPropertyStandsInTheCheckpoint() {
    func names(_ value: Any) -> [String] { Mirror(reflecting: value).children.compactMap(\.label).sorted() }
    #expect(
      names(LedgerState()) == [
        "configuration", "damages", "ended", "epochNumbers", "epochs", "faultCount", "faults", "heldChannels", "home",
        "identities", "isCopy", "judgedCount", "judgedThrough", "kept", "lastMeasured", "openSubmissions", "read",
        "readingsShedThrough", "receipts", "recorded", "resourcesOfSite", "series", "seriesInOrder", "seriesIndex",
        "seriesOfResource", "startedAt", "submissionCount", "submissions",
      ])
    let key = SeriesKey(resource: ResourceID("R"), measurement: MeasurementType("GEN"))
    let first = IntervalEnding(seconds: 300, length: .fiveMinutes)
    #expect(
      names(SeriesAccount(key: key, first: first, length: .fiveMinutes)) == [
        "estimated", "grid", "key", "lastAccepted", "length", "open", "owed", "residual",
      ])
    #expect(names(ObligationGrid()) == ["folded", "pages", "settledPages"])
    #expect(names(FoldedIntervals()) == ["energy", "revisionCount", "runs", "values"])
    #expect(
      names(Obligation()) == [
        "collectingSince", "energy", "estimates", "goesAlone", "held", "quality", "revision", "siteCount",
        "spreadSites", "state", "stated", "submission", "value",
      ])
    let intent = SubmissionIntent(
      id: SubmissionID("1"), created: House.noon, channel: ChannelName("c"),
      schedulingCoordinator: SchedulingCoordinatorID("S"), rows: [], payloadDigest: Digest())
    #expect(
      names(SubmissionAccount(intent: intent)) == [
        "attempts", "intent", "isFaultyAsAWhole", "lastAttemptAt", "state",
      ])
    #expect(names(RegisterHistory()) == ["baseline", "brackets", "firstBoundary", "replacedAt", "suspects", "turn"])
  }

  // MARK: Bytes that are none

  @Test func aCheckpointCutShortIsRefusedAtEveryLength() throws {
    let bytes = LedgerReplay(ofAll: Self.eventful.prefix(60)).state.checkpoint
    for length in bytes.indices {
      #expect(throws: DecodingProblem.self) { try LedgerState(checkpoint: Array(bytes[..<length])) }
    }
  }

  @Test(arguments: UInt64(0)..<200)
  func mutatedCheckpointsNeverTrapWhenReadAndGoneOnFrom(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var bytes = Self.eventfulCheckpoint
    for _ in 0..<Int.random(in: 1...3, using: &random) {
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
    }
    do throws(DecodingProblem) {
      var state = try LedgerState(checkpoint: bytes)
      for (index, record) in Self.eventful.enumerated().reversed().prefix(80) {
        do throws(LedgerDecodingProblem) {
          state.apply(try LedgerRecord(record), at: LogSequence(UInt64(index + 1)))
        } catch { continue }
      }
      let audit = Audit(of: state, recordCount: 1, now: House.noon + .seconds(900))
      #expect(audit.recordCount == 1)
      #expect(state.rows(in: House.noon...(House.noon + .seconds(900)), now: House.noon).count < 1_000)
      #expect(!state.checkpoint.isEmpty)
    } catch {
      #expect(error.byteOffset <= bytes.count)
    }
  }

  // MARK: Parts

  @Test func partsArePutTogetherOnlyWhenAllAreThereAndAgree() {
    var random = SeededRandom(seed: 7)
    let whole = random.bytes(count: 2 * CheckpointPart.byteLimit + 5)
    let ending = IntervalEnding(seconds: 300, length: .fiveMinutes)
    let parts = CheckpointPart.parts(of: whole, form: 1, judgedThrough: ending)
    #expect(parts.map(\.bytes.count) == [CheckpointPart.byteLimit, CheckpointPart.byteLimit, 5])
    func put(_ parts: [CheckpointPart]) -> [UInt8]? {
      var assembly = CheckpointAssembly()
      return parts.compactMap { assembly.take($0) }.last
    }
    #expect(put(parts) == whole)
    #expect(put([parts[0]] + parts) == whole, "one that was begun before is forgotten")
    #expect(put([parts[0], parts[2]]) == nil)
    #expect(put([parts[1], parts[2]]) == nil)
    #expect(put([parts[0], parts[2], parts[1]]) == nil)
    var other = parts
    other[1].bytes[9] ^= 1
    #expect(put(other) == nil)
    other = parts
    other[2].form = 2
    #expect(put(other) == nil)
    #expect(CheckpointPart.parts(of: [], form: 1, judgedThrough: nil).isEmpty)
  }
}
