import ArgumentParser
import TelemetryCore

/// Decides about the accounts while no daemon is running: by the same judgement, with the lock.
enum StoppedDaemon {
  /// Changes nothing and takes no lock.
  static func judge(_ request: PersonRequest, _ settings: Settings) throws(ExitCode) -> PersonVerdict {
    let state = try LedgerReading(stateDirectory: settings.stateDirectory).replay.state
    return state.judge(request, settings, now: SystemClock().now().utc)
  }

  /// Writes what the request asks, durable on return.
  static func decide(_ request: PersonRequest, _ settings: Settings) throws(ExitCode) -> PersonVerdict {
    do throws(LogDiskError) {
      let directory = try StateDirectory(locking: settings.stateDirectory)
      var opening = try LedgerOpening(
        directory.ledgerDisk(), makeEpoch: { UInt64.random(in: .min ... .max) })
      var pipeline = opening.pipeline(settings)
      pipeline.note(LedgerDamage.new(opening.log.contents, known: opening.replay.state.damages))
      var verdict = PersonVerdict(problem: "nothing was decided")
      var event = Pipeline.Event.personAsked(RequestNumber(1), request)
      // The answer comes when what it stands on has been committed.
      for _ in 0..<2 {
        for action in pipeline.handle(event, at: SystemClock().now()) {
          switch action {
          case .commit(let records, let through):
            _ = try opening.log.commit(records)  // the numbers are those that the pipeline expects
            event = .committed(through: through)
          case .checkpoint(let records, let through):
            _ = try opening.log.commitInNewSegment(records)
            event = .committed(through: through)
          case .answer(_, let answer): verdict = answer
          case .announce(let word) where word.kind == .ledgerDamaged || word.kind == .ledgerCutOff:
            StandardError.write(word.message + "\n")
          default: break
          }
        }
      }
      return verdict
    } catch {
      StandardError.write("the state directory cannot be used: \(error)\n")
      throw (error.cause == .busy ? ExitStatus.temporary : ExitStatus.inputOutput).exitCode
    }
  }
}
