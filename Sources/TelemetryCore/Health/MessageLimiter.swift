/// Keeps floods out of the journal: what is too much of the same is counted, and the count is said.
package struct MessageLimiter: Sendable {
  /// About one site or channel, of one kind, in an hour.
  package static let perSubject = 12
  /// Of one kind, in a minute; more of those that tell of an interval, which are as many as there are intervals.
  package static let perKind = 500
  package static let perKindOfInfo = 5_000

  private static let minute = Milliseconds.seconds(60)
  private static let hour = Milliseconds.seconds(3_600)

  private struct Subject: Hashable, Sendable {
    var kind: Announcement.Kind
    var name: String
  }

  private struct Withheld: Sendable {
    var count = 0
    /// The most urgent one.
    var priority = Announcement.Priority.info
    var subjects: Set<String> = []
  }

  private var minuteBegan: UptimeInstant?
  private var hourBegan: UptimeInstant?
  private var summarisedAt: UptimeInstant?
  private var kinds: [Announcement.Kind: Int] = [:]
  /// No more than there are sites and channels, for each kind.
  private var subjects: [Subject: Int] = [:]
  private var withheld: [Announcement.Kind: Withheld] = [:]

  package init() {}

  /// Whether this is to be said; what is not is counted.
  package mutating func admits(_ announcement: Announcement, at uptime: UptimeInstant) -> Bool {
    begin(at: uptime)
    let kind = announcement.kind
    let name = announcement.site?.name ?? announcement.channel?.name
    let subject = name.map { Subject(kind: kind, name: $0) }
    let limit = announcement.priority == .info ? Self.perKindOfInfo : Self.perKind
    if kinds[kind, default: 0] < limit, subject.map({ subjects[$0, default: 0] < Self.perSubject }) ?? true {
      kinds[kind, default: 0] += 1
      if let subject { subjects[subject, default: 0] += 1 }
      return true
    }
    var count = withheld[kind] ?? Withheld()
    count.count += 1
    if announcement.priority.rawValue < count.priority.rawValue { count.priority = announcement.priority }
    if let name { count.subjects.insert(name) }
    withheld[kind] = count
    return false
  }

  /// What is to be said of what was withheld, once a minute at most; asked for about once a second.
  package mutating func summaries(at uptime: UptimeInstant) -> [Announcement] {
    guard !withheld.isEmpty, summarisedAt.map({ uptime - $0 >= Self.minute }) ?? true else { return [] }
    summarisedAt = uptime
    return rest()
  }

  /// The same before the end.
  package mutating func rest() -> [Announcement] {
    defer { withheld = [:] }
    return withheld.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, withheld in
      let about = withheld.subjects.min().map { first in
        withheld.subjects.count == 1 ? " about \(first)" : " about \(first) and \(withheld.subjects.count - 1) others"
      }
      return Announcement(
        .messagesWithheld, "\(withheld.count) more messages of \(kind.rawValue)\(about ?? "") were withheld",
        withheld.priority)
    }
  }

  private mutating func begin(at uptime: UptimeInstant) {
    if minuteBegan.map({ uptime - $0 >= Self.minute }) ?? true {
      minuteBegan = uptime
      kinds.removeAll(keepingCapacity: true)
    }
    if hourBegan.map({ uptime - $0 >= Self.hour }) ?? true {
      hourBegan = uptime
      subjects.removeAll(keepingCapacity: true)
    }
  }
}
