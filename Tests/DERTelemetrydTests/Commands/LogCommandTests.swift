import ArgumentParser
import Foundation
import TelemetryCore
import Testing

@testable import DERTelemetryd

/// The commands that show what is on the disk.
@Suite struct LogCommandTests {
  private let temporary = TemporaryDirectory()

  private static let ending = IntervalEnding(seconds: 1_795_349_400, length: .fiveMinutes)
  private static let records: [LedgerRecord] = [
    .started(at: UTCInstant(seconds: 1_795_349_000), version: "9", home: ""),
    .owedFrom(
      SeriesIndex(0), SeriesKey(resource: ResourceID("R"), measurement: MeasurementType("GEN")), ending, .fiveMinutes),
    .judged(through: ending),
    .damaged(from: LogSequence(4), through: LogSequence(5), explanation: "two\nlines"),
  ]

  private func disk(_ name: String) -> PosixLogDisk {
    PosixLogDisk(directory: "\(temporary.path)/\(name)", quarantineDirectory: "\(temporary.path)/q")
  }

  /// A state directory with both logs.
  private func fill() throws {
    for name in ["ledger", "readings"] { try FileSystem.makeDirectories("\(temporary.path)/\(name)") }
    var ledger = try SegmentLog(opening: disk("ledger"), makeEpoch: { 1 }, recovered: { _, _ in })
    for record in Self.records { _ = try ledger.commit([record.logRecord]) }
    try ledger.fillAhead()
    var readings = try ReadingsLog(
      opening: disk("readings"), sites: [SiteID("north")],
      needed: NeededReadings(from: UTCInstant(milliseconds: 0), earlier: []), makeEpoch: { 2 }, restored: { _ in })
    let reading = SiteReading(
      site: SiteIndex(0), instant: UTCInstant(seconds: 1_795_349_001), power: Power(milliwatts: -5),
      export: EnergyRegister(raw: 12, scale: -1), import: nil)
    let moment = Moment(utc: UTCInstant(seconds: 1_795_349_002), uptime: UptimeInstant(milliseconds: 77))
    for _ in 1...3 {
      try readings.store(
        ReadingsFrame(
          clock: HostClock(boot: BootID(255), moment: moment, synchronisation: .unknown), readings: [reading]))
    }
  }

  private func lines(_ path: String, from first: UInt64 = 1) throws -> [RecordWords.Line] {
    try LogPath.logs(at: path).flatMap { log in
      var words = RecordWords()
      var lines: [RecordWords.Line] = []
      _ = try log.forEachRecord(from: LogSequence(first)) { lines.append(words.line($0, $1, of: log.name)) }
      return lines
    }
  }

  @Test func soundLogsAreCalledSoundWithWhatTheyHold() throws {
    try fill()
    let checks = try LogPath.logs(at: temporary.path).map { try LogCheck($0) }
    #expect(checks.map(\.isSound) == [true, true])
    #expect(checks[0].text == "\(temporary.path)/ledger: 1 segments, 4 records: sound")
    #expect(checks[1].text == "\(temporary.path)/readings: 1 segments, 4 records with 3 readings: sound")
  }

  /// By a state directory, by a log's folder, and by the file itself, which may have been copied and renamed.
  @Test func everyDamagedFrameIsNamedByWhateverPathItIsAskedFor() throws {
    try fill()
    let path = "\(temporary.path)/readings/00000000000000000001.log"
    let file = try FileDescriptor(.write, path: path, flags: O_RDWR)
    let offset = SegmentHeader.byteCount + 60
    let byte = try file.read(offset..<(offset + 1))[0]
    try file.write([byte ^ 16], at: offset)
    let copy = "\(temporary.path)/copy.bin"
    try FileManager.default.copyItem(atPath: path, toPath: copy)
    for place in ["\(temporary.path)/readings", path, copy] {
      let log = try #require(try LogPath.logs(at: place).first)
      let check = try LogCheck(log)
      #expect(!check.isSound)
      #expect(check.text.contains("1 place is damaged"))
      #expect(check.text.contains("records 1 … 2 are missing"))
      #expect(try lines(place).map(\.sequence) == [3, 4], "what is left can be read")
    }
    #expect(try LogPath.logs(at: temporary.path).map { try LogCheck($0).isSound } == [true, false])
  }

  @Test func aRecordThatIsNoneIsDamageThoughItsFrameIsWhole() throws {
    try FileSystem.makeDirectories("\(temporary.path)/ledger")
    var ledger = try SegmentLog(opening: disk("ledger"), makeEpoch: { 1 }, recovered: { _, _ in })
    _ = try ledger.commit([LogRecord(kind: 250, payload: [1]), Self.records[0].logRecord])
    let check = try LogCheck(try #require(try LogPath.logs(at: temporary.path).first))
    #expect(!check.isSound)
    #expect(check.text.contains("record 1: "))
    #expect(try lines(temporary.path).map(\.kind) == ["unreadable", "started"])
  }

  @Test func recordsAreToldInWordsAndOnOneLine() throws {
    try fill()
    let texts = try lines("\(temporary.path)/ledger").map(\.text)
    #expect(texts.count == 4)
    #expect(texts[1].hasPrefix("2 owedFrom "))
    #expect(texts[1].contains("resource=R measurement=GEN") && texts[1].contains(Self.ending.instant.text))
    #expect(texts[2] == "3 judged through=\(Self.ending.instant.text)")
    #expect(!texts[3].contains("\n"))
    let readings = try lines("\(temporary.path)/readings")
    #expect(readings.map(\.kind) == ["sites", "readings", "readings", "readings"])
    #expect(
      readings[1].text == "2 readings at=2026-11-22T12:03:22.000Z uptimeMilliseconds=77 boot=00000000000000ff "
        + "clock=unknown readings=[{site=north instant=2026-11-22T12:03:21.000Z powerMilliwatts=-5 "
        + "export={count=12 scale=-1}}]")
    #expect(
      readings[1].json == #"{"fields":{"at":"2026-11-22T12:03:22.000Z","boot":"00000000000000ff","clock":"unknown","#
        + #""readings":[{"export":{"count":12,"scale":-1},"instant":"2026-11-22T12:03:21.000Z","powerMilliwatts":-5,"#
        + #""site":"north"}],"uptimeMilliseconds":77},"kind":"readings","log":"readings","sequence":2}"#)
  }

  @Test func whatIsNotThereIsUnavailable() throws {
    for path in ["\(temporary.path)/absent", temporary.path] {
      let error = #expect(throws: ExitCode.self) { try LogPath.logs(at: path) }
      #expect(error?.rawValue == 69)
    }
  }
}
