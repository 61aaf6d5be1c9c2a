/// What the stand-in holds, and how often each value came.
///
/// A row that comes again with the value that is already held is a duplicate: the operator was told something twice. With
/// another value it is a revision. Rows of batches that validation refused count as received and as nothing else, since
/// sending them again is right.
struct HeldReport: Sendable, Equatable {
  struct Line: Encodable, Hashable, Sendable {
    var resource: String
    var measurement: String
    /// Seconds since 1970.
    var intervalEnding: Int64
    /// The value in force; nil where every batch with this row was refused.
    var value: String?
    /// How many times the row came.
    var received: Int
    /// How many times it came with another value than the one held until then.
    var different: Int
    /// How many times it came with the value already held.
    var duplicates: Int
  }

  struct Summary: Encodable, Hashable, Sendable {
    /// Rows received, whatever became of them.
    var rows = 0
    /// Different rows among them.
    var distinct = 0
    var revisions = 0
    var duplicates = 0
    /// Rows in batches that validation refused.
    var refused = 0
    var batches = 0
  }

  private(set) var lines: [Line]
  private(set) var summary: Summary

  init(_ received: ReceivedBatches) {
    var lines: [RowKey: Line] = [:]
    var summary = Summary()
    for batch in received.batches {
      summary.batches += 1
      for row in batch.rows {
        summary.rows += 1
        if !batch.faults.isEmpty { summary.refused += 1 }
        Self.count(row, held: batch.faults.isEmpty, in: &lines[row.key])
      }
    }
    self.lines = lines.sorted { $0.key < $1.key }.map(\.value)
    summary.distinct = lines.count
    summary.revisions = lines.values.reduce(0) { $0 + $1.different }
    summary.duplicates = lines.values.reduce(0) { $0 + $1.duplicates }
    self.summary = summary
  }

  private static func count(_ row: ReceivedBatch.Row, held: Bool, in slot: inout Line?) {
    var line =
      slot
      ?? Line(
        resource: row.resource, measurement: row.measurement, intervalEnding: row.intervalEnding, value: nil,
        received: 0, different: 0, duplicates: 0)
    line.received += 1
    if held {
      if let value = line.value {
        if value == row.value { line.duplicates += 1 } else { line.different += 1 }
      }
      line.value = row.value
    }
    slot = line
  }
}
