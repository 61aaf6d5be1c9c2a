import Dispatch
import Logging
import TelemetryCore

/// Performs what the pipeline decides: one actor on one queue, which every effect comes back to as an event.
actor TelemetryService {
  /// A second: seals leave within one second of their grace, and no timer waits for a wall-clock time.
  private static let tick = Milliseconds.seconds(1)

  private nonisolated let executor: QueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private var pipeline: Pipeline
  private let ledger: LedgerWriter
  private let logger: Logger
  private let notifier = ServiceNotifier()
  private let clock = SystemClock()
  private let onFailure: @Sendable (String) -> Void
  private var workers: [ChannelName: ChannelWorker] = [:]
  private var ticker: RepeatingTimer?
  private var shownStatus = ""
  /// Who waits for the answer to what a person asked.
  private var answers: [RequestNumber: @Sendable (PersonVerdict) -> Void] = [:]
  private var requestCount: UInt64 = 0
  private var hasStopped = false

  /// Runs everything on `queue`, which is `der.pipeline`.
  ///
  /// `onFailure` is told what the log cannot do any more: the process must end and start again.
  init(
    pipeline: Pipeline, ledger: LedgerWriter, queue: DispatchQueue, logger: Logger,
    onFailure: @escaping @Sendable (String) -> Void
  ) {
    executor = QueueExecutor(queue: queue)
    self.pipeline = pipeline
    self.ledger = ledger
    self.logger = logger
    self.onFailure = onFailure
  }

  func start(version: String, home: String, damages: [Pipeline.Damage], workers: [ChannelWorker]) {
    for worker in workers { self.workers[worker.name] = worker }
    receive(.started(version: version, home: home, damages: damages))
    ticker = RepeatingTimer(every: Self.tick, on: executor.queue) { [weak self] in
      self?.assumeIsolated { $0.tickPassed() }
    }
  }

  /// Takes no event any more, so that nothing is given to the ledger once it has been drained.
  ///
  /// An answer that comes after this is asked for at the next start.
  func stop() {
    ticker = nil
    hasStopped = true
  }

  /// Takes an event from another queue, in the order in which they are given.
  nonisolated func post(_ event: Pipeline.Event) {
    executor.queue.async { self.assumeIsolated { $0.receive(event) } }
  }

  /// Takes an event on the service's own queue.
  nonisolated func take(_ event: Pipeline.Event) { assumeIsolated { $0.receive(event) } }

  /// Takes what a person asks, from another queue; `answer` is called on the service's queue when it is durable.
  nonisolated func ask(
    _ request: PersonRequest, isDryRun: Bool, answer: @escaping @Sendable (PersonVerdict) -> Void
  ) {
    executor.queue.async { self.assumeIsolated { $0.take(request, isDryRun, answer) } }
  }

  private func take(_ request: PersonRequest, _ isDryRun: Bool, _ answer: @escaping @Sendable (PersonVerdict) -> Void) {
    guard !hasStopped else { return answer(PersonVerdict(problem: "the daemon is stopping: ask again")) }
    guard !isDryRun else { return answer(pipeline.judge(request, at: clock.now())) }
    requestCount += 1
    answers[RequestNumber(requestCount)] = answer
    receive(.personAsked(RequestNumber(requestCount), request))
  }

  private func tickPassed() {
    receive(.ticked)
    if pipeline.isAlive(at: clock.now()) { notifier.alive() }
    let status = pipeline.health.text
    guard status != shownStatus else { return }
    notifier.status(status)
    shownStatus = status
  }

  private func receive(_ event: Pipeline.Event) {
    guard !hasStopped else { return }
    for action in pipeline.handle(event, at: clock.now()) { perform(action) }
  }

  private func perform(_ action: Pipeline.Action) {
    switch action {
    case .commit(let records, let through): ledger.commit(records, completion: committed(through))
    case .checkpoint(let records, let through): ledger.beginSegment(records, completion: committed(through))
    case .announce(let announcement): logger.write(announcement)
    case .answer(let number, let verdict): answers.removeValue(forKey: number)?(verdict)
    case .prepare(let call, let preparation): workers[preparation.channel]?.prepare(preparation, call)
    case .send(let call, let channel, let submission, let attempt):
      workers[channel]?.send(submission, attempt: attempt, call)
    case .askStatus(let call, let channel, let submission, let batch):
      workers[channel]?.askStatus(submission, batch, call)
    case .retrieve(let call, let channel, let question): workers[channel]?.retrieve(question, call)
    }
  }

  private func committed(_ through: LogSequence) -> @Sendable (Result<LogSequence, LogDiskError>) -> Void {
    { [weak self, onFailure] result in
      switch result {
      case .success(let last):
        precondition(last == through, "the log gives the numbers that the pipeline expects")
        self?.post(.committed(through: through))
      case .failure(let error): onFailure("the ledger cannot be written: \(error)")
      }
    }
  }
}
