import Glibc
import MarketCore
import TelemetryCore

/// What was submitted of the schedules, in the state directory, beside the service's accounts and without its lock.
///
///     schedules/lock         held while a command submits
///     schedules/ledger/      the records, in the frames of every log
///     schedules/evidence/    what was sent and what was answered
///     schedules/quarantine/  damaged bytes
final class ScheduleStore {
  private let lock: FileDescriptor
  private var log: SegmentLog<PosixLogDisk>
  private(set) var ledger: ScheduleLedger
  let evidence: EvidenceStore
  /// Records are missing from the log: what they told is not known.
  let isDamaged: Bool

  private static func directory(_ stateDirectory: String) -> String { "\(stateDirectory)/schedules" }

  private static func disk(_ directory: String) -> PosixLogDisk {
    PosixLogDisk(directory: "\(directory)/ledger", quarantineDirectory: "\(directory)/quarantine")
  }

  static func evidence(_ stateDirectory: String) -> EvidenceStore {
    EvidenceStore(directory: "\(directory(stateDirectory))/evidence")
  }

  /// Takes the lock, and writes down what an earlier command left open.
  ///
  /// - Throws: with the cause `busy` where another command submits.
  init(stateDirectory: String) throws(LogDiskError) {
    let directory = Self.directory(stateDirectory)
    for name in ["ledger", "evidence", "quarantine"] { try FileSystem.makeDirectories("\(directory)/\(name)") }
    let file = try FileDescriptor(.lock, path: "\(directory)/lock", flags: O_RDWR | O_CREAT)
    guard try file.lock() else {
      throw LogDiskError(
        .lock, path: directory, cause: .busy, reason: "another command is submitting schedules: try again")
    }
    lock = file
    var found = ScheduleLedger()
    var unread = 0
    log = try SegmentLog(
      opening: Self.disk(directory), segmentByteCount: 4 << 20,
      makeEpoch: { UInt64.random(in: .min ... .max) }, recovered: { Self.apply($1, to: &found, &unread) })
    ledger = found
    evidence = Self.evidence(stateDirectory)
    isDamaged = !log.contents.plan.damage.isEmpty || unread > 0 || !found.faults.isEmpty
    try commit(ledger.interrupted(at: SystemClock().now().utc))
  }

  /// What is there, for a reader; nil where nothing was ever submitted.
  static func read(stateDirectory: String) throws(LogDiskError) -> ScheduleLedger? {
    let directory = directory(stateDirectory)
    guard access("\(directory)/ledger", F_OK) == 0 else { return nil }
    var ledger = ScheduleLedger()
    var unread = 0
    _ = try LogContents(of: disk(directory)) { apply($1, to: &ledger, &unread) }
    return ledger
  }

  private static func apply(_ record: LogRecord, to ledger: inout ScheduleLedger, _ unread: inout Int) {
    do throws(DecodingProblem) {
      if let decoded = try ScheduleCodec.decode(record) { ledger.apply(decoded) } else { unread += 1 }
    } catch {
      unread += 1
    }
  }

  /// Writes records; durable on return.
  func commit(_ records: [ScheduleRecord]) throws(LogDiskError) {
    guard !records.isEmpty else { return }
    _ = try log.commit(records.map(ScheduleCodec.encode))
    for record in records { ledger.apply(record) }
  }
}

extension BidIntent {
  /// Under what its evidence is kept.
  var stored: Pipeline.StoredSubmission { .init(id: SubmissionID(id.name), created: created) }
}
