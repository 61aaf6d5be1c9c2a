import TelemetryCore

/// The payloads of the three services as the wire profile has them.
struct PayloadForm: Sendable {
  struct MeterData { var coordinator: String?; var rows: [ReceivedBatch.Row] }
  struct Question {
    var resource: String
    func includes(_ batch: ReceivedBatch, _ row: RowKey) -> Bool { true }
  }
  static func load(profile: String, intervalLength: IntervalLength) throws -> Self { Self() }
  func service(of payload: borrowing Payload) throws(Refusal) -> OperatorServiceName { .submit }
  func meterData(_ payload: borrowing Payload) throws(Refusal) -> MeterData { MeterData(rows: []) }
  func batchAsked(_ payload: borrowing Payload) throws(Refusal) -> String { "" }
  func question(_ payload: borrowing Payload) throws(Refusal) -> Question { Question(resource: "") }
  func meterData(_ values: [RowKey: String], of question: Question, at now: UTCInstant) -> [UInt8] { [] }
}
