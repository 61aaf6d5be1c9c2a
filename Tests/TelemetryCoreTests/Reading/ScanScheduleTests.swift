import Testing

@testable import TelemetryCore

@Suite struct ScanScheduleTests {
  private let start = UptimeInstant(milliseconds: 1_000_000)

  private func schedule(_ count: Int, seconds: Int64 = 4) -> ScanSchedule {
    ScanSchedule(periods: Array(repeating: .seconds(seconds), count: count), start: start)
  }

  private func due(_ schedule: inout ScanSchedule, _ milliseconds: Int64) -> [Int] {
    var due: [SiteIndex] = []
    schedule.takeDue(at: start + Milliseconds(milliseconds), into: &due)
    return due.map(\.position)
  }

  @Test func sitesAreSpreadOverThePeriodAndKeepTheirSlot() {
    var schedule = schedule(4)
    for round in Int64(0)..<5 {
      for site in Int64(0)..<4 {
        let slot = round * 4_000 + site * 1_000
        #expect(due(&schedule, slot) == [Int(site)])
        #expect(due(&schedule, slot + 999) == [])
      }
    }
  }

  @Test func sitesOfOneConnectionAreSpreadOverThePeriodToo() {
    let connections = [0, 0, 0, 0, 1, 2, 2]
    let periods = [Milliseconds](repeating: .seconds(12), count: connections.count)
    var schedule = ScanSchedule(periods: periods, connections: connections, start: start)
    var slots = [Int64](repeating: -1, count: connections.count)
    for milliseconds in stride(from: Int64(0), to: 12_000, by: 100) {
      for site in due(&schedule, milliseconds) { slots[site] = milliseconds }
    }
    #expect(slots == [0, 3_000, 6_000, 9_000, 4_000, 4_000, 10_000])
  }

  @Test func sitesThatAreReadOnKeepTheirSlotsWhateverPlacesTheyHave() {
    var schedule = schedule(4)
    _ = due(&schedule, 3_500)
    schedule.rearrange(
      periods: Array(repeating: .seconds(4), count: 5), connections: [0, 1, 2, 3, 4],
      kept: [SiteIndex(3), nil, SiteIndex(0), nil, SiteIndex(2)], start: start + Milliseconds(3_500))
    var slots: [[Int64]] = Array(repeating: [], count: 5)
    for milliseconds in stride(from: Int64(3_500), to: 11_500, by: 100) {
      for site in due(&schedule, milliseconds) { slots[site].append(milliseconds) }
    }
    #expect(slots[0] == [7_000, 11_000])
    #expect(slots[2] == [4_000, 8_000])
    #expect(slots[4] == [6_000, 10_000])
    #expect(slots[1].count == 2 && slots[3].count == 2, "new ones begin within a period")
  }

  @Test func aLateCallMovesNoSlot() {
    var schedule = schedule(1)
    #expect(due(&schedule, 300) == [0])
    #expect(due(&schedule, 3_999) == [])
    #expect(due(&schedule, 4_000) == [0])
  }

  @Test func afterALongPauseNoSiteIsScannedTwiceAndNotAllComeAtOnce() {
    var schedule = schedule(100)
    let afterPause = due(&schedule, 3_600_000)
    #expect(Set(afterPause).count == afterPause.count)
    #expect(afterPause.count <= 51)
    var seen = Set(afterPause)
    for tick in stride(from: Int64(3_600_050), through: 3_604_000, by: 50) {
      let now = due(&schedule, tick)
      #expect(now.count <= 3)
      seen.formUnion(now)
    }
    #expect(seen.count == 100)
  }

  @Test func eachSiteHasItsOwnRate() {
    var schedule = ScanSchedule(periods: [.seconds(1), .seconds(10)], start: start)
    var counts = [0, 0]
    for tick in stride(from: Int64(0), to: 60_000, by: 50) {
      for site in due(&schedule, tick) { counts[site] += 1 }
    }
    #expect(counts == [60, 6])
  }
}
