import Foundation
import TelemetryCore
import Testing

@testable import DERTelemetryd

/// Old segments of the ledger are compressed, and read as if they were still there.
@Suite struct SegmentArchiveTests {
  private func segment(_ number: Int) -> String { SegmentName(LogSequence(UInt64(number))).fileName }

  private func bytes(count: Int, seed: UInt64) -> [UInt8] {
    var state = seed
    return (0..<count).map { index in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return index % 3 == 0 ? UInt8(truncatingIfNeeded: state >> 56) : 7
    }
  }

  @Test func aSegmentThatIsPutAwayIsListedAndReadAsBefore() throws {
    let directory = TemporaryDirectory()
    let ledger = "\(directory.path)/ledger"
    try FileSystem.makeDirectories(ledger)
    let content = bytes(count: 2_500_000, seed: 1)
    try FileSystem.publish(content, as: segment(1), in: ledger)
    try FileSystem.publish([1, 2, 3], as: segment(9), in: ledger)
    let disk = StateDirectory.ledgerDisk(of: directory.path)
    let archive = StateDirectory.ledgerArchive(of: directory.path)
    let before = try disk.list().sorted()
    try FileSystem.makeDirectories(archive.directory)
    // What a power cut left behind.
    try FileSystem.publish([9], as: "\(segment(1)).gz.tmp", in: archive.directory)
    try archive.put(segment(1))

    #expect(try disk.list().sorted() == before)
    #expect(try FileSystem.files(in: ledger) == [segment(9)])
    #expect(try FileSystem.files(in: archive.directory) == ["\(segment(1)).gz"])
    #expect(try disk.byteCount(of: segment(1)) == content.count)
    #expect(try disk.read(segment(1), 0..<LogScan.segmentByteLimit) == content)
    for range in [0..<32, 1_048_570..<1_048_580, 2_499_990..<9_999_999, 3_000_000..<3_000_001] {
      #expect(try disk.read(segment(1), range) == Array(content[range.clamped(to: 0..<content.count)]), "\(range)")
    }
    #expect(throws: LogDiskError.self) { try disk.read(segment(4), 0..<1) }
  }

  @Test func aDamagedByteOfAnArchiveCostsTheMebibyteThatItIsIn() throws {
    let directory = TemporaryDirectory()
    let ledger = "\(directory.path)/ledger"
    try FileSystem.makeDirectories(ledger)
    let piece = 1 << 20
    let content = bytes(count: 2 * piece + 200_000, seed: 2)
    try FileSystem.publish(content, as: segment(1), in: ledger)
    let archive = StateDirectory.ledgerArchive(of: directory.path)
    try archive.put(segment(1))
    let path = "\(archive.directory)/\(segment(1)).gz"
    let file = [UInt8](try Data(contentsOf: URL(filePath: path)))
    for place in stride(from: 0, to: file.count, by: file.count / 40) {
      var damaged = file
      damaged[place] ^= 32
      try FileSystem.publish(damaged, as: "\(segment(1)).gz", in: archive.directory)
      let rest = try archive.read(segment(1), 0..<LogScan.segmentByteLimit)
      let pieces = stride(from: 0, to: content.count, by: piece).filter { start in
        let range = start..<min(start + piece, content.count)
        return range.upperBound > rest.count || rest[range] != content[range]
      }
      #expect(pieces.count == 1, "byte \(place)")
      #expect(rest.count <= content.count)
      try FileSystem.publish(Array(file[..<place]), as: "\(segment(1)).gz", in: archive.directory)
      let read = try archive.read(segment(1), 0..<LogScan.segmentByteLimit)
      #expect(content.starts(with: read), "cut at \(place)")
    }
  }

  /// A ledger of some records, with a checkpoint after every second one.
  private func writeLedger(_ path: String, checkpoints: Int) throws {
    let directory = try StateDirectory(locking: path)
    var opened = try LedgerOpening(directory.ledgerDisk(), makeEpoch: { UInt64.random(in: .min ... .max) })
    var state = opened.replay.state
    for number in 0..<checkpoints {
      for second in 0..<2 {
        let record = LedgerRecord.started(
          at: UTCInstant(seconds: Int64(1_700_000_000 + 10 * number + second)), version: "test", home: "")
        state.apply(record, at: opened.log.nextSequence)
        _ = try opened.log.commit([record.logRecord])
      }
      _ = try opened.log.commitInNewSegment(state.checkpointParts.map { LedgerRecord.checkpoint($0).logRecord })
    }
  }

  @Test func theNewestTwoCheckpointsStayAndEverythingBeforeThemIsPutAway() throws {
    let directory = TemporaryDirectory()
    try writeLedger(directory.path, checkpoints: 5)
    let before = try LedgerReading(stateDirectory: directory.path)
    #expect(before.contents.plan.segmentCount == 1)
    for _ in 1...2 { try LedgerArchiving.run(stateDirectory: directory.path) }
    let ledger = "\(directory.path)/ledger"
    #expect(try FileSystem.files(in: ledger).count == 2)
    #expect(try FileSystem.files(in: "\(ledger)/archive").count == 4)

    let (deep, contents) = try LedgerReading.deep(stateDirectory: directory.path) {}
    #expect(contents.plan.segmentCount == 6)
    #expect(contents.plan.damage.isEmpty)
    #expect(deep.agreeingCount == 5)
    #expect(deep.faults.isEmpty)
    #expect(deep.replay.state.checkpoint == before.replay.state.checkpoint)

    // Both are lost: a start reads the archive, and goes on behind it.
    for name in try FileSystem.files(in: ledger) { try FileSystem.publish([], as: name, in: ledger) }
    let after = try LedgerReading(stateDirectory: directory.path)
    #expect(after.contents.plan.segmentCount == 3)
    #expect(after.replay.checkpoint == LogSequence(9))
    #expect(after.replay.state.startedAt == UTCInstant(seconds: 1_700_000_031))
    try writeLedger(directory.path, checkpoints: 1)
    #expect(try LedgerReading(stateDirectory: directory.path).replay.checkpoint != nil)
  }

  @Test func withFewCheckpointsNothingIsPutAway() throws {
    let directory = TemporaryDirectory()
    try writeLedger(directory.path, checkpoints: 1)
    try LedgerArchiving.run(stateDirectory: directory.path)
    #expect(try FileSystem.files(in: "\(directory.path)/ledger").count == 2)
    #expect(try StateDirectory.ledgerArchive(of: directory.path).names().isEmpty)
  }
}
