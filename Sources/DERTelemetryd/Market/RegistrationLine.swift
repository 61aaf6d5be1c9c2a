import Foundation
import MarketCore
import TelemetryCore

/// An event of the registrations as a line of JSON.
struct RegistrationLine: Codable {
  var resource: String
  var step: RegistrationStep
  var outcome: RegistrationEvent.Outcome
  var date: String
  var reference: String
  var due: String?
  var packet: String?
  var ders: String?
  var recipient: RegistrationRecipient?
  var recordedAt: String
  var by: String
  /// The SHA-256 of the line before it; empty in the first.
  var previous: String

  init(_ event: RegistrationEvent, recordedAt: UTCInstant, by: String, previous: String) {
    resource = event.resource.name
    step = event.step
    outcome = event.outcome
    date = "\(event.date)"
    reference = event.reference
    due = event.due.map { "\($0)" }
    packet = event.packet
    ders = event.ders
    recipient = event.recipient
    self.recordedAt = recordedAt.text
    self.by = by
    self.previous = previous
  }

  /// Nil where the text is no such line.
  init?(json: String) {
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(json.utf8))
    } catch {
      return nil
    }
  }

  /// Keys in the order of the alphabet, on one line.
  func json() throws(RegistrationStoreError) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return String(decoding: try encoder.encode(self), as: UTF8.self)
    } catch {
      throw .damaged("the event cannot be written as JSON: \(error)")
    }
  }

  /// Nil where a date is none.
  var event: RegistrationEvent? {
    guard let date = TradeDate(date) else { return nil }
    return RegistrationEvent(
      resource: ResourceID(resource), step: step, outcome: outcome, date: date, reference: reference,
      due: due.flatMap { TradeDate($0) }, packet: packet, ders: ders, recipient: recipient)
  }
}
