import Testing

import TelemetryCore
import TelemetrySimulation

@Suite struct LedgerCodecTests {
  /// One record of each kind, from a run in which everything happens.
  private static let records: [LogRecord] = {
    var house = House(.fixture(interval: 60, resources: ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"], settle: 5))
    house.station.script = [.take, .beUnreachable, .takeAndLoseTheAnswer, .loseEverything, .reject, .throttle]
    house.run(seconds: 200)
    house.meter = { site, instant in site == 1 ? nil : House.steadyMeter(site, instant) }
    house.run(seconds: 200)
    house.meter = House.steadyMeter
    house.run(seconds: 100)
    house.station.validation = .errors(
      rows: [
        RowError(
          resource: ResourceID("EXAMPL_7_DERA1"), measurement: MeasurementType("GEN"),
          intervalEnding: House.noon + .seconds(540), message: "too much")
      ], general: ["one row"])
    house.run(seconds: 100)
    house.changeMeters()
    var smaller = House(.fixture(interval: 60, sites: 1), at: house.now.utc, log: house.log)
    smaller.send(
      .started(
        version: "test",
        damages: [Pipeline.Damage(from: LogSequence(4), through: LogSequence(9), explanation: "a flipped bit")]))
    smaller.send(
      .storageNoted(
        .shed(
          ReadingsShed(
            reason: .age, lastRecord: LogSequence(77), from: House.noon, through: House.noon + .seconds(9),
            readingCount: 500, byteCount: 16_000_000))))
    return smaller.log + adjusted + decided + disbanded + configurations + checkpoint(after: smaller.log)
  }()

  private static func checkpoint(after log: [LogRecord]) -> [LogRecord] {
    LedgerReplay(ofAll: log).state.checkpointParts.map { LedgerRecord.checkpoint($0).logRecord }
  }

  /// A person decides everything that can be decided.
  private static var decided: [LogRecord] {
    var house = House(.fixture(interval: 60))
    house.crash(home: "here")
    house.station.script = [.reject, .reject, .loseEverything]
    house.run(seconds: 200)
    let resource = ResourceID("EXAMPL_7_DERA1")
    let all = IntervalSelection(
      resource: resource, measurement: nil, first: House.noon, last: House.noon + .seconds(600))
    _ = house.ask(.intervals(.resubmitted, all), partly: true)
    _ = house.ask(.intervals(.foundHeld, all), partly: true)
    _ = house.ask(.hold(ChannelName("production")))
    house.run(seconds: 60)
    _ = house.ask(.release(ChannelName("production")))
    house.meter = { _, _ in nil }
    house.run(seconds: 130)
    _ = house.ask(.intervals(.waived, all), partly: true)
    house.crash(home: "there")
    _ = house.ask(.adopt)
    return house.log
  }

  /// The payload of what waits to be sent again is lost.
  private static var disbanded: [LogRecord] {
    var house = House()
    house.station.script = Array(repeating: .beUnreachable, count: 4)
    house.run(seconds: 312)
    house.payloadDigest = Digest(Array(repeating: 7, count: Digest.byteCount)) ?? Digest()
    house.run(seconds: 60)
    return house.log
  }

  private static var configurations: [LogRecord] {
    let files = ConfigurationFiles(
      path: "/etc/d.yaml",
      files: ConfigurationFiles.Role.allCases.map { .init(role: $0, name: "\($0).yaml", bytes: [0, 0xFF, 0x20]) })
    return [files, nil].map {
      LedgerRecord.configuration(
        AcceptedConfiguration(since: House.noon, digest: Digest(), byteCount: 9, files: $0)
      ).logRecord
    }
  }

  /// Two sites of one kind estimate each other exactly, so that the registers change no value when they return.
  private static var adjusted: [LogRecord] {
    var settings = Settings.fixture(interval: 60)
    settings.completeness.submitAt = 5_000
    var house = House(settings)
    house.run(seconds: 30)
    house.meter = { site, instant in site == 1 ? nil : House.steadyMeter(site, instant) }
    house.run(seconds: 90)
    house.meter = House.steadyMeter
    house.run(seconds: 60)
    return house.log
  }

  @Test func theRunHasEveryKindThatIsWritten() {
    let kinds = Set(Self.records.compactMap { RecordKind(rawValue: $0.kind) })
    #expect(kinds == Set(RecordKind.allCases))
  }

  @Test func everyRecordIsReadBackAsItWasWritten() throws {
    for record in Self.records {
      let decoded = try LedgerRecord(record)
      #expect(decoded.logRecord == record)
    }
  }

  @Test func aRecordCutShortIsRefusedAtEveryLength() {
    for record in Self.records {
      for length in 0..<record.payload.count {
        let cut = LogRecord(kind: record.kind, payload: Array(record.payload[..<length]))
        #expect(throws: LedgerDecodingProblem.self) { try LedgerRecord(cut) }
      }
    }
  }

  @Test func anUnknownKindOrFormatIsNamed() {
    #expect(throws: LedgerDecodingProblem.unknownKind(0)) { try LedgerRecord(LogRecord(kind: 0, payload: [1])) }
    #expect(throws: LedgerDecodingProblem.unknownFormat(.judged, 9)) {
      try LedgerRecord(LogRecord(kind: RecordKind.judged.rawValue, payload: [9, 0]))
    }
  }

  @Test func theNumbersOfTheKindsStayWhatTheyAre() {
    #expect(
      RecordKind.allCases.map(\.rawValue) == [
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 32, 33, 34, 35, 36, 39, 40,
        41, 42, 50, 51,
      ])
  }

  @Test(arguments: UInt64(0)..<40)
  func mutatedRecordsNeverTrapWhenReadAndAudited(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var replay = LedgerReplay()
    for (index, record) in Self.records.enumerated() {
      var record = record
      if Int.random(in: 0..<4, using: &random) == 0, !record.payload.isEmpty {
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          let place = Int.random(in: 1..<max(2, record.payload.count), using: &random)
          if place < record.payload.count { record.payload[place] = UInt8.random(in: 0...255, using: &random) }
        }
      }
      replay.take(LogSequence(UInt64(index + 1)), record)
    }
    let audit = Audit(of: replay.state, recordCount: replay.recordCount, now: House.noon + .seconds(900))
    #expect(audit.recordCount == Self.records.count)
  }
}
