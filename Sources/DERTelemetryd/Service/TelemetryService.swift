import Dispatch
import Logging
import TelemetryCore

/// Performs what the pipeline decides: one actor on one queue, which every effect comes back to as an event.
actor TelemetryService {
  private nonisolated let executor: QueueExecutor
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private var pipeline: Pipeline
  private let logs: LogWriter
  private let logger: Logger
  private var statusPrefix: String
  private let notifier = ServiceNotifier()
  private let clock = SystemClock()
  private var workers: [ChannelName: ChannelWorker] = [:]
  private var ticker: RepeatingTimer?
  private var stages: [String: Stage] = [:]
  private var stageWatch = StageWatch(stages: [])
  private var certificates = CertificateWatch()
  private var deadlines = DeadlineWatch()
  private var limiter = MessageLimiter()
  private var clockWatch = ClockWatch()
  private var lookedAround: UptimeInstant?
  private var isStalled = false
  private var desk = StatusDesk(startedAt: UptimeInstant(milliseconds: 0), configurationProblem: nil)
  private var readers: SiteReaders?
  private var shownStatus = ""
  /// Who waits for the answer to what a person asked.
  private var answers: [RequestNumber: @Sendable (PersonVerdict) -> Void] = [:]
  private var reloads: [RequestNumber: Reloader.Answer] = [:]
  private var requestCount: UInt64 = 0
  private var knownSynchronisation = ClockSynchronisation.unknown
  private var hasStopped = false

  /// Runs everything on `queue`, which is `der.pipeline`.
  ///
  /// What is not as it should be until a valid configuration is taken stands in `statusPrefix`.
  init(pipeline: Pipeline, logs: LogWriter, queue: DispatchQueue, logger: Logger, statusPrefix: String = "") {
    executor = QueueExecutor(queue: queue)
    self.pipeline = pipeline
    self.logs = logs
    self.logger = logger
    self.statusPrefix = statusPrefix
  }

  func start(
    version: String, home: String, damages: [Pipeline.Damage], workers: [ChannelWorker], stages: [Stage] = []
  ) {
    for worker in workers { self.workers[worker.name] = worker }
    for stage in stages + workers.map(\.stage) { self.stages[stage.name] = stage }
    desk = StatusDesk(
      startedAt: clock.now().uptime, configurationProblem: statusPrefix.isEmpty ? nil : statusPrefix)
    stageWatch = StageWatch(stages: Array(self.stages.keys))
    certificates = CertificateWatch(ends: self.workers.compactMapValues(\.certificateEnd))
    receive(.started(version: version, home: home, damages: damages))
    ticker = RepeatingTimer(every: pipeline.settings.tick, on: executor.queue) { [weak self] in
      self?.assumeIsolated { $0.tickPassed() }
    }
  }

  /// Gives what was read last to the log, and takes no event any more, so that nothing is given to it once it has been
  /// drained.
  ///
  /// An answer that comes after this is asked for at the next start.
  func stop() {
    ticker = nil
    for answer in reloads.values {
      answer(ReloadReport(problem: "the daemon stops: its next start reads the files", isDryRun: false))
    }
    if let last = pipeline.storeTheRest(at: clock.now()) { perform(last) }
    for summary in limiter.rest() { logger.write(summary) }
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

  /// The sites that are read, on this queue too.
  func watch(_ readers: SiteReaders) { self.readers = readers }

  /// Takes an edited configuration, or says what that would change; `answer` is called on the service's queue.
  nonisolated func reload(_ reload: Pipeline.Reload, isDryRun: Bool, answer: @escaping Reloader.Answer) {
    executor.queue.async { self.assumeIsolated { $0.take(reload, isDryRun, answer) } }
  }

  private func take(_ reload: Pipeline.Reload, _ isDryRun: Bool, _ answer: @escaping Reloader.Answer) {
    guard !hasStopped else {
      return answer(ReloadReport(problem: "the daemon is stopping: its next start reads the files", isDryRun: isDryRun))
    }
    guard !isDryRun else {
      return answer(ReloadReport(pipeline.plan(reload.settings, at: clock.now()), isDryRun: true))
    }
    requestCount += 1
    reloads[RequestNumber(requestCount)] = answer
    receive(.configurationRead(reload, RequestNumber(requestCount)))
  }

  private func reloaded(_ number: RequestNumber, _ plan: ReloadPlan) {
    if !plan.isRefused {
      statusPrefix = ""
      desk.configurationProblem = nil
    }
    reloads.removeValue(forKey: number)?(ReloadReport(plan, isDryRun: false))
  }

  /// Gives the status from another thread than this queue, where counting holds nothing up.
  nonisolated func status(_ answer: @escaping @Sendable (StatusReport) -> Void) {
    executor.queue.async { self.assumeIsolated { $0.giveStatus(answer) } }
  }

  /// Gives the accounts as they are, for who reads them on a queue of its own.
  nonisolated func accounts(_ answer: @escaping @Sendable (Pipeline.StatusSnapshot) -> Void) {
    executor.queue.async { self.assumeIsolated { answer($0.pipeline.statusSnapshot) } }
  }

  private func giveStatus(_ answer: @escaping @Sendable (StatusReport) -> Void) {
    let now = clock.now()
    let snapshot = pipeline.statusSnapshot
    let stalled = stageWatch.stalled + (pipeline.isAlive(at: now) ? [] : ["a commit"])
    let facts = desk.facts(
      at: now, pipeline.settings, certificates, stalled: stalled, clock: knownSynchronisation, slip: readers?.slip())
    DispatchQueue.global().async {
      var report = snapshot.report(at: now.utc)
      facts.fill(&report)
      report.judge()
      answer(report)
    }
  }

  private func tickPassed() {
    let synchronisation = HostIdentity.synchronisation(at: clock.now().utc)
    if synchronisation != knownSynchronisation { receive(.clockFound(synchronisation)) }
    knownSynchronisation = synchronisation
    receive(.ticked)
    let now = clock.now()
    guard lookedAround.map({ now.uptime - $0 >= Self.lookPeriod }) ?? true else { return }
    lookedAround = now.uptime
    lookAround(at: now)
  }

  /// How often the other stages are asked, and systemd is told.
  private static let lookPeriod = Milliseconds(900)

  private func lookAround(at now: Moment) {
    for name in stageWatch.ask() {
      stages[name]?.ask { [weak self] in self?.stageAnswered(name) }
    }
    tellWhetherAlive(at: now)
    for summary in limiter.summaries(at: now.uptime) { logger.write(summary) }
    noteClock(at: now)
    for warning in certificates.warnings(at: now.utc) {
      say(Announcement(.certificateEnds, warning.message, warning.priority, channel: warning.channel))
    }
    if deadlines.isDue(at: now.uptime) {
      let near = pipeline.ledger.nearDeadlines(pipeline.settings, at: now.utc)
      for word in deadlines.announcements(of: near, at: now.utc) { say(word) }
    }
    var health = pipeline.health
    health.certificateDays = certificates.days(at: now.utc)
    let status = statusPrefix + health.text
    guard status != shownStatus else { return }
    notifier.status(status)
    shownStatus = status
  }

  private nonisolated func stageAnswered(_ name: String) {
    executor.queue.async { self.assumeIsolated { $0.stageWatch.answered(name) } }
  }

  private func tellWhetherAlive(at now: Moment) {
    let stalled = stageWatch.stalled + (pipeline.isAlive(at: now) ? [] : ["a commit"])
    guard !stalled.isEmpty else { return notifier.alive() }
    guard !isStalled else { return }
    isStalled = true
    say(
      Announcement(
        .stalled,
        "stalled: \(stalled.joined(separator: ", ")) does not come to an end; systemd is asked for a new start"))
    notifier.stalled()
  }

  /// Says it, unless too much of the same was said already.
  private func say(_ announcement: Announcement) {
    guard limiter.admits(announcement, at: clock.now().uptime) else { return }
    logger.write(announcement)
  }

  private func noteClock(at now: Moment) {
    for word in clockWatch.look(at: now, knownSynchronisation) { say(word) }
  }

  private func receive(_ event: Pipeline.Event) {
    guard !hasStopped else { return }
    if case .committed = event { StopPoint.reach(.beforeRelease) }
    for action in pipeline.handle(event, at: clock.now(), jitter: .random(in: 0...255)) { perform(action) }
  }

  private func perform(_ action: Pipeline.Action) {
    switch action {
    case .store(let frame, let number):
      logs.store(frame) { [weak self] _, notes in
        self?.post(notes)
        self?.post(.readingsStored(through: number))
      }
    case .shedReadings(let retention): logs.shed(by: retention) { [weak self] _, notes in self?.post(notes) }
    case .commit(let records, let through): logs.commit(records, completion: committed(through))
    case .checkpoint(let records, let through): logs.beginSegment(records, completion: committed(through))
    case .announce(let announcement): say(announcement)
    case .reloaded(let number, let plan): reloaded(number, plan)
    case .nameSites(let sites): logs.name(sites)
    case .readSites(let arrangement): readers?.assumeIsolated { $0.rearrange(arrangement) }
    case .answer(let number, let verdict): answers.removeValue(forKey: number)?(verdict)
    case .prepare(let call, let preparation): workers[preparation.channel]?.prepare(preparation, call)
    case .send(let call, let channel, let submission, let attempt):
      desk.noteCall(through: channel, at: clock.now().uptime)
      workers[channel]?.send(submission, attempt: attempt, call)
    case .askStatus(let call, let channel, let submission, let batch):
      desk.noteCall(through: channel, at: clock.now().uptime)
      workers[channel]?.askStatus(submission, batch, call)
    case .retrieve(let call, let channel, let question, let place):
      desk.noteCall(through: channel, at: clock.now().uptime)
      workers[channel]?.retrieve(question, keptWith: place, call)
    }
  }

  private nonisolated func post(_ notes: [StorageNote]) {
    for note in notes { post(.storageNoted(note)) }
  }

  private func committed(_ through: LogSequence) -> LogWriter.Completion<LogSequence> {
    { [weak self] last, notes in
      precondition(last == through, "the log gives the numbers that the pipeline expects")
      self?.post(notes)
      self?.post(.committed(through: through))
    }
  }
}
