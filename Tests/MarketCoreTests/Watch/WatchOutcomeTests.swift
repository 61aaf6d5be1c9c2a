import MarketCore
import Testing

struct WatchOutcomeTests {
  @Test func oneThatIsRefusedKeepsNoOtherFromBeingAsked() {
    let (round, asked) = ask([.refused("unknown"), .refused("unknown too"), .well(news: 24)])
    #expect(asked == 3)
    #expect(round.outcome == .refused("0: unknown"), "the turn is not well, and says where it began")
  }

  @Test func whoDoesNotAnswerIsAskedNoFurther() {
    #expect(ask([.well(news: 1), .failed("not reached"), .well(news: 1)]).asked == 2)
  }

  @Test func whatIsNewIsCounted() {
    #expect(ask([.well(news: 0), .well(news: 2), .well(news: 3)]).round.outcome == .well(news: 5))
  }

  private func ask(_ outcomes: [WatchOutcome]) -> (round: WatchRound, asked: Int) {
    var round = WatchRound()
    for (index, outcome) in outcomes.enumerated() {
      guard round.goesOn(after: outcome, about: "\(index)") else { return (round, index + 1) }
    }
    return (round, outcomes.count)
  }
}
