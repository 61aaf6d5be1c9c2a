import Dispatch
import Logging
import MarketCore
import Settings
import TelemetryCore

/// Asks the market what `watch` of `market.yaml` names, by a timer on a queue of its own.
///
/// Nothing of metering waits for it, and it is no stage whose silence ends the daemon: a call has a time limit, an answer
/// a largest size, and a failure is a message in the journal.
actor MarketWatch {
  private nonisolated let executor = QueueExecutor(label: "der.market")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let circumstances: WatchCircumstances
  private let logger: Logger
  private let clock = SystemClock()
  private var plan = WatchPlan()
  private var turns = WatchClock<WatchJob>([], from: UptimeInstant(milliseconds: 0))
  private var deviations: DeviationWatch?
  private var limiter = MessageLimiter()
  private var journal: WatchJournal
  private var ticker: RepeatingTimer?
  private var calls: [WatchJob: Task<Void, Never>] = [:]

  init(_ circumstances: WatchCircumstances, logger: Logger) {
    self.circumstances = circumstances
    self.logger = logger
    journal = WatchJournal(stateDirectory: circumstances.stateDirectory)
  }

  /// Reads the files; what cannot be watched is said, and the rest is.
  func start() {
    let now = clock.now().uptime
    plan = WatchPlan(circumstances) { [self] in say($0) }
    deviations = plan.settings.deviation.map(DeviationWatch.init)
    turns = WatchClock(plan.jobs(intervalLength: circumstances.intervalLength), from: now)
    guard !turns.isEmpty else { return }
    ticker = RepeatingTimer(every: .seconds(1), leeway: Milliseconds(200), on: executor.queue) { [weak self] in
      self?.assumeIsolated { $0.tick() }
    }
  }

  /// What is under way is given up: the next start asks again.
  func stop() {
    ticker = nil
    for call in calls.values { call.cancel() }
    for summary in limiter.rest() { logger.write(summary) }
  }

  private func tick() {
    let now = clock.now().uptime
    for summary in limiter.summaries(at: now) { logger.write(summary) }
    for job in turns.begin(at: now) { calls[job] = Task { await self.run(job) } }
  }

  /// Says it, unless too much of the same was said already.
  private func say(_ announcement: Announcement) {
    guard limiter.admits(announcement, at: clock.now().uptime) else { return }
    logger.write(announcement)
  }

  private func run(_ job: WatchJob) async {
    let outcome = await perform(job)
    guard ticker != nil else { return }
    calls[job] = nil
    let now = clock.now()
    let change = turns.end(job, isWell: outcome.isWell, at: now.uptime)
    journal.note(job, plan.name(of: job), outcome, at: now)
    let channel = job.application.map { ChannelName($0) }
    switch change {
    case .away:
      say(
        Announcement(
          .marketAway, "\(plan.name(of: job)): \(outcome.words); it is asked again, less and less often",
          channel: channel))
    case .back: say(Announcement(.marketBack, "\(plan.name(of: job)): comes again", channel: channel))
    case nil: break
    }
  }

  /// Everything that can go wrong is an outcome.
  private func perform(_ job: WatchJob) async -> WatchOutcome {
    do {
      switch job {
      case .dispatch: return try await fetchDispatch()
      case .awards: return try await fetchAwards()
      case .prices: return try await fetchPrices()
      case .report(let index): return try await fetchReport(plan.settings.reports[index].request)
      case .deviation: return try await judgeDeviation()
      case .tidy: return .well(news: try circumstances.tidy(keepDays: plan.settings.keepDays, now: clock.now().utc))
      }
    } catch {
      return .failed("\(error)")
    }
  }

  // MARK: What is asked

  private func fetchDispatch() async throws -> WatchOutcome {
    guard let client = plan.dispatch else { return .well(news: 0) }
    let instructions = try await client.fetch(into: try ResultStore(stateDirectory: circumstances.stateDirectory))
    for instruction in instructions {
      say(
        Announcement(
          .dispatchReceived,
          "\(instruction.resource): dispatched to \(instruction.power.megawattText) MW from \(instruction.start.text) on, "
            + "batch \(instruction.batch.controlsEscaped)",
          resource: instruction.resource,
          intervalEnding: IntervalEnding(containing: instruction.start + Milliseconds(1), length: .fiveMinutes)))
    }
    return .well(news: instructions.count)
  }

  private func fetchAwards() async throws -> WatchOutcome {
    let zone = try circumstances.zone()
    let today = circumstances.today(clock.now().utc, zone)
    var round = WatchRound()
    for aggregation in try circumstances.registration().aggregations {
      for (market, client) in plan.awards {
        for date in market == .dayAhead ? [today, today.advanced(by: 1)] : [today] {
          let answer = try await client.ask(
            aggregation.resource, of: aggregation.schedulingCoordinator, on: date, zone: zone)
          let outcome = try take(answer, of: aggregation.resource, market, date)
          guard round.goesOn(after: outcome, about: "\(aggregation.resource)") else { return outcome }
        }
      }
    }
    return round.outcome
  }

  private func take(
    _ answer: AwardsClient.Outcome, of resource: ResourceID, _ market: AwardsProfile.Market, _ date: TradeDate
  ) throws -> WatchOutcome {
    switch answer {
    case .failed(.data, let reason): return .refused(reason)
    case .failed(_, let reason): return .failed(reason)
    case .results(let results):
      let store = try ResultStore(stateDirectory: circumstances.stateDirectory)
      let count = try store.keep(results, of: market.report)
      if count > 0 {
        say(
          Announcement(
            .awardsReceived, "\(resource): \(count) new awards of the market \(market.rawValue) for \(date)",
            resource: resource))
      }
      return .well(news: count)
    }
  }

  private func fetchPrices() async throws -> WatchOutcome {
    let now = clock.now().utc
    let zone = try circumstances.zone()
    let date = circumstances.today(now, zone)
    var round = WatchRound()
    for node in Set(try circumstances.registration().aggregations.map(\.node.name)).sorted() {
      let start = try circumstances.firstPrice(of: node, on: date, now: now, zone: zone)
      let request = try OASISRequest(
        [
          .init("queryname", "PRC_INTVL_LMP"), .init("startdatetime", OASISInstant.text(start)),
          .init("enddatetime", "\(date)"), .init("node", node),
        ], .init(now: now, zone: zone, versions: plan.versions))
      let outcome = try await fetch(request)
      guard round.goesOn(after: outcome, about: node) else { return outcome }
    }
    return round.outcome
  }

  private func fetchReport(_ text: String) async throws -> WatchOutcome {
    try await fetch(
      try OASISRequest(
        text, .init(now: clock.now().utc, zone: try circumstances.zone(), versions: plan.versions)))
  }

  private func fetch(_ request: OASISRequest) async throws -> WatchOutcome {
    guard let client = plan.oasis else { return .well(news: 0) }
    switch await client.fetch(request) {
    case .noData: return .well(news: 0)
    case .refused(let reason): return .refused("refused: \(reason)")
    case .unusable(let reason): return .refused("not usable: \(reason)")
    case .unavailable(let reason): return .failed("not reachable: \(reason)")
    case .throttled(let reason): return .failed("asked too often: \(reason)")
    case .table(let table):
      let count = try circumstances.database().keep(table, of: request.report)
      if count > 0 {
        say(Announcement(.marketNews, "\(request.report): \(count) new rows, the newest \(WatchWords.newest(table))"))
      }
      return .well(news: count)
    }
  }

  // MARK: What is compared

  private func judgeDeviation() async throws -> WatchOutcome {
    guard var watch = deviations, let terms = plan.settings.deviation else { return .well(news: 0) }
    guard let schedules = try ScheduleStore.read(stateDirectory: circumstances.stateDirectory) else {
      return .well(news: 0)
    }
    let snapshot = await circumstances.accounts()
    let comparing = WatchComparing(
      schedules: schedules, length: circumstances.intervalLength, zone: try circumstances.zone(), hold: terms.hold)
    var news = 0
    for resource in snapshot.resources {
      let intervals = comparing.intervals(of: resource, snapshot, now: clock.now().utc)
      guard let finding = watch.judge(resource.id, intervals, circumstances.intervalLength) else { continue }
      news += 1
      say(WatchWords.announcement(finding, of: resource.id, terms, circumstances.intervalLength))
    }
    deviations = watch
    return .well(news: news)
  }
}
