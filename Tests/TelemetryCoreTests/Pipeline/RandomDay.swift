import TelemetryCore

/// Some hours of a pipeline whose log syncs late, whose process dies between any two actions, whose sites come and go and
/// whose operator does what it likes: all from one seed.
struct RandomDay {
  static let step: Int64 = 15
  /// Until then everything works, so that each site has begun.
  private static let calm: Int64 = 600

  let settings: [Settings]
  private let leastUntilCheckpoint: Int
  private(set) var checkpointCount = 0
  private(set) var current = 0
  private(set) var pipeline: Pipeline
  private(set) var `operator`: RandomOperator
  private(set) var violations: [String] = []
  private(set) var crashCount = 0
  private var random: SeededRandom
  private var now: Moment
  private(set) var log: [LogRecord] = []
  private var uncommitted: [(records: [LogRecord], through: LogSequence)] = []
  /// What was prepared, by submission: it outlives the process.
  private var evidence: [SubmissionID: SubmissionContent] = [:]
  private var attempts: Set<[String]> = []
  private var meters: [Meter]
  private var isTroubled = false
  private var hasDied = false

  /// A register of counts of 3,600 mJ that rises by a whole number of them each second.
  private struct Meter {
    var raw: UInt64
    var rate: UInt64
    var isUp = true
    /// By second of the day; what is between two steps rises evenly.
    var marks: [Int64: UInt64] = [:]
  }

  init(seed: UInt64, settings: [Settings], leastUntilCheckpoint: Int = LedgerSize.leastUntilCheckpoint) {
    self.settings = settings
    self.leastUntilCheckpoint = leastUntilCheckpoint
    random = SeededRandom(seed: seed)
    `operator` = RandomOperator(seed: seed &* 31 &+ 7)
    now = Moment(utc: House.noon - .seconds(30), uptime: UptimeInstant(milliseconds: 50_000))
    let start = now.utc.seconds
    var random = random
    meters = settings[0].sites.indices.map { _ in
      let raw = UInt64.random(in: 0..<1_000_000, using: &random)
      return Meter(raw: raw, rate: UInt64.random(in: 1...40, using: &random), marks: [start: raw])
    }
    pipeline = Pipeline(settings: settings[0], ledger: LedgerState(), nextSequence: LogSequence(1))
    open()
  }

  // MARK: Time passes

  mutating func run(minutes: Int64) {
    isTroubled = true
    `operator`.isTroubled = true
    pass(seconds: minutes * 60)
  }

  /// The faults stop; whatever can be done is done.
  mutating func drain(minutes: Int64) {
    isTroubled = false
    `operator`.isTroubled = false
    pass(seconds: minutes * 60)
  }

  private mutating func pass(seconds: Int64) {
    for _ in 0..<(seconds / Self.step) {
      now.utc = now.utc + .seconds(Self.step)
      now.uptime = now.uptime + .seconds(Self.step)
      hasDied = false
      if chance(1, in: 150) { die(reloading: true) }
      sync()
      readSites()
      let start = now
      repeat {
        converse()
      } while !hasDied && now.utc < start.utc + .seconds(8) && `operator`.hasAnswer(by: now.utc + .seconds(1))
      now = start
    }
  }

  /// A second of questions and answers.
  private mutating func converse() {
    now.utc = now.utc + .seconds(1)
    now.uptime = now.uptime + .seconds(1)
    send(.ticked)
    // Once it has died, what a new process waits for comes in the next second.
    for event in hasDied ? [] : `operator`.heard(at: now.utc) where !hasDied { send(event) }
    sync()
  }

  private mutating func chance(_ part: Int, in whole: Int) -> Bool {
    isTroubled && now.utc.seconds > House.noon.seconds + Self.calm && Int.random(in: 0..<whole, using: &random) < part
  }

  private mutating func sync() {
    while !uncommitted.isEmpty, !chance(30, in: 100) { syncOne() }
  }

  private mutating func syncOne() {
    let (records, through) = uncommitted.removeFirst()
    log += records
    if through.number != UInt64(log.count) {
      violations.append("the log counts \(log.count), the pipeline \(through.number)")
    }
    for case .attempt(let id, let number, _, _) in records.compactMap(Self.decoded) {
      attempts.insert([id.name, "\(number)"])
    }
    send(.committed(through: through))
  }

  private static func decoded(_ record: LogRecord) -> LedgerRecord? {
    do { return try LedgerRecord(record) } catch { return nil }
  }

  private mutating func readSites() {
    let second = now.utc.seconds
    for index in meters.indices {
      if chance(1, in: meters[index].isUp ? 80 : 40) { meters[index].isUp.toggle() }
      if !isTroubled { meters[index].isUp = true }
      if chance(1, in: 10) { meters[index].rate = UInt64.random(in: 0...40, using: &random) }
      meters[index].raw += meters[index].rate * UInt64(Self.step)
      meters[index].marks[second] = meters[index].raw
      let age = Int64.random(in: 0..<5, using: &random)
      guard meters[index].isUp, !hasDied, index < settings[current].sites.count else { continue }
      let raw = meters[index].raw - meters[index].rate * UInt64(age)
      send(
        .siteRead(
          SiteReading(
            site: SiteIndex(index), instant: now.utc - .seconds(age), power: nil,
            export: EnergyRegister(raw: raw, scale: -3), import: nil)))
    }
  }

  /// What a site's register truly stood at, at a step.
  func trueCumulative(of site: Int, at instant: UTCInstant) -> CumulativeEnergy? {
    meters[site].marks[instant.seconds].flatMap { EnergyRegister(raw: $0, scale: -3)?.cumulative }
  }

  // MARK: The process

  private mutating func die(reloading: Bool) {
    crashCount += 1
    let kept = Int.random(in: 0...uncommitted.count, using: &random)
    for (records, _) in uncommitted.prefix(kept) {
      log += records
      for case .attempt(let id, let number, _, _) in records.compactMap(Self.decoded) {
        attempts.insert([id.name, "\(number)"])
      }
    }
    uncommitted = []
    `operator`.callerDied()
    if reloading { current = Int.random(in: settings.indices, using: &random) }
    open()
    hasDied = true
  }

  private mutating func open() {
    let replay = LedgerReplay(startingWith: log)
    if replay.checkpoint != nil, replay.state.checkpoint != LedgerReplay(ofAll: log).state.checkpoint {
      violations.append("a start from the checkpoint comes to other accounts than a replay of everything")
    }
    pipeline = Pipeline(
      settings: settings[current], ledger: replay.state, nextSequence: LogSequence(UInt64(log.count + 1)),
      size: replay.size, leastUntilCheckpoint: leastUntilCheckpoint)
    perform(pipeline.handle(.started(version: "test", damages: []), at: now))
  }

  private mutating func send(_ event: Pipeline.Event) {
    perform(pipeline.handle(event, at: now))
    for fault in pipeline.ledger.faults.prefix(1) where violations.count < 5 { violations.append("\(fault)") }
  }

  private mutating func perform(_ actions: [Pipeline.Action]) {
    for action in actions {
      if chance(1, in: 1_500) { return die(reloading: false) }
      switch action {
      case .commit(let records, let through): uncommitted.append((records, through))
      case .checkpoint(let records, let through):
        checkpointCount += 1
        uncommitted.append((records, through))
      case .announce, .answer: break
      case .prepare(let call, let preparation): prepare(call, preparation)
      case .send(let call, _, let submission, let attempt): deliver(call, submission.id, attempt)
      case .askStatus(let call, _, _, let batch):
        `operator`.tell(batch, { .statusEnded(call, $0, answerDigest: Digest()) }, at: now.utc)
      case .retrieve(let call, _, let question):
        `operator`.tell(question, { .retrieveEnded(call, $0) }, at: now.utc)
      }
    }
  }

  private mutating func prepare(_ call: CallNumber, _ preparation: Pipeline.Preparation) {
    let content = preparation.content
    if preparation.attempt == 1 {
      evidence[content.id] = content
    } else if evidence[content.id] != content {
      violations.append("\(content.id) goes again with another payload")
    }
    let event: Pipeline.Event =
      chance(2, in: 100)
      ? .preparationFailed(call, reason: "no key")
      : .prepared(call, payloadDigest: Digest(), envelopeDigest: Digest())
    `operator`.answer(event, after: .seconds(0), at: now.utc)
  }

  private mutating func deliver(_ call: CallNumber, _ id: SubmissionID, _ attempt: Int) {
    if !attempts.contains([id.name, "\(attempt)"]) { violations.append("\(id) leaves before its intent is durable") }
    guard let content = evidence[id] else { return violations.append("\(id) leaves without a payload") }
    `operator`.receive(content, { .submitEnded(call, $0, answerDigest: Digest()) }, at: now.utc)
  }

  var audit: Audit { Audit(of: pipeline.ledger, recordCount: log.count, now: now.utc) }
}
