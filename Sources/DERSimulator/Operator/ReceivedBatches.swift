import TelemetryCore

/// All batches that the stand-in ever took in, in the order they came.
struct ReceivedBatches: Sendable {
  private(set) var batches: [ReceivedBatch] = []
  private var places: [String: Int] = [:]

  init(_ batches: [ReceivedBatch] = []) {
    for batch in batches { receive(batch) }
  }

  mutating func receive(_ batch: ReceivedBatch) {
    places[batch.id] = batches.count
    batches.append(batch)
  }

  func batch(_ id: String) -> ReceivedBatch? { places[id].map { batches[$0] } }

  /// The receipt for the next batch: the second it came in and its place among all, so that no two are ever equal, not even
  /// with those of a stand-in that was started afresh.
  func nextID(at now: UTCInstant) -> String {
    let place = String(batches.count + 1)
    return "\(now.seconds)" + String(repeating: "0", count: max(0, 6 - place.count)) + place
  }

  /// The values in force for rows that are asked for: of each the one that came last, out of batches that were received
  /// by an instant.
  func values(receivedBy instant: UTCInstant, where wanted: (ReceivedBatch, RowKey) -> Bool) -> [RowKey: String] {
    var values: [RowKey: String] = [:]
    for batch in batches where batch.receivedAt <= instant {
      for row in batch.heldRows.map({ batch.rows[$0] }) where wanted(batch, row.key) { values[row.key] = row.value }
    }
    return values
  }
}
