import Foundation
import Synchronization
import TelemetryCore

/// The desk and its file: nothing is answered before what was taken in is on the disk.
final class OperatorService: Sendable {
  private let desk: Mutex<OperatorDesk>
  private let append: @Sendable (ReceivedBatch) throws -> Void
  private let disturb: Disturb

  /// What goes wrong on purpose: a decision, and what is made of it.
  typealias Disturb = @Sendable (OperatorDesk.Decision, UTCInstant) -> OperatorDesk.Decision

  /// Serves with a desk; `append` returns when a batch is on the disk.
  init(
    desk: OperatorDesk, disturb: @escaping Disturb = { decision, _ in decision },
    append: @escaping @Sendable (ReceivedBatch) throws -> Void
  ) {
    self.desk = Mutex(desk)
    self.disturb = disturb
    self.append = append
  }

  /// Takes up what an earlier stand-in left in the directory.
  convenience init(
    gate: OperatorGate, form: PayloadForm, validationDelay: Milliseconds, directory: String,
    disturb: @escaping Disturb = { decision, _ in decision }
  ) throws {
    let file = try ReceivedFile(directory: directory)
    let desk = OperatorDesk(gate: gate, form: form, validationDelay: validationDelay, received: file.found)
    self.init(desk: desk, disturb: disturb, append: file.append)
  }

  func answer(_ call: OperatorCall, at now: UTCInstant) -> OperatorAnswer {
    desk.withLock { desk in
      var decision = desk.answer(call, at: now)
      if !call.isBelated { decision = disturb(decision, now) }
      guard let batch = decision.batch else { return decision.answer }
      do {
        try append(batch)
      } catch {
        // Whether it is on the disk is not known, so it is neither a receipt nor a rejection.
        let reason = "The batch could not be kept: \(error)"
        let note = CallNote(service: "submit", outcome: .failed, reason: reason)
        return OperatorAnswer(status: 500, body: OperatorWords.breakdown(reason), note: note)
      }
      desk.keep(batch)
      return decision.answer
    }
  }
}

extension UTCInstant {
  /// The host's clock.
  static var now: Self { Self(milliseconds: Int64((Date().timeIntervalSince1970 * 1_000).rounded(.down))) }
}
