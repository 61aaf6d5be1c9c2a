/// What the pipeline remembers of its sites beside their registers.
struct SiteDesk: Sendable {
  /// By site index: whether it has been read since the start.
  private(set) var isRead: [Bool]
  private(set) var unreadCount: Int
  private var quiet: Set<SiteIndex> = []
  /// Sites whose register was refused, and about which a person has been told.
  private var suspected: Set<SiteFlow> = []
  private(set) var startedAt: UptimeInstant?
  /// Resources with a site that closed a boundary of an interval that has been judged.
  var returned: [ResourceID] = []
  /// The registers that readings which came late have moved, as they were before.
  var moved: [SiteFlow: [IntervalEnding: BoundaryRegister]] = [:]
  /// Up to where missing intervals of each series have been estimated, or cannot be.
  var waited: [SeriesIndex: IntervalEnding] = [:]

  init(siteCount: Int) {
    isRead = Array(repeating: false, count: siteCount)
    unreadCount = siteCount
  }

  mutating func started(at uptime: UptimeInstant) { startedAt = uptime }

  /// Goes on with an edited list of sites, and without those that are gone.
  ///
  /// Of a site that is read anew it is not known whether it answers.
  mutating func rearrange(_ arrangement: SiteArrangement, gone: [SiteID]) {
    quiet = Set(
      arrangement.readOn.enumerated().compactMap { place, before in
        before.flatMap { quiet.contains($0) ? SiteIndex(place) : nil }
      })
    isRead = arrangement.readOn.map { before in before.map { isRead[$0.position] } ?? false }
    unreadCount = isRead.count { !$0 }
    for site in gone {
      for flow in Flow.allCases { suspected.remove(SiteFlow(site: site, flow: flow)) }
    }
  }

  mutating func noteReading(_ site: SiteIndex) {
    guard !isRead[site.position] else { return }
    isRead[site.position] = true
    unreadCount -= 1
  }

  /// Returns true when it was not quiet before.
  mutating func noteQuiet(_ site: SiteIndex) -> Bool { quiet.insert(site).inserted }
  /// Returns true when it was quiet before.
  mutating func noteBack(_ site: SiteIndex) -> Bool { quiet.remove(site) != nil }

  /// Sites that have been read since the start and are not quiet.
  var answeringCount: Int { isRead.indices.count { isRead[$0] && !quiet.contains(SiteIndex($0)) } }

  var quietCount: Int { quiet.count }

  mutating func noteReturn(of resource: ResourceID) {
    if !returned.contains(resource) { returned.append(resource) }
  }

  /// Late readings often come in great numbers, and one revision tells what all of them did.
  mutating func noteMoved(_ registers: [BoundaryRegister], of key: SiteFlow) {
    for register in registers where moved[key]?[register.boundary] == nil {
      moved[key, default: [:]][register.boundary] = register
    }
  }

  /// Returns true the first time.
  mutating func suspect(_ site: SiteFlow) -> Bool { suspected.insert(site).inserted }
  /// Returns true when it was under suspicion.
  mutating func clear(_ site: SiteFlow) -> Bool { suspected.remove(site) != nil }

  /// After a start the first readings close the intervals that the stop left open: so judging waits for them, though
  /// never longer than readings may lie apart.
  func mayJudge(at uptime: UptimeInstant) -> Bool {
    guard let startedAt else { return false }
    return unreadCount == 0 || uptime - startedAt >= .bridge(scan: Milliseconds(0))
  }
}
