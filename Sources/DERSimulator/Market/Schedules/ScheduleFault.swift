import ArgumentParser

/// What the stand-ins for SIBR and a coordinator's gateway can do wrong; each fault is for one submission.
enum ScheduleFault: String, CaseIterable, ExpressibleByArgument, Sendable {
  case loseAnswer = "lose-answer"
  case halfAnswer = "half-answer"
  case drop
  case hang
  case hangTaken = "hang-taken"
  case throttle
  case breakdown
  case denied
  case refuse
  case invalid

  var meaning: String {
    switch self {
    case .loseAnswer: "taken in, and the connection closed without a word"
    case .halfAnswer: "taken in, and half of the answer"
    case .drop: "not taken in, and the connection closed without a word"
    case .hang: "not taken in, and silence"
    case .hangTaken: "taken in, and silence"
    case .throttle: "the page for who asks too often, status 429"
    case .breakdown: "not taken in, and a fault that says nothing of the message"
    case .denied: "the page for who has no access, status 403"
    case .refuse: "refused as a whole"
    case .invalid: "taken in, and found invalid by a rule"
    }
  }

  var isTaken: Bool { [.loseAnswer, .halfAnswer, .hangTaken, .invalid].contains(self) }

  /// For a command's help.
  static var menu: String { allCases.map { "\($0.rawValue): \($0.meaning)" }.joined(separator: "\n") }

  /// Notes the fault in an answer, and keeps back what it keeps back of it; what stands in the answer's place is the
  /// receiver's own.
  func disturb(_ answer: inout OperatorAnswer) {
    answer.note.fault = rawValue
    if !isTaken { answer.note.outcome = .disturbed }
    switch self {
    case .loseAnswer, .drop: answer.delivery = .closed
    case .halfAnswer: answer.delivery = .half
    case .hang, .hangTaken: answer.delivery = .silence
    case .throttle, .breakdown, .denied, .refuse, .invalid: break
    }
  }
}
