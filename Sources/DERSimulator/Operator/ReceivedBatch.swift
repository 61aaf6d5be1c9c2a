import TelemetryCore

/// One batch that the stand-in took in, with every row exactly as it came.
struct ReceivedBatch: Codable, Hashable, Sendable {
  struct Row: Codable, Hashable, Sendable {
    var resource: String
    var measurement: String
    /// Seconds since 1970.
    var intervalEnding: Int64
    /// As it stood on the wire.
    var value: String

    var key: RowKey { RowKey(resource: resource, measurement: measurement, intervalEnding: intervalEnding) }
  }

  /// What validation finds wrong with a row.
  struct Fault: Codable, Hashable, Sendable {
    /// The row's place in the batch, from 0.
    var row: Int
    var message: String
  }

  /// The receipt.
  var id: String
  /// Milliseconds since 1970.
  var received: Int64
  /// The user name that sent it.
  var sender: String
  /// The scheduling coordinator, where the payload names one.
  var coordinator: String?
  /// SHA-256 of the uncompressed payload, hexadecimal.
  var payloadDigest: String
  var rows: [Row]
  /// Found when the batch came in, told when its validation has ended.
  ///
  /// A batch with faults is not held at all.
  var faults: [Fault]

  /// Whether a batch read back from a file is one that could have been received.
  var isSound: Bool {
    let years = -62_135_596_800...253_402_300_799 as ClosedRange<Int64>
    return rows.allSatisfy { years.contains($0.intervalEnding) } && faults.allSatisfy { rows.indices.contains($0.row) }
  }

  var receivedAt: UTCInstant { UTCInstant(milliseconds: received) }
}

/// What a value belongs to.
struct RowKey: Hashable, Comparable, Sendable {
  var resource: String
  var measurement: String
  /// Seconds since 1970.
  var intervalEnding: Int64

  static func < (left: Self, right: Self) -> Bool {
    (left.resource, left.measurement, left.intervalEnding) < (right.resource, right.measurement, right.intervalEnding)
  }
}
