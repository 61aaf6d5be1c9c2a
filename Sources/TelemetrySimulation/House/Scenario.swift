package import TelemetryCore

/// The whole house in virtual time, all from one seed: the real pipeline over a real log on a disk that fails and loses its
/// power, sites that come and go and report late, and an operator that does what it likes.
///
/// The process dies between any two actions, with or without the power; each start recovers from the bytes on the disks.
package final class Scenario {
  /// 2026-03-18T12:00:00Z.
  package static let noon = UTCInstant(seconds: 1_773_835_200)
  /// Until then everything works, so that each site has begun.
  static let calm: Int64 = 1_200
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
  package internal(set) var checkpointCount = 0
  package internal(set) var reloadCount = 0
  /// Intervals that a person gave up.
  package internal(set) var waivedCount = 0
  /// How often the oldest readings were removed by rule.
  package internal(set) var shedCount = 0
  package internal(set) var trace = Trace()
  package let disk: FaultyDisk
  package let readingsDisk: FaultyDisk
  let reserveDisk: FaultyDisk
  var sites: [ScriptedSite]
  /// Who they are: every site of any configuration.
  let siteIDs: [SiteID]
  private(set) var now: Moment
  /// The configuration that stands in the files.
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
  var evidence: [SubmissionID: SubmissionContent] = [:]
  var intents: [SubmissionID: SubmissionIntent] = [:]
  var attempts: [SubmissionID: Int] = [:]
  /// Readings that come late, and when.
  var late: [(at: UTCInstant, site: SiteID, instant: UTCInstant, register: EnergyRegister?)] = []
  /// What stored readings name their sites by.
  var names: [SiteID] = []
  var person: ScriptedPerson
  /// Of what happens to the whole disk.
  var room: ScriptedRoom
  private(set) var isTroubled = false
  var hasDied = false

  enum Writing {
    case commit([LogRecord], through: LogSequence)
    case checkpoint([LogRecord], through: LogSequence)
    case store(ReadingsFrame, number: Int, sites: [SiteID])
    case name([SiteID])
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
    siteIDs = plan.siteIDs
    sites = siteIDs.map { _ in ScriptedSite(at: start, &random) }
    self.random = random
    person = ScriptedPerson(seed: plan.seed &* 29 &+ 13)
    room = ScriptedRoom(seed: plan.seed &* 37 &+ 17)
    if plan.troubles.contains(.fullDisk) { room.join([disk, readingsDisk, reserveDisk]) }
    pipeline = Pipeline(settings: plan.settings[0], ledger: LedgerState(), nextSequence: LogSequence(1))
    disk.faults.leavesGarbage = true
    readingsDisk.faults.leavesGarbage = plan.readingsDiskLeavesGarbage
    open()
  }

  package var settings: Settings { plan.settings[current] }
  package var recordCount: Int { acknowledged.count }
  package var audit: Audit { Audit(of: pipeline.ledger, recordCount: acknowledged.count, now: now.utc) }

  /// The daemon's own settings, which places of sites mean.
  var inForce: Settings { pipeline.settings }

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
    room.free()
    if current != 0 {
      if plan.troubles.contains(.reload) { reload(0) } else { die(losingPower: false, reloading: 0) }
    }
    letEverythingGo()
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
      if isTroubled { room.pass() }
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
}
