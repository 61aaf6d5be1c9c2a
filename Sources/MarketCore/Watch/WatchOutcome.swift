import TelemetryCore

/// What came of one turn.
package enum WatchOutcome: Sendable, Hashable {
  case well(news: Int)
  /// To this question there is no answer that can be used; there may be one to the next.
  case refused(String)
  /// Nobody answers, or fewer calls are asked for.
  case failed(String)

  package var isWell: Bool {
    if case .well = self { return true }
    return false
  }

  package var words: String {
    switch self {
    case .well(let news): news == 0 ? "nothing new" : "\(news) new"
    case .refused(let reason), .failed(let reason): reason.controlsEscaped
    }
  }
}

/// A turn of several questions: one that is refused keeps no other from being asked.
package struct WatchRound: Sendable, Hashable {
  private var news = 0
  private var refusal: String?

  package init() {}

  /// Returns whether it makes sense to go on: nobody is asked on who does not answer.
  package mutating func goesOn(after outcome: WatchOutcome, about subject: String) -> Bool {
    switch outcome {
    case .well(let count): news += count
    case .refused(let reason): refusal = refusal ?? "\(subject): \(reason)"
    case .failed: return false
    }
    return true
  }

  /// What came of all of it.
  package var outcome: WatchOutcome { refusal.map { .refused($0) } ?? .well(news: news) }
}
