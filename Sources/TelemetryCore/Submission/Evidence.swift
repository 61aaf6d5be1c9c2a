/// One thing that was sent or answered and is kept byte for byte.
package enum EvidenceFile: Hashable, Sendable {
  case payload
  /// The signed message of an attempt, from 1.
  case envelope(attempt: Int)
  case answer(attempt: Int)
  /// The answer to the question what became of a batch, where it decided something.
  case status
  /// What was sent to learn which values the operator holds.
  ///
  /// Named by its digest, since a submission may be asked about often.
  case question(Digest)
  /// The answer to such a question, named by its digest.
  case heldAnswer(Digest)

  /// The file's name before compression.
  package var name: String {
    switch self {
    case .payload: "payload.xml"
    case .envelope(let attempt): "envelope-\(attempt).xml"
    case .answer(let attempt): "answer-\(attempt).xml"
    case .status: "status.xml"
    case .question(let digest): "question-\(digest.shortText).xml"
    case .heldAnswer(let digest): "held-\(digest.shortText).xml"
    }
  }
}

/// That something is kept which no other record has the digest of: a question about what the operator holds, the answer
/// to it, and an answer that says nothing we know.
package struct Evidence: Hashable, Sendable {
  /// What it is kept with; ``Pipeline/StoredSubmission/none(at:)`` for rows that belong to no submission.
  package var submission: Pipeline.StoredSubmission
  package var file: EvidenceFile
  /// Of the bytes before compression.
  package var digest: Digest

  package init(submission: Pipeline.StoredSubmission, file: EvidenceFile, digest: Digest) {
    self.submission = submission
    self.file = file
    self.digest = digest
  }
}

extension Pipeline.StoredSubmission {
  /// Where questions are kept about rows that belong to no submission.
  package static func none(at instant: UTCInstant) -> Self { Self(id: SubmissionID("questions"), created: instant) }
}

extension Digest {
  /// Sixty-four hexadecimal digits.
  package var text: String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// As many of them as name a file.
  fileprivate var shortText: String { String(text.prefix(16)) }
}
