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

  /// What becomes of a batch on purpose, other than validation would have it.
  enum Fate: String, Codable, Sendable {
    /// Never heard of again.
    case forgotten
    /// Refused as a whole, and no row is named.
    case refused
    /// The rows at fault are not held; the others are.
    case partlyHeld
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
  /// A batch with faults is not held at all, unless its fate is another.
  var faults: [Fault]
  /// Nil where everything goes as it should.
  var fate: Fate?
  /// How often it is pending when asked for; nil where only time decides.
  var asks: Int?

  /// The places of the rows that are in force once validation is through.
  var heldRows: [Int] {
    switch fate {
    case .forgotten, .refused: return []
    case .partlyHeld:
      let atFault = Set(faults.map(\.row))
      return rows.indices.filter { !atFault.contains($0) }
    case nil: return faults.isEmpty ? Array(rows.indices) : []
    }
  }

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
