import Glibc
import Synchronization
import TelemetryCore

/// Named moments at which a debug build ends itself as `kill -9` would, so that a test can choose the worst ones.
///
/// `DERTELEMETRYD_STOP_AT=beforeSync:3` ends it when this moment has come for the third time, and with `:hang` after the
/// number that thread of it stands still for good instead. A release build has none of this.
enum StopPoint: String, CaseIterable {
  // A start, before and after the ledger is recovered, and with the first records given to the log.
  case locked, recovered, started
  // Log: the bytes of a frame, half of them, and their sync. While it recovers, a start passes these too.
  case beforeWrite, amidWrite, afterWrite, beforeSync, afterSync
  // Everything is durable, and nothing of what waited for it is done.
  case beforeRelease
  // A submission: what is stored before it leaves; its body not yet and wholly given to the connection, which sends it.
  case payloadStored, envelopeStored, beforeFirstBodyByte, bodyGiven
  // Its answer: the operator has every byte and begins to answer; the whole answer is there, kept, and in the ledger.
  case answerBegun, answerArrived, answerKept, answerRecorded

  /// Does not return at the moment that was chosen.
  static func reach(_ point: @autoclosure () -> Self?) {
    #if DEBUG
      guard let chosen, point() == chosen.point else { return }
      guard count.add(1, ordering: .relaxed).newValue == chosen.number else { return }
      while chosen.hangs { sleep(3_600) }
      kill(getpid(), SIGKILL)
    #endif
  }

  /// Whether this is the moment that was chosen, at any of the times that it comes.
  static func isChosen(_ point: Self) -> Bool {
    #if DEBUG
      return chosen?.point == point
    #else
      return false
    #endif
  }

  #if DEBUG
    private static let count = Atomic(0)
    private static let chosen: (point: Self, number: Int, hangs: Bool)? = {
      guard let text = getenv("DERTELEMETRYD_STOP_AT") else { return nil }
      let words = String(cString: text).split(separator: ":").map(String.init)
      guard words.count >= 2, let point = Self(rawValue: words[0]), let number = Int(words[1]) else { return nil }
      return (point, number, words.dropFirst(2).first == "hang")
    }()
  #endif
}

extension StopPoint {
  /// The moment at which these records have become durable, where an answer is among them.
  static func recording(_ records: [LogRecord]) -> Self? {
    let answers = [RecordKind.taken, .rejected, .unprocessed, .verdict, .resolved].map(\.rawValue)
    return records.contains { answers.contains($0.kind) } ? .answerRecorded : nil
  }
}
