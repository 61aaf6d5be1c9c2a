import ArgumentParser
import TelemetryCore

/// The ledger as commands read it: without a lock, beside a running daemon or without one.
struct LedgerReading {
  var replay: LedgerReplay
  var contents: LogContents

  /// Reads from the newest checkpoint on, as a start does.
  ///
  /// - Throws: exit 74 where the ledger cannot be read, 69 where there is none.
  init(stateDirectory: String) throws(ExitCode) {
    let result = try Self.read(stateDirectory) { disk throws(LogDiskError) in
      let start = try LedgerStart(of: disk)
      var replay = start.replay
      let contents = try LogContents(of: disk, from: start.segment) { replay.take($0, $1) }
      return (replay, contents)
    }
    (replay, contents) = result
  }

  /// Reads so much that every interval whose ending lies in a range is told whole: for a date long ago, the segments of
  /// that time until nothing could change in it any more.
  init(stateDirectory: String, whole range: ClosedRange<UTCInstant>) throws(ExitCode) {
    let result = try Self.read(stateDirectory) { disk throws(LogDiskError) in
      var start = try LedgerStart(of: disk, keeping: range)
      if start.replay.state.hasFolded(in: range) {
        start = try LedgerStart(of: disk, judgedBefore: range.lowerBound, keeping: range)
      }
      var replay = start.replay
      let contents = try LogContents(
        of: disk, from: start.segment, while: { !replay.state.isKeptSettled }, recovered: { replay.take($0, $1) })
      return (replay, contents)
    }
    (replay, contents) = result
  }

  /// One value from the registers to the receipt: the records from before its interval began.
  static func explanation(
    of key: SeriesKey, _ ending: IntervalEnding, stateDirectory: String
  ) throws(ExitCode) -> Explanation {
    try read(stateDirectory) { disk throws(LogDiskError) in
      let start = try LedgerStart(of: disk, judgedBefore: ending.instant, keeping: ending.instant...ending.instant)
      var explanation = Explanation(of: key, ending: ending, from: start.replay)
      _ = try LogContents(
        of: disk, from: start.segment, while: { !explanation.isSettled }, recovered: { explanation.take($0, $1) })
      return explanation
    }
  }

  /// Reads everything from the first record on, the archive included; `progress` is told before each segment.
  static func deep(
    stateDirectory: String, progress: () -> Void
  ) throws(ExitCode) -> (audit: DeepAudit, contents: LogContents) {
    try read(stateDirectory) { disk throws(LogDiskError) in
      var audit = DeepAudit()
      let contents = try LogContents(
        of: disk,
        while: {
          progress()
          return true
        }, recovered: { audit.take($0, $1) })
      return (audit, contents)
    }
  }

  /// Every record from the first one on, the archive included.
  static func forEachRecord(
    of stateDirectory: String, _ visit: (LogSequence, LogRecord) -> Void
  ) throws(ExitCode) {
    try read(stateDirectory) { disk throws(LogDiskError) in _ = try LogContents(of: disk, recovered: visit) }
  }

  private static func read<Result>(
    _ stateDirectory: String, _ work: (borrowing PosixLogDisk) throws(LogDiskError) -> Result
  ) throws(ExitCode) -> Result {
    do throws(LogDiskError) {
      return try work(StateDirectory.ledgerDisk(of: stateDirectory))
    } catch {
      let isAbsent = error.cause == .noSuchFile
      let advice = isAbsent ? "there is no ledger yet; has the daemon run?" : "\(error)"
      StandardError.write("\(stateDirectory)/ledger: \(advice)\n")
      throw (isAbsent ? ExitStatus.unavailable : ExitStatus.inputOutput).exitCode
    }
  }
}
