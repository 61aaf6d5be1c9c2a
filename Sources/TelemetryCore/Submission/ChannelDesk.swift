/// What the pipeline remembers of one way to the operator: the one call under way, and what is to be asked when.
struct ChannelDesk: Sendable {
  /// The call under way, one at a time for each channel.
  enum Call: Hashable, Sendable {
    case preparing(SubmissionIntent, attempt: Int)
    case submitting(SubmissionID)
    case askingStatus(SubmissionID)
    /// With the submission whose rows are asked about; nil for rows that belong to none.
    case retrieving(RetrieveQuestion, about: SubmissionID?)
  }

  /// A batch whose validation is not through.
  struct Poll: Hashable, Sendable {
    var submission: SubmissionID
    var batch: OperatorBatchID
    var dueAt: UptimeInstant
    var wait: Milliseconds
    /// Answers in a row that said nothing.
    var unreadable = 0
  }

  let settings: ChannelSettings
  private(set) var call: Call?
  /// An answer with another number is one to an older call.
  private var number: CallNumber?
  /// Nothing is called before.
  private var nextCallAt = UptimeInstant(milliseconds: .min)
  /// Until then the operator wants to hear nothing.
  private var quietUntil = UptimeInstant(milliseconds: .min)
  /// Counts calls in a row that came to nothing.
  private var backoff: Backoff
  /// Whether the last call was a question or a submission.
  private var hasAsked = true
  var polls: [Poll] = []
  var inquiries: [Inquiry] = []

  /// The longest wait after failures, and between two questions about the same batch.
  static let longestWait = Milliseconds.seconds(300)
  static let longestPoll = Milliseconds.seconds(60)
  /// The longest wait that an operator is granted: a wrong header must not silence a settlement.
  static let longestQuiet = Milliseconds.seconds(3_600)

  init(_ settings: ChannelSettings) {
    self.settings = settings
    // Half of a wait is jittered away, and no wait is shorter than the spacing.
    let shortest = max(settings.spacing * 2, .seconds(2))
    backoff = Backoff(from: shortest, to: max(Self.longestWait, shortest))
  }

  var name: ChannelName { settings.name }
  /// Calls in a row that came to nothing.
  var failures: Int { backoff.failures }

  func mayCall(at uptime: UptimeInstant) -> Bool {
    settings.mode == .live && call == nil && uptime >= max(nextCallAt, quietUntil)
  }

  mutating func begin(_ call: Call, _ number: CallNumber) {
    self.call = call
    self.number = number
    switch call {
    case .preparing, .submitting: hasAsked = false
    case .askingStatus, .retrieving: hasAsked = true
    }
  }

  /// The call that an answer belongs to, if it is the one under way.
  func call(_ number: CallNumber) -> Call? { self.number == number ? call : nil }

  /// Returns true when the channel comes back after failures.
  mutating func callSucceeded(at uptime: UptimeInstant) -> Bool {
    call = nil
    nextCallAt = uptime + settings.spacing
    defer { backoff.succeeded() }
    return failures > 0
  }

  /// Waits twice as long after each failure in a row, by a jitter of 0 to 255.
  ///
  /// - Returns: true the first time.
  mutating func callFailed(at uptime: UptimeInstant, jitter: UInt8) -> Bool {
    call = nil
    nextCallAt = uptime + backoff.failed(jitter: jitter)
    return failures == 1
  }

  /// The operator asks for a wait, which no answer that comes later shortens.
  mutating func stayQuiet(for wait: Milliseconds, at uptime: UptimeInstant) {
    quietUntil = max(quietUntil, uptime + min(max(wait, Milliseconds(0)), Self.longestQuiet))
  }

  /// What was prepared is not to be sent any more: the next call may begin at once.
  mutating func callWasDropped() { call = nil }

  /// Submissions go before questions, but a question that has waited long takes turns with them.
  func asksFirst(at uptime: UptimeInstant) -> Bool {
    guard !hasAsked else { return false }
    let overdue = { (dueAt: UptimeInstant) in dueAt + Self.longestPoll <= uptime }
    return polls.contains { overdue($0.dueAt) } || inquiries.contains { overdue($0.dueAt) }
  }

  mutating func poll(_ submission: SubmissionID, _ batch: OperatorBatchID, at uptime: UptimeInstant) {
    let wait = max(settings.spacing, .seconds(1))
    polls.append(Poll(submission: submission, batch: batch, dueAt: uptime + wait, wait: wait))
  }

  /// Asks about a batch again, after twice the wait.
  mutating func pollLater(_ submission: SubmissionID, unreadable: Bool, at uptime: UptimeInstant) {
    guard let index = polls.firstIndex(where: { $0.submission == submission }) else { return }
    polls[index].wait = min(polls[index].wait * 2, max(Self.longestPoll, settings.spacing))
    polls[index].dueAt = uptime + polls[index].wait
    polls[index].unreadable = unreadable ? polls[index].unreadable + 1 : 0
  }

  mutating func postpone(inquiryAbout submission: SubmissionID?, to uptime: UptimeInstant) {
    guard let index = inquiries.firstIndex(where: { $0.submission == submission }) else { return }
    inquiries[index].dueAt = uptime
  }

  func duePoll(at uptime: UptimeInstant) -> Poll? {
    polls.filter { $0.dueAt <= uptime }.min { $0.dueAt < $1.dueAt }
  }

  func dueInquiry(at uptime: UptimeInstant) -> Int? {
    inquiries.indices.filter { inquiries[$0].dueAt <= uptime }.min { inquiries[$0].dueAt < inquiries[$1].dueAt }
  }
}

/// Asking the operator what it holds of rows whose outcome is unknown (P5).
///
/// One round asks about each series. A row that the operator holds is accepted; absence counts only after it has held
/// for `settle`, in at least three rounds, since the operator's validation is asynchronous.
struct Inquiry: Hashable, Sendable {
  static let leastRounds = 3

  /// Nil for rows that were queued when the ledger lost its tail.
  var submission: SubmissionID?
  /// The series that this round has still to ask about.
  var pending: [SeriesIndex] = []
  /// The rows that this round has found.
  var held: [RevisionReference] = []
  /// Rounds in a row in which something was absent.
  var absentRounds = 0
  var absentSince: UptimeInstant?
  var dueAt: UptimeInstant
}
