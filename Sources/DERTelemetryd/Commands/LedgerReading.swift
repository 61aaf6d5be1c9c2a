import ArgumentParser
import TelemetryCore

/// The ledger as commands read it: without a lock, beside a running daemon or without one.
struct LedgerReading {
  var replay: LedgerReplay
  var contents: LogContents

  /// - Throws: exit 74 where the ledger cannot be read, 69 where there is none.
  init(stateDirectory: String) throws(ExitCode) {
    var replay = LedgerReplay()
    contents = try Self.forEachRecord(of: stateDirectory) { replay.take($0, $1) }
    self.replay = replay
  }

  @discardableResult
  static func forEachRecord(
    of stateDirectory: String, _ visit: (LogSequence, LogRecord) -> Void
  ) throws(ExitCode) -> LogContents {
    do throws(LogDiskError) {
      return try LogContents(of: StateDirectory.ledgerDisk(of: stateDirectory), recovered: visit)
    } catch {
      let isAbsent = error.cause == .noSuchFile
      let advice = isAbsent ? "there is no ledger yet; has the daemon run?" : "\(error)"
      StandardError.write("\(stateDirectory)/ledger: \(advice)\n")
      throw (isAbsent ? ExitStatus.unavailable : ExitStatus.inputOutput).exitCode
    }
  }
}
