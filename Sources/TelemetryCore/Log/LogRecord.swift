/// What the log stores: a kind and bytes whose meaning the log does not know.
package struct LogRecord: Hashable, Sendable {
  /// Meanings are the owner's, the ledger's in `RecordKind`.
  package var kind: UInt8
  package var payload: [UInt8]

  package init(kind: UInt8, payload: [UInt8]) {
    self.kind = kind
    self.payload = payload
  }
}

/// A position in a log: 1 for its first record, no gaps.
package struct LogSequence: Hashable, Comparable, Sendable {
  package let number: UInt64

  package init(_ number: UInt64) { self.number = number }

  package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}
