import Testing

@testable import TelemetryCore

/// Each measured share of a seal is the difference of two registers that both stand in the ledger (rule 7).
struct FirstIntervalTests {
  @Test(arguments: [1, 3, 5, 250]) func theFirstIntervalBeginsWithARegisterOfTheLedger(secondsBefore: Int64) throws {
    var house = House(at: House.noon - .seconds(secondsBefore))
    house.run(seconds: 1_200)
    var registers: [SiteFlow: [IntervalEnding: BoundaryRegister]] = [:]
    var shareCount = 0
    for record in house.log {
      switch try LedgerRecord(record) {
      case .opened(_, let flow, let register):
        registers[SiteFlow(register, flow), default: [:]][register.register.boundary] = register.register
      case .sealed(let seal):
        for share in seal.shares {
          let key = SiteFlow(share.siteRegister, seal.flow)
          let end = share.siteRegister.register
          registers[key, default: [:]][end.boundary] = end
          let begin = try #require(registers[key]?[end.boundary.advanced(by: -1, house.settings.intervalLength)])
          #expect(
            end.cumulative(lossFactor: 10_000).energy(since: begin.cumulative(lossFactor: 10_000)) == share.energy)
          shareCount += 1
        }
      default: break
      }
    }
    #expect(shareCount >= 4)
  }
}

extension SiteFlow {
  fileprivate init(_ register: SiteRegister, _ flow: Flow) { self.init(site: SiteID("\(register.site)"), flow: flow) }
}
