import Foundation
import SignedXML
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
    let created = UTCInstant(seconds: 1_796_083_200)  // 2026-12-01T00:00:00Z
    let submission = Pipeline.StoredSubmission(id: SubmissionID("20261201-0001"), created: created)
    let bytes = [UInt8]("<request/>".utf8)
    try evidence.write(bytes, as: .payload, of: submission)
    #expect(try evidence.read(.payload, of: submission, limit: 10) == bytes)
    let path = "\(evidence.directory)/2026-12/20261201-0001"
    #expect(try FileSystem.files(in: path) == ["payload.xml.gz"])
    let unpacked = run(["gzip", "--decompress", "--stdout", "\(path)/payload.xml.gz"])
    #expect(unpacked.output == "<request/>")
    try evidence.write([7], as: .payload, of: submission)
    #expect(try evidence.read(.payload, of: submission, limit: 10) == [7])
    try evidence.write([], as: .answer(attempt: 1), of: submission)
    #expect(try evidence.read(.answer(attempt: 1), of: submission) == [])
  }

  @Test func evidenceIsReadWithinItsLimitOnly() throws {
    let evidence = try StateDirectory(locking: temporary.path).evidence()
    let submission = Pipeline.StoredSubmission(id: SubmissionID("a"), created: UTCInstant(seconds: 0))
    try evidence.write([1, 2, 3], as: .payload, of: submission)
    #expect(throws: LogDiskError.self) { try evidence.read(.payload, of: submission, limit: 2) }
    let absent = #expect(throws: LogDiskError.self) { try evidence.read(.status, of: submission, limit: 2) }
    #expect(absent?.cause == .noSuchFile)
  }

  @Test func evidenceThatWasDamagedIsNamedAndNeverGiven() throws {
    let evidence = try StateDirectory(locking: temporary.path).evidence()
    let submission = Pipeline.StoredSubmission(id: SubmissionID("a"), created: UTCInstant(seconds: 0))
    let whole = Gzip.compress(Array("<answer>42</answer>".utf8))
    try evidence.write([1], as: .status, of: submission)
    let path = try evidence.path(of: .status, of: submission)
    for length in 0..<whole.count {
      try Data(whole[..<length]).write(to: URL(filePath: path))
      #expect(throws: LogDiskError.self) { try evidence.read(.status, of: submission) }
    }
    // A file that grows without end: 64 MiB of zeros in 64 kB.
    try Data(Gzip.compress([UInt8](repeating: 0, count: 64 << 20))).write(to: URL(filePath: path))
    let problem = #expect(throws: LogDiskError.self) { try evidence.read(.status, of: submission) }
    #expect(problem?.reason == "longer than \(EvidenceStore.byteLimit) bytes")
  }

  @Test(arguments: ["", ".", "..", "../x", "a/b", "a\0b", ".hidden", "-r", "ü", String(repeating: "a", count: 101)])
  func noNameLeadsOutOfTheDirectory(name: String) throws {
    let evidence = EvidenceStore(directory: temporary.path)
    let submission = Pipeline.StoredSubmission(id: SubmissionID(name), created: UTCInstant(seconds: 0))
    #expect(throws: LogDiskError.self) { try evidence.write([1], as: .payload, of: submission) }
    #expect(throws: LogDiskError.self) { try evidence.read(.payload, of: submission) }
  }
}
