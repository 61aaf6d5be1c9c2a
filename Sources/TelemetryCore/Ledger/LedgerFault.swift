/// Something in the ledger that breaks the law of the accounts, found by replaying it.
package struct LedgerFault: Hashable, Sendable {
  package enum Kind: UInt8, Hashable, Sendable {
    /// An interval that is owed and judged has no state.
    case hole = 1
    /// A second state for an interval that has one.
    case double
    /// A state for an interval that nobody is owed.
    case notOwed
    /// Values, residual and exact energies do not add up.
    case conservation
    /// A record speaks of an epoch, series or submission that the ledger does not have.
    case dangling
    /// A record that cannot be read.
    case unreadable
    /// A checkpoint tells other accounts than the records before it.
    case checkpoint
  }

  package var kind: Kind
  /// The record at fault; nil for a hole.
  package var sequence: LogSequence?
  package var series: SeriesKey?
  package var intervalEnding: IntervalEnding?
  package var explanation: String

  package init(
    _ kind: Kind, sequence: LogSequence?, series: SeriesKey? = nil, intervalEnding: IntervalEnding? = nil,
    _ explanation: String
  ) {
    self.kind = kind
    self.sequence = sequence
    self.series = series
    self.intervalEnding = intervalEnding
    self.explanation = explanation
  }
}
