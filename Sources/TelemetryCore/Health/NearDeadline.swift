/// A trade date of a series that is not settled, shortly before a deadline of it or shortly after.
package struct NearDeadline: Hashable, Sendable {
  /// What the deadline is called.
  package var name: String
  package var series: SeriesKey
  package var date: TradeDate
  /// When it has passed.
  package var due: UTCInstant
  /// How many intervals of that date the operator does not hold and nobody has waived, by state; none is 0.
  package var counts: [ObligationState: Int]
  package var oldest: IntervalEnding

  /// From how long before a deadline on it counts as near.
  static let window = Milliseconds.seconds(5 * day)
  /// How long after it somebody who starts the daemon still hears of it.
  static let memory = Milliseconds.seconds(day)
  private static let day: Int64 = 86_400
  private static let hour: Int64 = 3_600

  /// The less time is left, the more urgent; from the least urgent on.
  private static let steps: [(left: Milliseconds, priority: Announcement.Priority)] = [
    (window, .notice), (.seconds(2 * day), .warning), (.seconds(day), .error), (.seconds(4 * hour), .critical),
  ]

  package var count: Int { counts.values.reduce(0, +) }

  package func isPast(at now: UTCInstant) -> Bool { now >= due }

  /// How many steps of urgency it has come to, 1 to 5; the last is that it has passed.
  func step(at now: UTCInstant) -> Int { Self.steps.count { due - now <= $0.left } + (isPast(at: now) ? 1 : 0) }

  package func announcement(at now: UTCInstant) -> Announcement {
    let what = "\(series.resource) \(series.measurement): \(countsText) of \(date)"
    let place = "dertelemetryd intervals --trade-date \(date) --resource \(series.resource)"
    guard !isPast(at: now) else {
      return Announcement(
        .deadlinePassed, "\(what) missed the deadline \(name) of \(due.text): \(place)", resource: series.resource,
        intervalEnding: oldest)
    }
    let priority = Self.steps[max(step(at: now), 1) - 1].priority
    return Announcement(
      .deadlineNear, "\(what), and \(Self.text(due - now)) until the deadline \(name), \(due.text): \(place)", priority,
      resource: series.resource, intervalEnding: oldest)
  }

  private var countsText: String {
    let states = ObligationState.allCases.compactMap { state in counts[state].map { "\($0) \(state.name)" } }
    return "\(count) \(count == 1 ? "interval" : "intervals") (\(states.joined(separator: ", ")))"
  }

  /// Whole days and hours, or minutes in the last hour.
  package static func text(_ left: Milliseconds) -> String {
    let seconds = max(0, left.count / 1_000)
    let (days, hours) = (seconds / day, seconds % day / hour)
    if days > 0 { return "\(days) d \(hours) h" }
    return hours > 0 ? "\(hours) h" : "\(seconds / 60) min"
  }
}

extension LedgerState {
  /// Every trade date that is near a deadline and not settled, in the order of what is due first.
  ///
  /// Where a channel is on hold by its configuration nobody is expected to have submitted.
  package func nearDeadlines(_ settings: Settings, at now: UTCInstant) -> [NearDeadline] {
    guard let zone = settings.settlement.zone else { return [] }
    let onHold = settings.resources.filter { resource in
      settings.channels.contains { $0.name == resource.channel && $0.mode == .hold }
    }
    let resting = Set(onHold.map(\.id))
    let accounts = seriesInOrder.compactMap { series[$0] }.filter { !resting.contains($0.key.resource) }
    var near: [NearDeadline] = []
    for (deadline, date, due) in settings.settlement.near(at: now, in: zone) {
      let (first, last) = (date.start(in: zone), date.advanced(by: 1).start(in: zone))
      for account in accounts {
        guard let open = account.unsettled(after: first, through: last) else { continue }
        near.append(
          NearDeadline(
            name: deadline.name, series: account.key, date: date, due: due, counts: open.counts, oldest: open.oldest))
      }
    }
    return near.sorted { ($0.due, $0.date, $0.series) < ($1.due, $1.date, $1.series) }
  }
}

extension SettlementSettings {
  /// The deadlines that are near, each with its trade date.
  ///
  /// An earlier trade date is never due later, so the search ends at the first one that is past for long.
  fileprivate func near(
    at now: UTCInstant, in zone: TimeZoneTransitions
  ) -> [(deadline: Deadline, date: TradeDate, due: UTCInstant)] {
    let today = TradeDate(days: zone.localSeconds(at: now).flooredQuotient(86_400))
    var found: [(deadline: Deadline, date: TradeDate, due: UTCInstant)] = []
    for name in Set(deadlines.map(\.name)) {
      var date = today
      while let deadline = deadlines(of: date).first(where: { $0.name == name }) {
        let due = due(deadline, of: date, in: zone)
        guard now - due < NearDeadline.memory else { break }
        if due - now <= NearDeadline.window { found.append((deadline, date, due)) }
        date = date.advanced(by: -1)
      }
    }
    return found
  }
}

/// When a person hears of deadlines: each step of urgency of each trade date once in the life of a process.
package struct DeadlineWatch: Sendable {
  private static let period = Milliseconds.seconds(60)

  private struct Subject: Hashable {
    var name: String
    var series: SeriesKey
    var date: TradeDate

    init(_ near: NearDeadline) { (name, series, date) = (near.name, near.series, near.date) }
  }

  private var told: [Subject: Int] = [:]
  private var lookedAt: UptimeInstant?

  package init() {}

  /// Whether it is time to look again, once a minute; what is near is then given to ``announcements(of:at:)``.
  package mutating func isDue(at uptime: UptimeInstant) -> Bool {
    guard lookedAt.map({ uptime - $0 >= Self.period }) ?? true else { return false }
    lookedAt = uptime
    return true
  }

  /// What is to be said of what is near; what is near no longer is forgotten, and told anew should it come back.
  package mutating func announcements(of near: [NearDeadline], at now: UTCInstant) -> [Announcement] {
    var known: [Subject: Int] = [:]
    var announcements: [Announcement] = []
    for deadline in near {
      let subject = Subject(deadline)
      let before = told[subject, default: 0]
      let step = deadline.step(at: now)
      known[subject] = max(before, step)
      if step > before { announcements.append(deadline.announcement(at: now)) }
    }
    told = known
    return announcements
  }
}
