import TelemetrySimulation
import TelemetryCore
import Testing

/// That no flood reaches the journal, and that none vanishes.
@Suite struct MessageLimiterTests {
  private static func uptime(_ seconds: Int64) -> UptimeInstant { UptimeInstant(milliseconds: seconds * 1_000) }

  private static func quiet(_ site: String) -> Announcement {
    Announcement(.siteQuiet, "\(site): no reading", site: SiteID(site))
  }

  @Test func aSiteThatComesAndGoesIsSaidTwelveTimesAnHourAndTheRestIsCounted() {
    var limiter = MessageLimiter()
    var (said, summaries) = (0, [String]())
    for second in 0..<3_600 {
      if second.isMultiple(of: 10), limiter.admits(Self.quiet("a"), at: Self.uptime(Int64(second))) { said += 1 }
      summaries += limiter.summaries(at: Self.uptime(Int64(second))).map(\.message)
    }
    #expect(said == MessageLimiter.perSubject)
    #expect(summaries.count == 58, "once a minute, from the first one on that was withheld")
    #expect(summaries.first == "1 more messages of site-quiet about a were withheld")
    #expect(summaries.last == "6 more messages of site-quiet about a were withheld")
    let (another, later) = (
      limiter.admits(Self.quiet("b"), at: Self.uptime(3_599)), limiter.admits(Self.quiet("a"), at: Self.uptime(3_600))
    )
    #expect(another, "another site has its own")
    #expect(later, "the next hour begins anew")
  }

  @Test func aFloodOfOneKindHoldsUpNoOther() throws {
    var limiter = MessageLimiter()
    var said = 0
    for number in 0..<10_000 where limiter.admits(Self.quiet("site-\(number)"), at: Self.uptime(1)) { said += 1 }
    #expect(said == MessageLimiter.perKind)
    let back = limiter.admits(Announcement(.siteBack, "site-1: read again", site: SiteID("site-1")), at: Self.uptime(1))
    #expect(back)
    let rest = limiter.rest()
    let summary = try #require(rest.first)
    #expect(summary.message == "9500 more messages of site-quiet about site-1000 and 9499 others were withheld")
    #expect(summary.priority == .warning, "as urgent as what was withheld")
    let nothing = limiter.rest()
    #expect(nothing == [])
  }

  @Test func everyMessageIsSaidOrCounted() {
    var limiter = MessageLimiter()
    var random = SeededRandom(seed: 20_261_125)
    var (said, counted) = (0, 0)
    var uptime = Self.uptime(0)
    for _ in 0..<20_000 {
      uptime = uptime + Milliseconds(Int64(random.next() % 400))
      let kind: Announcement.Kind = random.next() % 2 == 0 ? .intervalAccepted : .channelAway
      if limiter.admits(Announcement(kind, "", channel: ChannelName("c")), at: uptime) { said += 1 }
      for summary in limiter.summaries(at: uptime) { counted += Int(summary.message.prefix { $0 != " " }) ?? 0 }
    }
    for summary in limiter.rest() { counted += Int(summary.message.prefix { $0 != " " }) ?? 0 }
    #expect(said + counted == 20_000)
    #expect(said > 0 && counted > 0)
  }
}
