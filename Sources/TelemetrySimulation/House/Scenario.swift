package import TelemetryCore

/// The whole house in virtual time, all from one seed: the real pipeline over a real log on a disk that fails and loses its
/// power, sites that come and go and report late, and an operator that does what it likes.
///
/// The process dies between any two actions, with or without the power; each start recovers from the bytes on the disks.
package final class Scenario {
  /// 2026-03-18T12:00:00Z.
  package static let noon = UTCInstant(seconds: 1_773_835_200)
  /// Until then everything works, so that each site has begun.
  private static let calm: Int64 = 1_200
  /// An end of more violations than this is not worth the wait.
  private static let violationLimit = 8

  package let plan: ScenarioPlan
  /// What the shell does otherwise than it should, to see that a promise notices.
  package var bug: PlantedBug?
  package internal(set) var pipeline: Pipeline
  package internal(set) var `operator`: ScriptedOperator
  package private(set) var violations: [String] = []
  package internal(set) var crashCount = 0
  package internal(set) var powerCutCount = 0
  package private(set) var checkpointCount = 0
  /// How often the oldest readings were removed by rule.
  package internal(set) var shedCount = 0
  package internal(set) var trace = Trace()
  package let disk: FaultyDisk
  package let readingsDisk: FaultyDisk
  let reserveDisk: FaultyDisk
  private(set) var sites: [ScriptedSite]
  private(set) var now: Moment
  var current = 0
  var random: SeededRandom
  var store: LogStore<FaultyDisk>?
  /// What a start must find: every record that was acknowledged.
  package internal(set) var acknowledged: [LogRecord] = []
  /// What is given to the logs and not durable, in its order.
  var unwritten: [Writing] = []
  /// The same of the readings.
  var stored = StoredReadings()
  /// What was prepared, by submission: it outlives the process, as the evidence does.
  private var evidence: [SubmissionID: SubmissionContent] = [:]
  var intents: [SubmissionID: SubmissionIntent] = [:]
  var attempts: [SubmissionID: Int] = [:]
  /// Readings that come late, and when.
  private var late: [(at: UTCInstant, reading: SiteReading)] = []
  private var isTroubled = false
  var hasDied = false

  enum Writing {
    case commit([LogRecord], through: LogSequence)
    case checkpoint([LogRecord], through: LogSequence)
    case store(ReadingsFrame, number: Int)
    case shed(ReadingsRetention)
  }

  package init(_ plan: ScenarioPlan, bug: PlantedBug? = nil) {
    self.plan = plan
    self.bug = bug
    random = SeededRandom(seed: plan.seed)
    `operator` = ScriptedOperator(seed: plan.seed &* 31 &+ 7)
    disk = FaultyDisk(seed: plan.seed &* 17 &+ 3)
    readingsDisk = FaultyDisk(seed: plan.seed &* 19 &+ 5)
    reserveDisk = FaultyDisk(seed: plan.seed &* 23 &+ 11)
    now = Moment(utc: Self.noon - .seconds(3 * plan.step), uptime: UptimeInstant(milliseconds: 50_000))
    let start = now.utc.seconds
    var random = random
    sites = plan.settings[0].sites.map { _ in ScriptedSite(at: start, &random) }
    self.random = random
    pipeline = Pipeline(settings: plan.settings[0], ledger: LedgerState(), nextSequence: LogSequence(1))
    disk.faults.leavesGarbage = true
    readingsDisk.faults.leavesGarbage = plan.readingsDiskLeavesGarbage
    open()
  }

  package var settings: Settings { plan.settings[current] }
  package var recordCount: Int { acknowledged.count }
  package var audit: Audit { Audit(of: pipeline.ledger, recordCount: acknowledged.count, now: now.utc) }

  package func violate(_ text: String) {
    if violations.count < Self.violationLimit { violations.append("\(now.utc.text): \(text)") }
  }

  // MARK: Time passes

  /// Faults of every kind.
  package func run(minutes: Int64) {
    isTroubled = true
    `operator`.isTroubled = true
    pass(seconds: minutes * 60)
  }

  /// The faults stop; whatever can be done is done, with the first configuration.
  package func drain(minutes: Int64) {
    isTroubled = false
    `operator`.isTroubled = false
    failDisks(oneIn: 0)
    if current != 0 { die(losingPower: false, reloading: 0) }
    pass(seconds: minutes * 60)
  }

  private func pass(seconds: Int64) {
    for _ in 0..<(seconds / plan.step) where violations.count < Self.violationLimit {
      now.utc = now.utc + .seconds(plan.step)
      now.uptime = now.uptime + .seconds(plan.step)
      hasDied = false
      failDisks(oneIn: isTroubled && now.utc.seconds > Self.noon.seconds + Self.calm ? 3_000 : 0)
      if chance(1, in: 150) {
        die(losingPower: Bool.random(using: &random), reloading: Int.random(in: plan.settings.indices, using: &random))
      }
      sync()
      readSites()
      let start = now
      let leastTalk = start.utc + .seconds(min(isTroubled ? 4 : 12, plan.step - 1))
      repeat {
        converse()
      } while !hasDied && now.utc < start.utc + .seconds(min(plan.step - 1, 30))
        && (now.utc < leastTalk || `operator`.hasAnswer(by: now.utc + .seconds(1)))
      now = start
    }
  }

  /// A second of questions and answers.
  private func converse() {
    now.utc = now.utc + .seconds(1)
    now.uptime = now.uptime + .seconds(1)
    send(.ticked)
    // Once it has died, what a new process waits for comes in the next second.
    for event in hasDied ? [] : `operator`.heard(at: now.utc) where !hasDied { send(event) }
    sync()
  }

  func chance(_ part: Int, in whole: Int) -> Bool {
    isTroubled && now.utc.seconds > Self.noon.seconds + Self.calm && Int.random(in: 0..<whole, using: &random) < part
  }

  private func readSites() {
    let due = late.filter { $0.at <= now.utc }
    late.removeAll { $0.at <= now.utc }
    for (_, reading) in due where !hasDied { send(.siteRead(reading)) }
    for index in sites.indices {
      if chance(1, in: sites[index].isUp ? 80 : 20) { sites[index].toggle() }
      if !isTroubled { sites[index].comeBack() }
      if chance(1, in: 10) { sites[index].changeRate(&random) }
      sites[index].pass(seconds: plan.step, to: now.utc.seconds)
      let age = Int64.random(in: 0..<5, using: &random)
      guard sites[index].isUp, !hasDied else { continue }
      guard let place = settings.sites.firstIndex(where: { $0.id == plan.settings[0].sites[index].id }) else {
        continue
      }
      let reading = SiteReading(
        site: SiteIndex(place), instant: now.utc - .seconds(age), power: nil,
        export: sites[index].register(secondsAgo: age),
        import: nil)
      if chance(3, in: 100) {
        late.append((now.utc + .seconds(Int64.random(in: 60...7_200, using: &random)), reading))
      } else {
        send(.siteRead(reading))
      }
    }
  }

  // MARK: Actions

  func send(_ event: Pipeline.Event) {
    trace.note(now.utc.milliseconds)
    perform(pipeline.handle(event, at: now))
    for fault in pipeline.ledger.faults.prefix(1) { violate("P1: \(fault)") }
  }

  func perform(_ actions: [Pipeline.Action]) {
    for action in bug?.reorder(actions) ?? actions {
      if chance(1, in: 1_500) { return die(losingPower: Bool.random(using: &random), reloading: current) }
      switch action {
      case .commit(let records, let through):
        let writing = Writing.commit(bug?.alter(records) ?? records, through: through)
        unwritten.insert(writing, at: bug == .sealBeforeReadings ? 0 : unwritten.count)
        if bug == .earlyAcknowledgement { send(.committed(through: through)) }
      case .checkpoint(let records, let through):
        checkpointCount += 1
        unwritten.append(.checkpoint(records, through: through))
      case .store(let frame, let number):
        unwritten.append(.store(frame, number: number))
        if bug == .earlyReadings { noteStored(frame, number) }
      case .shedReadings(let retention): unwritten.append(.shed(bug?.alter(retention) ?? retention))
      case .announce(let announcement): trace.note([UInt8](announcement.message.utf8))
      case .answer, .reloaded, .nameSites, .readSites: break
      case .prepare(let call, let preparation): prepare(call, preparation)
      case .send(let call, _, let submission, let attempt): deliver(call, submission.id, attempt)
      case .askStatus(let call, _, _, let batch):
        `operator`.tell(batch, { .statusEnded(call, $0, answerDigest: Digest()) }, at: now.utc)
      case .retrieve(let call, _, let question, _):
        `operator`.tell(question, { .retrieveEnded(call, $0) }, at: now.utc)
      }
    }
  }

  private func prepare(_ call: CallNumber, _ preparation: Pipeline.Preparation) {
    let content = preparation.content
    if preparation.attempt == 1 {
      evidence[content.id] = content
    } else if evidence[content.id] != content {
      violate("P9: \(content.id) goes again with another payload")
    }
    let event: Pipeline.Event =
      chance(2, in: 100)
      ? .preparationFailed(call, reason: "no key")
      : .prepared(call, payloadDigest: Digest(), envelopeDigest: Digest())
    `operator`.answer(event, after: .seconds(0), at: now.utc)
  }

  private func deliver(_ call: CallNumber, _ id: SubmissionID, _ attempt: Int) {
    guard let intent = intents[id], attempts[id] == attempt else {
      return violate("P2: \(id) leaves before its intent is durable")
    }
    guard let content = evidence[id], content.rows.count == intent.rows.count else {
      return violate("P9: \(id) leaves without the payload that was decided on")
    }
    let delivery = ScriptedOperator.Delivery(content: content, revisions: intent.rows.map(\.revision))
    `operator`.receive(delivery, { .submitEnded(call, $0, answerDigest: Digest()) }, at: now.utc)
    guard bug == .resendWithoutAsking, chance(10, in: 100) else { return }
    `operator`.receive(delivery, { _ in .ticked }, at: now.utc)
  }
}
