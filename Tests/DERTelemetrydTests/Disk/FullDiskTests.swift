import Foundation
import Glibc
import TelemetryCore
import Testing

@testable import DERTelemetryd

/// A real file system of a few megabytes that fills up.
@Suite(.enabled(if: SmallFileSystem.isPossible, "mounting a file system needs root and a kernel that allows it"))
struct FullDiskTests {
  private func open(_ path: String, reserve: Int) throws -> LogStore<PosixLogDisk> {
    for name in ["ledger", "readings"] { try FileSystem.makeDirectories("\(path)/\(name)") }
    let disk = { (name: String) in PosixLogDisk(directory: "\(path)/\(name)", quarantineDirectory: "\(path)/q") }
    return LogStore(
      ledger: try SegmentLog(
        opening: disk("ledger"), segmentByteCount: 1 << 18, makeEpoch: { UInt64.random(in: 0...(.max)) },
        recovered: { _, _ in }),
      readings: try ReadingsLog(
        opening: disk("readings"), sites: [SiteID("north")],
        needed: NeededReadings(from: UTCInstant(milliseconds: .max / 2), earlier: []), segmentByteCount: 1 << 18,
        makeEpoch: { UInt64.random(in: 0...(.max)) }, restored: { _ in }),
      reserve: try DiskReserve(on: disk("."), byteCount: reserve))
  }

  private func frame(_ second: Int64) -> ReadingsFrame {
    let instant = UTCInstant(seconds: 1_795_348_800 + second)
    let readings = (0..<1_000).map { index in
      SiteReading(
        site: SiteIndex(0), instant: instant + Milliseconds(Int64(index)), power: nil,
        export: EnergyRegister(raw: UInt64(second) &* 0x9E37_79B9_7F4A % 1_000_000_007 + UInt64(index), scale: 0),
        import: nil)
    }
    let moment = Moment(utc: instant, uptime: UptimeInstant(milliseconds: second * 1_000))
    return ReadingsFrame(
      clock: HostClock(boot: .unknown, moment: moment, synchronisation: .unknown), readings: readings)
  }

  @Test func aFullDiskShedsThenTakesTheReserveThenEndsAndLosesNothingThatWasAcknowledged() throws {
    let disk = try SmallFileSystem(megabytes: 8)
    var committed = 0
    var notes: [StorageNote] = []
    var failure: LogDiskError?
    do {
      var store = try open(disk.path, reserve: 1 << 20)
      do throws(LogDiskError) {
        for second in Int64(1)...1_000_000 {
          try store.store(frame(second))
          committed = Int(try store.commit([LogRecord(kind: 1, payload: [UInt8](repeating: 7, count: 900))]).number)
          if second == 50 {
            let before = UTCInstant(seconds: 1_795_348_800 + 400)
            try store.shed(
              by: ReadingsRetention(mayShedBefore: before, keepFrom: UTCInstant(milliseconds: 0), cap: .max))
          }
          try store.prepare()
          notes += store.takeNotes()
        }
      } catch {
        failure = error
        notes += store.takeNotes()
      }
    }
    #expect(failure?.cause == .noSpace)
    #expect(committed > 1_000)
    #expect(notes.last == .reserveReleased(byteCount: 1 << 20))
    let shed = notes.dropLast().compactMap { if case .shed(let shed) = $0 { shed } else { nil } }
    #expect(shed.count == notes.count - 1)
    #expect(!shed.isEmpty && shed.allSatisfy { $0.reason == .fullDisk })

    // Somebody makes room: the next start goes on where this one ended.
    try disk.grow(megabytes: 32)
    var again = try open(disk.path, reserve: 1 << 20)
    #expect(again.ledger.contents.plan.recordCount == UInt64(committed))
    #expect(again.ledger.contents.plan.damage.isEmpty)
    #expect(try again.commit([LogRecord(kind: 1, payload: [1])]).number == UInt64(committed + 1))
  }

  @Test func whatIsFreeOnARealDiskIsWhatCanBeWritten() throws {
    let disk = try SmallFileSystem(megabytes: 4)
    let log = PosixLogDisk(directory: disk.path, quarantineDirectory: disk.path)
    let free = try #require(try log.freeByteCount())
    #expect((3 << 20)...(4 << 20) ~= free)
  }
}

/// A file system in memory, mounted for one test.
private final class SmallFileSystem {
  let path: String
  private let temporary = TemporaryDirectory()

  static let isPossible: Bool = {
    guard geteuid() == 0 else { return false }
    do {
      _ = try SmallFileSystem(megabytes: 1)
      return true
    } catch {
      return false
    }
  }()

  init(megabytes: Int) throws {
    path = temporary.path
    try Self.run("mount", ["-t", "tmpfs", "-o", "size=\(megabytes)m", "tmpfs", path])
  }

  func grow(megabytes: Int) throws { try Self.run("mount", ["-o", "remount,size=\(megabytes)m", path]) }

  deinit {
    do { try Self.run("umount", [path]) } catch { Issue.record("the test's file system stays mounted: \(error)") }
  }

  private struct Failure: Error {
    var command: String
    var status: Int32
  }

  private static func run(_ command: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [command] + arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(command: command, status: process.terminationStatus)
    }
  }
}
