import Foundation
import TelemetryCore
import Testing

@testable import DERTelemetryd

struct StateDirectoryTests {
  private let temporary = TemporaryDirectory()

  @Test func whatIsMissingIsMadeForOwnerAndGroup() throws {
    let path = "\(temporary.path)/var/lib/state"
    let state = try StateDirectory(locking: path)
    for name in ["ledger", "evidence", "quarantine"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
      #expect(attributes[.type] as? FileAttributeType == .typeDirectory)
      let mode = try #require(attributes[.posixPermissions] as? Int)
      #expect(mode & 0o027 == 0, "\(name) is not for others")
    }
    #expect(state.path == path)
  }

  @Test func aSecondDaemonIsRefusedAndToldWhoHasTheLock() throws {
    let first = try StateDirectory(locking: temporary.path)
    do throws(LogDiskError) {
      _ = try StateDirectory(locking: temporary.path)
      Issue.record("two daemons have one state directory")
    } catch {
      #expect(error.cause == .busy)
      #expect(error.reason == "in use by another dertelemetryd, process \(getpid())")
    }
    #expect(first.path == temporary.path)
  }

  @Test func theLockIsFreeAgainAfterItsOwnerIsGone() throws {
    do { _ = try StateDirectory(locking: temporary.path) }
    _ = try StateDirectory(locking: temporary.path)
  }

  @Test func evidenceComesBackByteForByte() throws {
    let evidence = try StateDirectory(locking: temporary.path).evidence()
    let submission = SubmissionID("20261201-0001")
    let created = UTCInstant(seconds: 1_796_083_200)  // 2026-12-01T00:00:00Z
    let bytes = [UInt8]("<request/>".utf8)
    try evidence.write(bytes, as: "request.xml", of: submission, created: created)
    #expect(try evidence.read("request.xml", of: submission, created: created, limit: 10) == bytes)
    #expect(try FileSystem.files(in: "\(evidence.directory)/2026-12/20261201-0001") == ["request.xml"])
    try evidence.write([7], as: "request.xml", of: submission, created: created)
    #expect(try evidence.read("request.xml", of: submission, created: created, limit: 10) == [7])
  }

  @Test func evidenceIsReadWithinItsLimitOnly() throws {
    let evidence = try StateDirectory(locking: temporary.path).evidence()
    let submission = SubmissionID("a")
    let created = UTCInstant(seconds: 0)
    try evidence.write([1, 2, 3], as: "b", of: submission, created: created)
    #expect(throws: LogDiskError.self) { try evidence.read("b", of: submission, created: created, limit: 2) }
    let absent = #expect(throws: LogDiskError.self) {
      try evidence.read("c", of: submission, created: created, limit: 2)
    }
    #expect(absent?.cause == .noSuchFile)
  }

  @Test(arguments: ["", ".", "..", "../x", "a/b", "a\0b", ".hidden", "-r", "ü", String(repeating: "a", count: 101)])
  func noNameLeadsOutOfTheDirectory(name: String) throws {
    let evidence = EvidenceStore(directory: temporary.path)
    let created = UTCInstant(seconds: 0)
    #expect(throws: LogDiskError.self) { try evidence.write([1], as: name, of: SubmissionID("a"), created: created) }
    #expect(throws: LogDiskError.self) { try evidence.write([1], as: "a", of: SubmissionID(name), created: created) }
    #expect(throws: LogDiskError.self) {
      try evidence.read(name, of: SubmissionID("a"), created: created, limit: 1)
    }
  }
}
