import Glibc
import TelemetryCore
import TelemetrySimulation
import Testing

@testable import DERTelemetryd

struct PosixLogDiskTests {
  private let temporary = TemporaryDirectory()

  @Test func aRealDiskKeepsTheSameContractAsTheOneInMemory() throws {
    var count = 0
    let broken = try LogDiskContract.broken { () throws -> PosixLogDisk in
      count += 1
      let directory = "\(temporary.path)/\(count)"
      try FileSystem.makeDirectories(directory)
      return PosixLogDisk(directory: directory, quarantineDirectory: "\(directory)-quarantine")
    }
    #expect(broken == [])
  }

  @Test func aLogIsReopenedWithAllItsRecordsAndGoesOn() throws {
    for opening in 0..<3 {
      let (recovered, plan) = try commit(records: 10)
      #expect(recovered == opening * 10)
      #expect(plan.damage.isEmpty)
      #expect(plan.tornTail == nil)
    }
    #expect(try FileSystem.files(in: temporary.path).count > 2, "small segments roll over")
  }

  @Test func aTornTailIsKeptInQuarantineAndCut() throws {
    _ = try commit(records: 3)
    let last = try #require(FileSystem.files(in: temporary.path).max())
    let file = try FileDescriptor(.write, path: "\(temporary.path)/\(last)", flags: O_RDWR)
    let length = try file.byteCount()
    try file.write([1, 2, 3], at: length)

    let (recovered, plan) = try commit(records: 1)
    #expect(recovered == 3)
    #expect(plan.tailWasCut)
    #expect(try file.byteCount() == length + SegmentHeader.blockByteCount, "with its last frame once more")
    #expect(try file.read(length..<(length + 4)) == FrameHeader.magic)
    let kept = try FileSystem.files(in: "\(temporary.path)/quarantine")
    #expect(kept.count == 1)
    let name = try #require(kept.first)
    let copy = try FileDescriptor(.read, path: "\(temporary.path)/quarantine/\(name)", flags: O_RDONLY)
    #expect(try copy.read(0..<100) == [1, 2, 3])
    #expect(try !commit(records: 1).1.tailWasCut)
  }

  @Test func readingOnlyWorksBesideAnOpenLog() throws {
    var log = try open { _, _ in }
    _ = try log.commit([LogRecord(kind: 1, payload: [1])])
    var count = 0
    let disk = PosixLogDisk(directory: temporary.path, quarantineDirectory: "\(temporary.path)/quarantine")
    let contents = try LogContents(of: disk) { _, _ in count += 1 }
    #expect(count == 1)
    #expect(contents.plan.tornTail == nil)
    _ = try log.commit([LogRecord(kind: 1, payload: [2])])
  }

  @Test func anErrorSaysWhatAndWhereInTheSystemsWords() throws {
    let disk = PosixLogDisk(directory: "\(temporary.path)/absent", quarantineDirectory: "/")
    let error = #expect(throws: LogDiskError.self) { _ = try disk.list() }
    #expect(error?.cause == .noSuchFile)
    #expect(error?.description == "list \(temporary.path)/absent: No such file or directory")
  }

  /// Linux gives every write to /dev/full the answer ENOSPC.
  @Test func aFullDiskIsNamed() throws {
    let file = try FileDescriptor(.write, path: "/dev/full", flags: O_RDWR)
    let error = #expect(throws: LogDiskError.self) { try file.write([1], at: 0) }
    #expect(error?.cause == .noSpace)
  }

  /// The memory of this process is a file too, and a page behind the end of what is mapped gives EIO
  /// as a bad sector does.
  @Test func aBlockThatTheKernelRefusesIsMarkedAndTheRestIsRead() throws {
    let page = UnreadableBlock.byteCount
    let pages = mmap(nil, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    let memory = try #require(pages)
    memset(memory, 7, 3 * page)
    defer { munmap(memory, 3 * page) }
    let empty = Glibc.open("\(temporary.path)/empty", O_RDONLY | O_CREAT, FileDescriptor.fileMode)
    defer { close(empty) }
    #expect(mmap(memory + page, page, PROT_READ, MAP_SHARED | MAP_FIXED, empty, 0) == memory + page)
    let start = Int(bitPattern: memory)
    let file = try FileDescriptor(.read, path: "/proc/self/mem", flags: O_RDONLY)

    let error = #expect(throws: LogDiskError.self) { _ = try file.readSome((start + page)..<(start + 2 * page)) }
    #expect(error?.cause == .unreadable)
    let read = try UnreadableBlock.read(start..<(start + 3 * page)) { range throws(LogDiskError) in
      try file.readSome(range)
    }
    let whole = [UInt8](repeating: 7, count: page)
    #expect(read == whole + UnreadableBlock.bytes((start + page)..<(start + 2 * page)) + whole)
  }

  private func open(
    _ recovered: (LogSequence, LogRecord) -> Void
  ) throws -> SegmentLog<PosixLogDisk> {
    let disk = PosixLogDisk(directory: temporary.path, quarantineDirectory: "\(temporary.path)/quarantine")
    return try SegmentLog(
      opening: disk, segmentByteCount: 600, makeEpoch: { UInt64.random(in: 0...(.max)) }, recovered: recovered)
  }

  /// Opens the log, commits so many records, and says how many were there before.
  private func commit(records count: Int) throws -> (Int, RecoveryPlan) {
    var recovered: [LogRecord] = []
    var log = try open { recovered.append($1) }
    for (index, record) in recovered.enumerated() {
      #expect(record == LogRecord(kind: 1, payload: [UInt8](repeating: UInt8(index), count: 30)))
    }
    for index in recovered.count..<(recovered.count + count) {
      _ = try log.commit([LogRecord(kind: 1, payload: [UInt8](repeating: UInt8(index), count: 30))])
    }
    return (recovered.count, log.contents.plan)
  }
}
