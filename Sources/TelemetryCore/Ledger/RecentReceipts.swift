/// The last receipts and the submissions that they are of.
///
/// An operator's answer may be that to an earlier call. Its receipt then names a batch that is validated, or will be, and
/// says nothing about what was sent now.
struct RecentReceipts: Sendable {
  /// Eight hours of intervals of five minutes; an answer that is older than that is no slip of a connection.
  static let limit = 100

  private(set) var receipts: [(batch: OperatorBatchID, submission: SubmissionID)] = []

  mutating func note(_ batch: OperatorBatchID, of submission: SubmissionID) {
    receipts.append((batch, submission))
    if receipts.count > Self.limit { receipts.removeFirst() }
  }

  /// Whether a batch is that of another submission.
  func isOfAnother(_ batch: OperatorBatchID, than submission: SubmissionID) -> Bool {
    receipts.contains { $0.batch == batch && $0.submission != submission }
  }
}
