/// When the certificates of the channels end, and when a person is to be told.
package struct CertificateWatch: Sendable {
  /// A word about one certificate: how urgent it is, and a sentence.
  package struct Warning: Hashable, Sendable {
    package var channel: ChannelName
    /// Whole days that are left; negative once it has ended.
    package var days: Int
    package var priority: Announcement.Priority
    package var message: String
  }

  /// Days before the end at which a person is told, and how urgently.
  private static let steps: [(days: Int, priority: Announcement.Priority)] = [
    (60, .notice), (30, .warning), (7, .error), (1, .critical),
  ]

  private let ends: [ChannelName: UTCInstant]
  /// How many steps have been told of each.
  private var told: [ChannelName: Int] = [:]

  package init(ends: [ChannelName: UTCInstant] = [:]) { self.ends = ends }

  /// Whole days until the first of them ends, rounded down; nil where no certificate could be read.
  package func days(at now: UTCInstant) -> Int? { ends.values.min().map { Self.days(until: $0, now) } }

  package func days(of channel: ChannelName, at now: UTCInstant) -> Int? {
    ends[channel].map { Self.days(until: $0, now) }
  }

  /// What is to be said now: each step once in the life of a process, the most urgent one where several have passed.
  package mutating func warnings(at now: UTCInstant) -> [Warning] {
    ends.sorted { $0.key.name < $1.key.name }.compactMap { channel, end in
      let days = Self.days(until: end, now)
      let passed = Self.steps.count { days < $0.days || now >= end } + (now >= end ? 1 : 0)
      guard passed > told[channel, default: 0] else { return nil }
      told[channel] = passed
      let priority = Self.steps[min(passed, Self.steps.count) - 1].priority
      return Warning(channel: channel, days: days, priority: priority, message: Self.text(channel, end, days, now))
    }
  }

  private static func text(_ channel: ChannelName, _ end: UTCInstant, _ days: Int, _ now: UTCInstant) -> String {
    guard now < end else {
      return
        "channel \(channel): the certificate has expired, \(end.text): nothing is submitted, sites are read all the "
        + "same; put the new one in its place and restart"
    }
    return
      "channel \(channel): the certificate ends in \(days) \(days == 1 ? "day" : "days"), \(end.text): get a new one, "
      + "put it in its place and restart"
  }

  private static func days(until end: UTCInstant, _ now: UTCInstant) -> Int {
    Int((end - now).count.flooredQuotient(86_400_000))
  }
}
