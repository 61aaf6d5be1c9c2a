import Foundation
import Testing
import TelemetryCore

@testable import DERSimulator

@Suite struct ReplayTests {
  private let epoch = UTCInstant(seconds: 1_000_000)

  private func record(_ watts: [String]) throws -> RecordedPower {
    let lines = watts.enumerated().map { minute, watts in
      let minuteOfDay = minute % 1_440
      let (hour, rest) = minuteOfDay.quotientAndRemainder(dividingBy: 60)
      return "2022-03-19 \(hour < 10 ? "0" : "")\(hour):\(rest < 10 ? "0" : "")\(rest):00-07:00,\(watts)"
    }
    return try RecordedPower(csv: "measured_on,power\n" + lines.joined(separator: "\n") + "\n")
  }

  private func replay(_ watts: [String], speed: Int64 = 1, startMinute: Int = 0) throws -> Replay {
    Replay(record: try record(watts), epoch: epoch, speed: speed, startMinute: startMinute)
  }

  private func site(_ replay: Replay, factor: Int64 = 1, energyScale: Int = -2) -> FleetSite {
    FleetSite(index: 0, model: .meter, factor: factor, energyScale: energyScale, replay: replay)
  }

  @Test func energyIsPowerTimesTimeOnBothSidesOfAMinute() throws {
    let replay = try replay(["1000", "-2.7098", "500"])
    #expect(replay.moved(at: epoch + Milliseconds(59_999)).exported == 1_000_000 * 59_999)
    let inSecond = replay.moved(at: epoch + Milliseconds(60_001))
    #expect(inSecond == Replay.Flows(exported: 1_000_000 * 60_000, imported: 2_710))
    #expect(replay.milliwatts(at: epoch + Milliseconds(60_000)) == -2_710)
  }

  @Test func theRecordBeginsAgainAtItsEndWithoutLosingAnything() throws {
    let replay = try replay(["600", "-60"], startMinute: 1)
    let moved = replay.moved(at: epoch + Milliseconds(7 * 60_000))
    #expect(moved == Replay.Flows(exported: 3 * 600_000 * 60_000, imported: 4 * 60_000 * 60_000))
    #expect(replay.milliwatts(at: epoch + Milliseconds(7 * 60_000)) == 600_000)
  }

  @Test func withSpeedPowerAndRegistersStillAgreeInWallTime() throws {
    let fast = try replay(["100", "200", "300"], speed: 60)
    // One wall second is one recorded minute.
    let before = epoch + Milliseconds(1_250)
    let after = epoch + Milliseconds(1_750)
    #expect(fast.milliwatts(at: before) == 200_000 * 60)
    #expect((fast.moved(at: after) - fast.moved(at: before)).exported == Int128(fast.milliwatts(at: before)) * 500)
  }

  @Test func energyFromAToCIsEnergyFromAToBAndBToC() throws {
    let replay = try replay(["4021.5", "-2.7", "12.345", "3999.999"], speed: 7, startMinute: 2)
    var sum = Replay.Flows(exported: 0, imported: 0)
    var last = replay.moved(at: epoch)
    for step in stride(from: Int64(0), through: 500_000, by: 977) {
      let now = replay.moved(at: epoch + Milliseconds(step))
      let difference = now - last
      #expect(difference.exported >= 0 && difference.imported >= 0)
      sum.exported += difference.exported
      sum.imported += difference.imported
      last = now
    }
    #expect(sum == last)
  }

  @Test func registersAreTheFlooredEnergyAndNeverBeginAtZero() throws {
    let site = site(try replay(["1000", "-1000"]), factor: 3)
    let start = site.state(at: epoch)
    #expect(start.exportCount == 1_000_000 && start.importCount == 20_000)
    for milliseconds in [Int64(1), 11, 12, 13, 59_999, 60_000, 119_999] {
      let state = site.state(at: epoch + Milliseconds(milliseconds))
      // 0.01 Wh is 36,000 mJ.
      #expect((state.exportCount - start.exportCount) == state.exportedMillijoules / 36_000)
      #expect((state.importCount - start.importCount) == state.importedMillijoules / 36_000)
    }
    #expect(site.state(at: epoch + Milliseconds(60_000)).exportedMillijoules == 3 * 1_000 * 60_000)
  }

  @Test func beforeTheEpochNothingHasMoved() throws {
    let site = site(try replay(["1000"]))
    #expect(site.state(at: epoch - Milliseconds(5_000)) == site.state(at: epoch))
  }

  @Test func centuriesAtFullSpeedDoNotTrap() throws {
    let site = site(try replay(["4628.5", "-5"], speed: 100_000), factor: 50_000)
    let late = UTCInstant(seconds: 253_402_300_799)
    #expect(site.state(at: late).exportedMillijoules > 0)
    #expect(DeviceImage(site, at: late).registers.count == 2 + 68 + 107 + 2)
  }

  @Test func theHighestPowerFitsItsRegisterAtTheFinestScale() throws {
    for (factor, scale) in [(Int64(1), -1), (10, 0), (11, 1), (1_000, 2)] {
      let site = site(try replay(["3000", "-1"]), factor: factor)
      #expect(site.powerScale == scale)
    }
    #expect(FleetSite.powerCount(-2_500, scale: 0) == -2)
    #expect(site(try replay(["4628.5"]), factor: 10).nameplateWatts == 47_000)
  }
}

@Suite struct RecordedPowerTests {
  @Test func wattsBecomeMilliwattsRoundedHalfToEven() {
    #expect(RecordedPower.milliwatts("4628.5") == 4_628_500)
    #expect(RecordedPower.milliwatts("-2.7098") == -2_710)
    #expect(RecordedPower.milliwatts("0.0005") == 0)
    #expect(RecordedPower.milliwatts("0.0015") == 2)
    #expect(RecordedPower.milliwatts("7") == 7_000)
    for text in ["", "-", ".", "1e3", "NaN", "1.2.3", "--1", "+1", "99999999999999999999"] {
      #expect(RecordedPower.milliwatts(text[...]) == nil, "\(text)")
    }
  }

  @Test func aGapIsAnErrorWithItsLine() {
    let csv = "t,w\n2022-03-19 00:00:00-07:00,1\n2022-03-19 00:01:00-07:00,1\n2022-03-19 00:03:00-07:00,1\n"
    #expect(throws: RecordedPowerError.gap(line: 4)) { try RecordedPower(csv: csv) }
  }

  @Test func whatIsNoLineIsAnErrorWithItsLine() {
    #expect(throws: RecordedPowerError.unreadable(line: 2)) { try RecordedPower(csv: "t,w\nnoon,1\n") }
    #expect(throws: RecordedPowerError.noMidnight) { try RecordedPower(csv: "t,w\n2022-03-19 00:01:00-07:00,1\n") }
  }

  @Test func theRecordedDayIsReadWhole() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "data/nrel-serf-east-1min-ac-power.csv")
    let record = try RecordedPower(csv: String(contentsOf: path, encoding: .utf8))
    #expect(record.milliwatts.count == 2_607)
    #expect(record.firstMidnight == 19 * 60 + 27)
    #expect(record.peakMilliwatts == 4_628_500)
    #expect(record.milliwatts.contains { $0 < 0 })
  }
}
