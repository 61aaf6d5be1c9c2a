import Foundation
import Synchronization
import TelemetryCore

/// The desk and its file: nothing is answered before what was taken in is on the disk.
final class OperatorService: Sendable {
  private struct Office {
    var desk: OperatorDesk
    let file: ReceivedFile
  }

  private let office: Mutex<Office>

  /// Takes up what an earlier stand-in left in the directory.
  init(gate: OperatorGate, form: PayloadForm, validationDelay: Milliseconds, directory: String) throws {
    let file = try ReceivedFile(directory: directory)
    let desk = OperatorDesk(gate: gate, form: form, validationDelay: validationDelay, received: file.found)
    office = Mutex(Office(desk: desk, file: file))
  }

  func answer(_ call: OperatorCall, at now: UTCInstant) -> OperatorAnswer {
    office.withLock { office in
      let decision = office.desk.answer(call, at: now)
      guard let batch = decision.batch else { return decision.answer }
      do {
        try office.file.append(batch)
      } catch {
        // Whether it is on the disk is not known, so it is neither a receipt nor a rejection.
        let reason = "The batch could not be kept: \(error)"
        let note = CallNote(service: "submit", outcome: .failed, reason: reason)
        return OperatorAnswer(status: 500, body: OperatorWords.breakdown(reason), note: note)
      }
      office.desk.keep(batch)
      return decision.answer
    }
  }
}

extension UTCInstant {
  /// The host's clock.
  static var now: Self { Self(milliseconds: Int64((Date().timeIntervalSince1970 * 1_000).rounded(.down))) }
}
