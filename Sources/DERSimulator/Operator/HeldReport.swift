/// What the stand-in holds, and how often each value came.
///
/// A row that comes again with the value that is already held is a duplicate: the operator was told something twice. So is
/// one that comes again in the same payload, whatever has been said since. With another value it is a revision, which
/// replaces the one before it. Rows that are not held, of batches that were refused or forgotten, count as received and as
/// nothing else, since sending them again is right.
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
    /// Every time it came, in order.
    var arrivals: [Arrival]
  }

  /// A row as one batch brought it.
  struct Arrival: Encodable, Hashable, Sendable {
    enum Meaning: String, Encodable, Sendable {
      case first, revision, duplicate
      /// Refused or forgotten on purpose, or by validation.
      case notHeld = "not-held"
    }

    var batch: String
    var value: String
    var meaning: Meaning
  }

  struct Summary: Encodable, Hashable, Sendable {
    /// Rows received, whatever became of them.
    var rows = 0
    /// Different rows among them.
    var distinct = 0
    var revisions = 0
    var duplicates = 0
    /// Rows that were refused or forgotten.
    var refused = 0
    var batches = 0
  }

  private(set) var lines: [Line]
  private(set) var summary: Summary

  init(_ received: ReceivedBatches) {
    var lines: [RowKey: Line] = [:]
    var payloads: [RowKey: Set<String>] = [:]
    var summary = Summary()
    for batch in received.batches {
      summary.batches += 1
      let held = Set(batch.heldRows)
      for (place, row) in batch.rows.enumerated() {
        summary.rows += 1
        var line = lines[row.key] ?? Line(row)
        if held.contains(place) {
          let isNew = payloads[row.key, default: []].insert(batch.payloadDigest).inserted
          line.hold(row.value, of: batch.id, isNewPayload: isNew)
        } else {
          summary.refused += 1
          line.receive(row.value, of: batch.id, .notHeld)
        }
        lines[row.key] = line
      }
    }
    self.lines = lines.sorted { $0.key < $1.key }.map(\.value)
    summary.distinct = lines.count
    summary.revisions = lines.values.reduce(0) { $0 + $1.different }
    summary.duplicates = lines.values.reduce(0) { $0 + $1.duplicates }
    self.summary = summary
  }
}

extension HeldReport.Line {
  fileprivate init(_ row: ReceivedBatch.Row) {
    self.init(
      resource: row.resource, measurement: row.measurement, intervalEnding: row.intervalEnding, value: nil,
      received: 0, different: 0, duplicates: 0, arrivals: [])
  }

  fileprivate mutating func receive(
    _ value: String, of batch: String, _ meaning: HeldReport.Arrival.Meaning
  ) {
    received += 1
    arrivals.append(HeldReport.Arrival(batch: batch, value: value, meaning: meaning))
  }

  fileprivate mutating func hold(_ new: String, of batch: String, isNewPayload: Bool) {
    if value == nil {
      receive(new, of: batch, .first)
    } else if value == new || !isNewPayload {
      duplicates += 1
      receive(new, of: batch, .duplicate)
    } else {
      different += 1
      receive(new, of: batch, .revision)
    }
    value = new
  }
}
