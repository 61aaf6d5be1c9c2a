import Testing

@testable import TelemetryCore
import TelemetrySimulation

struct LogFormatTests {
  /// Composed from the tables of the format by another program with a CRC of its own.
  private let segmentHeader = "44455254454c4f4702000100010203040506070807000000000000002e997010"
  private let unfinishedPacked = "44455254454c4f470200070001020304050607080700000000000000d4950633"
  private let frame =
    "4445524602000000010203040506070807000000000000000200000006000000ddccbbaa995622da" + "030257680400" + "65553640"

  @Test func theBytesOnDiskAreTheDocumentedOnes() {
    let header = SegmentHeader(epoch: 0x0807_0605_0403_0201, segmentFirstSequence: LogSequence(7), followsCut: .damage)
    #expect(hex(header.bytes) == segmentHeader)
    let packed = SegmentHeader(
      epoch: header.epoch, segmentFirstSequence: LogSequence(7), followsCut: .unfinishedWrite, isPacked: true)
    #expect(hex(packed.bytes) == unfinishedPacked)
    let records = [LogRecord(kind: 3, payload: [0x57, 0x68]), LogRecord(kind: 4, payload: [])]
    let bytes = CommitFrame.encode(
      records, firstSequence: LogSequence(7), epoch: 0x0807_0605_0403_0201, previousChecksum: 0xAABB_CCDD)
    #expect(hex(bytes) == frame)
    #expect(bytes.count == CommitFrame.byteCount(records))
  }

  @Test func whatWasEncodedDecodesToTheSame() throws {
    for cut in [nil, TailCut.damage, .unfinishedWrite] {
      for isPacked in [false, true] {
        let header = SegmentHeader(
          epoch: 1, segmentFirstSequence: LogSequence(9), followsCut: cut, isPacked: isPacked)
        #expect(try SegmentHeader(decoding: header.bytes) == header)
      }
    }

    let records = [0, 1, 127, 128, 300].map { LogFixture.record($0, byteCount: $0) }
    let bytes = [0xFF] + CommitFrame.encode(records, firstSequence: LogSequence(5), epoch: 2, previousChecksum: 3)
    let frame = try FrameHeader(decoding: bytes, at: 1)
    #expect(frame.sequences == LogSequence(5)...LogSequence(9))
    #expect(frame.previousChecksum == 3)
    #expect(frame.frameByteCount == bytes.count - 1)
    #expect(try CommitFrame.records(header: frame, in: bytes, at: 1) == records)
    #expect(bytes.count - 1 == CommitFrame.byteCount(records))
  }

  @Test func aSegmentOfAnotherFormatIsRefusedAndNotTakenForDamage() throws {
    let disk = MemoryDisk()
    var log = try SegmentLog(opening: disk, makeEpoch: { 1 }, recovered: { _, _ in })
    _ = try log.commit([LogFixture.record(1)])
    let name = log.currentSegment.fileName
    var bytes = try disk.read(name, 0..<LogScan.segmentByteLimit)
    bytes[8] = 1
    let sum = CRC32C.checksum(bytes, in: 0..<28)
    for index in 0..<4 { bytes[28 + index] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(index))) }
    disk.place(bytes, as: name)
    do throws(LogDiskError) {
      _ = try SegmentLog(opening: disk, makeEpoch: { 2 }, recovered: { _, _ in })
      Issue.record("opened")
    } catch {
      #expect(error.description.contains("format 1"))
    }
    #expect(try disk.read(name, 0..<LogScan.segmentByteLimit) == bytes, "nothing is changed")
  }

  /// The checksums hold, as after a mistake in a writer or by a later version of this program.
  @Test func wellFormedNonsenseIsRefused() {
    #expect(problem(patching: [4: 1]) == .unknownVersion(1))
    #expect(problem(patching: [6: 1]) == .unknownFlags(1))
    #expect(problem(patching: [16: 0]) == .sequenceOutOfRange)
    #expect(problem(patching: [23: 0x80]) == .sequenceOutOfRange)
    #expect(problem(patching: [24: 0]) == .sequenceOutOfRange)
    #expect(problem(patching: [31: 1]) == .payloadTooLong(byteCount: 6 + 1 << 24))
    #expect(problem(patching: [24: 1], isWhole: true) == .records(DecodingProblem(.trailingBytes, at: 4)))
    #expect(problem(patching: [24: 3], isWhole: true) == .records(DecodingProblem(.truncated, at: 6)))
    #expect(problem(patching: [24: 3]) == .frameChecksum, "the frame's checksum is of its header too")
    #expect(problem(patching: [28: 7]) == .truncated)
    #expect(problem(patching: [42: 0]) == .frameChecksum)
    #expect(problem(patching: [46: 0]) == .frameChecksum)
    #expect(problem(patching: [:]) == nil)
  }

  @Test(arguments: UInt64(0)..<50) func noBytesTrapTheDecoder(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var bytes = LogFixture.segment(frames: [1, 3]).bytes
    for _ in 0..<200 {
      let index = Int.random(in: 0..<bytes.count, using: &random)
      bytes[index] = UInt8.random(in: 0...255, using: &random)
      let start = Int.random(in: 0...bytes.count, using: &random)
      _ = problem(decoding: bytes, at: start)
      _ = problem(decoding: checksummed(bytes, at: SegmentHeader.byteCount), at: SegmentHeader.byteCount)
    }
    let name = SegmentName(LogSequence(1))
    #expect(LogScan(name, bytes: bytes).verdict != .clean)
    _ = LogScan(name, bytes: checksummed(bytes, at: SegmentHeader.byteCount))
  }

  @Test func namesSortAsTheirSequences() {
    let name = SegmentName(LogSequence(42))
    #expect(name.fileName == "00000000000000000042.log")
    #expect(SegmentName(fileName: name.fileName) == name)
    for foreign in [
      "", "42.log", "00000000000000000042.log.tmp", "00000000000000000042.LOG", "0000000000000000004x.log",
      "+0000000000000000042.log", "00000000000000000000.log", "99999999999999999999.log", "18446744073709551615.log",
    ] {
      #expect(SegmentName(fileName: foreign) == nil, "\(foreign)")
    }
  }

  /// One in four thousand million frames would end like a frame whose end was never written.
  @Test func noFrameEndsWithFourZeros() throws {
    // The checksum of this frame would be 0.
    let records = [LogRecord(kind: 1, payload: Self.payloadOfChecksumZero)]
    let bytes = CommitFrame.encode(records, firstSequence: LogSequence(1), epoch: 1, previousChecksum: 0)
    let whole = CRC32C.checksum(Array(bytes[..<36] + bytes[40..<(bytes.count - 4)]))
    #expect(whole == 0)
    #expect(bytes.suffix(4) == [0xFF, 0xFF, 0xFF, 0xFF])
    let header = try FrameHeader(decoding: bytes, at: 0)
    #expect(try CommitFrame.records(header: header, in: bytes, at: 0) == records)
  }

  private static let payloadOfChecksumZero: [UInt8] = [0x24, 0x98, 0x9D, 0x46]

  /// The documented frame with some bytes of it replaced and its header checksum made good again, and that of the whole.
  private func problem(patching patches: [Int: UInt8], isWhole: Bool = false) -> FrameProblem? {
    var bytes = CommitFrame.encode(
      [LogRecord(kind: 3, payload: [0x57, 0x68]), LogRecord(kind: 4, payload: [])], firstSequence: LogSequence(7),
      epoch: 1, previousChecksum: 0)
    for (index, byte) in patches { bytes[index] = byte }
    if isWhole {
      let covered = Array(bytes[..<36] + bytes[40..<(bytes.count - 4)])
      write(CRC32C.checksum(covered), into: &bytes, at: bytes.count - 4)
    }
    return problem(decoding: checksummed(bytes, at: 0), at: 0)
  }

  private func problem(decoding bytes: [UInt8], at start: Int) -> FrameProblem? {
    do throws(FrameProblem) {
      _ = try CommitFrame.records(header: FrameHeader(decoding: bytes, at: start), in: bytes, at: start)
      return nil
    } catch {
      return error
    }
  }

  private func checksummed(_ bytes: [UInt8], at start: Int) -> [UInt8] {
    var patched = bytes
    write(CRC32C.checksum(bytes, in: start..<(start + 36)), into: &patched, at: start + 36)
    return patched
  }

  private func write(_ checksum: UInt32, into bytes: inout [UInt8], at start: Int) {
    for index in 0..<4 { bytes[start + index] = UInt8(truncatingIfNeeded: checksum >> UInt32(8 * index)) }
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
