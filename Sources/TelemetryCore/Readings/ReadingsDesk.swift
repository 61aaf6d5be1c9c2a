/// What the pipeline remembers of readings that are to be stored, and of stored ones that a start has brought back.
struct ReadingsDesk: Sendable {
  private let boot: BootID
  private let commit: Milliseconds
  private let tick: Milliseconds
  var synchronisation = ClockSynchronisation.unknown
  /// Read, and not yet given to the log.
  private var pending: [SiteReading] = []
  private var pendingSince: UptimeInstant?
  /// By site index: the instant of the last reading that was collected.
  private var latest: [UTCInstant?]
  /// Where each site stands in the configuration.
  private(set) var places: [SiteID: Int]
  private var frameCount = 0
  /// The frames that were given to the log and are not durable, in order.
  private var underWay: [(number: Int, since: UptimeInstant)] = []
  /// What the ledger alone told of each register: stored readings up to there have had their effect.
  private let known: [SiteFlow: UTCInstant]
  /// What the last epoch before the start said of each site, until stored readings have been taken.
  var terms: [SiteID: ConfigurationEpoch.Site]
  /// What stored readings have changed that must follow at the start.
  var restored: [(key: SiteFlow, acceptance: RegisterHistory.Acceptance)] = []
  /// The first record that the readings log has, where one has been opened.
  var firstRecord: LogSequence?
  /// Where judging stood when readings were last shed.
  var reviewedAt: IntervalEnding?

  init(_ settings: Settings, _ ledger: LedgerState, boot: BootID) {
    self.boot = boot
    commit = settings.storage.readings.commit
    tick = settings.tick
    latest = Array(repeating: nil, count: settings.sites.count)
    places = Self.places(settings.sites)
    let epoch = ledger.latestEpoch.flatMap { ledger.epochs[$0] }
    terms = Dictionary((epoch?.sites ?? []).map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    known = ledger.histories.compactMapValues(\.baseline?.instant)
  }

  private static func places(_ sites: [SiteSettings]) -> [SiteID: Int] {
    Dictionary(zip(sites.map(\.id), sites.indices), uniquingKeysWith: { first, _ in first })
  }

  /// Goes on with an edited list of sites, once what was collected under the old one has been taken.
  mutating func rearrange(_ arrangement: SiteArrangement) {
    latest = arrangement.before.map { before in before.flatMap { latest[$0.position] } }
    places = Self.places(arrangement.sites)
  }

  /// Takes a reading as it was read, whatever becomes of its registers; one that comes twice in a row is taken once.
  mutating func collect(_ reading: SiteReading, at uptime: UptimeInstant) {
    guard reading.site.position < latest.count, latest[reading.site.position] != reading.instant else { return }
    latest[reading.site.position] = reading.instant
    if pending.isEmpty { pendingSince = uptime }
    pending.append(reading)
  }

  /// Whether readings have waited for `commit`, or would have before the next tick.
  func areDue(at uptime: UptimeInstant, after event: Pipeline.Event) -> Bool {
    guard let pendingSince else { return false }
    let age = uptime - pendingSince
    if pending.count >= Self.frameLimit || age >= commit { return true }
    guard case .ticked = event else { return false }
    return age + tick > commit
  }

  /// What was collected, as one frame; nil where there is nothing.
  mutating func takeFrame(at now: Moment) -> (ReadingsFrame, number: Int)? {
    guard !pending.isEmpty else { return nil }
    let clock = HostClock(boot: boot, moment: now, synchronisation: synchronisation)
    let frame = ReadingsFrame(clock: clock, readings: pending)
    pending = []
    pending.reserveCapacity(frame.readings.count)
    pendingSince = nil
    frameCount += 1
    underWay.append((frameCount, now.uptime))
    return (frame, frameCount)
  }

  /// Half of what a frame may hold.
  private static let frameLimit = ReadingsFrame.readingLimit / 2

  mutating func stored(through number: Int) {
    underWay.removeFirst(underWay.partitioningIndex { $0.number > number })
  }

  var oldestStore: UptimeInstant? { underWay.first?.since }

  /// Whether a stored reading came after what the ledger knows of the register.
  func isNew(_ instant: UTCInstant, of key: SiteFlow) -> Bool { known[key].map { $0 < instant } ?? false }
}

extension RecordKind {
  /// Whether the record is made of readings, which must be durable before it is written (rule 7 of the accounts).
  var standsOnReadings: Bool {
    switch self {
    case .commissioned, .opened, .turned, .missing, .sealed, .adjusted, .judged: true
    default: false
    }
  }
}
