/// How the daemon and its accounts are doing, for people, for monitoring and as `status --json`.
///
/// The names are those of the JSON form, which stay; `docs/json.md` explains each.
package struct StatusReport: Hashable, Sendable, Codable {
  package struct Sites: Hashable, Sendable, Codable {
    package var total = 0
    package var answering = 0
    package var quiet = 0
    /// Not read since the start, and not quiet yet.
    package var unread = 0
  }

  package struct Channel: Hashable, Sendable, Codable {
    package var name: String
    /// What the configuration says: `live` or `hold`.
    package var mode: String
    package var isHeldByPerson: Bool
    /// The last call came to nothing.
    package var isAway: Bool
    package var callsLastHour: Int?
    /// What `spacing` allows in an hour; left out where it is 0.
    package var callBudgetAnHour: Int?
    package var certificateDays: Int?
  }

  package struct Disk: Hashable, Sendable, Codable {
    package var freeBytes: Int64
    /// What this process has written, scaled to a day; left out in its first quarter of an hour.
    package var writtenBytesADay: Int64?
    /// Free bytes at that rate, an upper bound since some of it replaces what was there.
    package var hoursLeft: Int64?

    /// The figures of a process that has written so many bytes in so long.
    package init(freeBytes: Int64, writtenBytes: Int64?, in time: Milliseconds) {
      self.freeBytes = freeBytes
      guard let writtenBytes, time >= .seconds(900) else { return }
      let day = Int64(clamping: Int128(writtenBytes) * 86_400_000 / Int128(time.count))
      writtenBytesADay = day
      if day > 0 { hoursLeft = Int64(clamping: Int128(freeBytes) * 24 / Int128(day)) }
    }
  }

  /// A trade date that is near a deadline and not settled, over all resources.
  package struct Deadline: Hashable, Sendable, Codable {
    package var name: String
    package var tradeDate: String
    package var due: String
    /// Negative once it has passed.
    package var secondsLeft: Int64
    /// Those that the operator does not hold and nobody has waived.
    package var intervals: Int

    package init(name: String, tradeDate: String, due: String, secondsLeft: Int64, intervals: Int) {
      self.name = name
      self.tradeDate = tradeDate
      self.due = due
      self.secondsLeft = secondsLeft
      self.intervals = intervals
    }
  }

  package struct Problem: Hashable, Sendable, Codable {
    package enum Level: String, Hashable, Sendable, Codable {
      case warning, critical
    }

    package var level: Level
    package var message: String

    package init(level: Level, message: String) {
      self.level = level
      self.message = message
    }
  }

  package var isRunning: Bool
  package var version = ""
  package var at: String
  /// When the daemon last began to work on these accounts.
  package var startedAt: String?
  package var sites = Sites()
  /// By state, those that are due left out.
  package var intervals: [String: Int] = [:]
  /// Judged, and neither accepted, rejected nor waived.
  package var backlog = 0
  /// Hours of the longest backlog of a resource and measurement, rounded up.
  package var backlogHours = 0
  package var lastAccepted: String?
  /// The oldest interval of the backlog.
  package var oldestUnaccepted: String?
  package var oldestUnacceptedSeconds: Int64?
  /// 99 of 100 scans began this much later than planned, or less.
  package var scanSlipMilliseconds: Int64?
  package var channels: [Channel] = []
  /// From five days before until a day after, the first to pass first.
  package var deadlines: [Deadline] = []
  package var disk: Disk?
  package var clock = ClockSynchronisation.unknown.name
  package var isCopy: Bool
  /// Why the daemon works by an older configuration than that in the files; left out where it does not.
  package var configurationProblem: String?
  /// Stages that hang.
  package var stalled: [String] = []
  /// What a person should look at, the critical first.
  package var problems: [Problem] = []

  /// What the accounts alone tell, and the settings.
  package init(_ ledger: LedgerState, _ settings: Settings, isRunning: Bool, now: UTCInstant) {
    self.isRunning = isRunning
    at = now.text
    startedAt = ledger.startedAt?.text
    isCopy = ledger.isCopy
    sites.total = settings.sites.count
    channels = settings.channels.map { channel in
      Channel(
        name: channel.name.name, mode: channel.mode == .live ? "live" : "hold",
        isHeldByPerson: ledger.heldChannels[channel.name] != nil, isAway: false,
        callBudgetAnHour: channel.spacing.count > 0 ? Int(3_600_000 / channel.spacing.count) : nil)
    }
    count(ledger, now)
    for near in ledger.nearDeadlines(settings, at: now) { add(near, now) }
  }

  private mutating func add(_ near: NearDeadline, _ now: UTCInstant) {
    let (date, due) = ("\(near.date)", near.due.text)
    if let place = deadlines.firstIndex(where: { ($0.name, $0.tradeDate, $0.due) == (near.name, date, due) }) {
      deadlines[place].intervals += near.count
      return
    }
    deadlines.append(
      Deadline(
        name: near.name, tradeDate: date, due: due, secondsLeft: (near.due - now).count.flooredQuotient(1_000),
        intervals: near.count))
  }

  private mutating func count(_ ledger: LedgerState, _ now: UTCInstant) {
    var oldest: IntervalEnding?
    var last: IntervalEnding?
    for index in ledger.seriesInOrder {
      guard let account = ledger.series[index] else { continue }
      account.forEach { _, obligation in intervals[obligation.state.name, default: 0] += 1 }
      account.forEachFoldedRun { run, state in
        let seconds = run.upperBound.seconds - run.lowerBound.seconds
        intervals[state.name, default: 0] += Int(seconds / account.length.seconds) + 1
      }
      backlog += account.openCount
      let seconds = Int64(account.openCount) * account.length.seconds
      backlogHours = max(backlogHours, Int((seconds + 3_599) / 3_600))
      oldest = [oldest, account.oldestOpen].compactMap(\.self).min()
      last = [last, account.lastAccepted].compactMap(\.self).max()
    }
    lastAccepted = last?.instant.text
    oldestUnaccepted = oldest?.instant.text
    oldestUnacceptedSeconds = oldest.map { max(0, now.seconds - $0.seconds) }
  }
}

extension SeriesAccount {
  /// The first interval that something is still to be done about.
  package var oldestOpen: IntervalEnding? { ([missing.first] + [underWay.min()]).compactMap(\.self).min() }
}
