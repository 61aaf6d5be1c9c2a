/// What the stand-in can do wrong on purpose, by the name that a person chooses it with.
///
/// One call meets at most one of them, and only a call that would have been served well.
enum OperatorFault: String, CaseIterable, Hashable, Sendable {
  // Taken in, and the client does not hear of it as it should.
  case loseAnswer = "lose-answer"
  case lateAnswer = "late-answer"
  case halfAnswer = "half-answer"
  // Not taken in, and the client cannot know.
  case closeBeforeBody = "close-before-body"
  case closeAfterBody = "close-after-body"
  case hang
  case lateIntake = "late-intake"
  case olderAnswer = "older-answer"
  case fault
  case away
  // Not looked at.
  case throttle
  case throttlePage = "throttle-page"
  case refuse
  // Taken in or refused, and validated in another way than hoped for.
  case reject
  case pending
  case errorRows = "error-rows"
  case errorRowsRestHeld = "error-rows-rest-held"
  case errorBatch = "error-batch"
  case forget

  /// For the menu on the command line.
  var meaning: String {
    switch self {
    case .loseAnswer: "the call is served and the connection closed without an answer"
    case .lateAnswer: "the call is served and the answer comes `late_by`"
    case .halfAnswer: "the call is served and half of the answer comes"
    case .closeBeforeBody: "the connection is closed before the body is read"
    case .closeAfterBody: "the connection is closed after the body, which is not looked at"
    case .hang: "nothing is looked at and nothing answered"
    case .lateIntake: "a submission is taken in `late_by`, and not before"
    case .olderAnswer: "not looked at; the answer is that to an earlier call"
    case .fault: "not looked at; a SOAP fault of the server"
    case .away: "not looked at; no connection is accepted for `away_for`"
    case .throttle: "HTTP 429"
    case .throttlePage: "the words of the Acceptable Use Policy on a page with status 200"
    case .refuse: "HTTP 403, or one of the texts that refuse who is calling"
    case .reject: "a submission is refused with severity ERROR"
    case .pending: "a batch is pending until it was asked for `asks` times"
    case .errorRows: "validation names rows at fault, and nothing of the batch is held"
    case .errorRowsRestHeld: "validation names rows at fault, and the others are held"
    case .errorBatch: "validation says ERROR and names no row; nothing is held"
    case .forget: "a batch is taken in, and never heard of again"
    }
  }

  /// The services whose calls can meet it; nil for what happens before a call is read.
  var services: Set<OperatorServiceName>? {
    switch self {
    case .closeBeforeBody: nil
    case .lateIntake, .reject, .pending, .errorRows, .errorRowsRestHeld, .errorBatch, .forget: [.submit]
    // An older answer to a question about held values cannot be told from one that is true: no client stands that.
    case .olderAnswer: [.submit, .status]
    default: [.submit, .status, .retrieve]
    }
  }
}
