import TelemetryCore
import Testing

@testable import DERSimulator

@Suite struct DeviceFaultTests {
  private let epoch = UTCInstant(seconds: 1_000_000)

  private func site(_ fault: DeviceFault, model: FleetSite.Model = .meter) throws -> FleetSite {
    let lines = (0..<60).map { "2022-03-19 00:\($0 < 10 ? "0" : "")\($0):00-07:00,360000" }
    let record = try RecordedPower(csv: "measured_on,power\n" + lines.joined(separator: "\n") + "\n")
    let replay = Replay(record: record, epoch: epoch, speed: 1, startMinute: 0)
    return FleetSite(index: 0, model: model, factor: 1, energyScale: 0, replay: replay, faults: [fault])
  }

  /// The export register as a reader sees it, seconds after the epoch.
  private func export(_ site: FleetSite, _ seconds: Int64) -> UInt32 {
    let registers: [UInt16] = DeviceImage(site, at: epoch + .seconds(seconds)).registers
    let (high, low) = (UInt32(registers[108]), UInt32(registers[109]))
    return high << 16 | low
  }

  @Test func aRegisterThatIsResetBeginsAgainAndGoesOn() throws {
    let site = try site(.reset(100))
    #expect(export(site, 99) == 1_000_000 + 9_900)
    #expect(export(site, 100) == 1)
    #expect(export(site, 110) == 1 + 1_000)
  }

  @Test func aRegisterThatRollsOverPassesItsEnd() throws {
    let site = try site(.rollover(500))
    #expect(export(site, 0) == UInt32.max - 499)
    #expect(export(site, 6) == 100)
  }

  @Test func aMeterThatIsSwappedHasAnotherNumberAndAnotherCount() throws {
    let site = try site(.swap(100))
    #expect(site.serialNumber(at: epoch + .seconds(99)) == "SIM-1")
    #expect(site.serialNumber(at: epoch + .seconds(100)) == "SIM-1-B")
    #expect(export(site, 100) - export(site, 99) == 500_000_100)
  }

  @Test func aRegisterThatBouncesIsZeroForFiveSecondsOfEachMinute() throws {
    let site = try site(.bounce)
    let seconds: [Int64] = (0..<180).filter { export(site, $0) == UInt32(0) }
    #expect(seconds == [0, 1, 2, 3, 4, 60, 61, 62, 63, 64, 120, 121, 122, 123, 124])
  }

  @Test func aFrozenDeviceStandsStill() throws {
    let site = try site(.frozen)
    #expect(Set((0..<100).map { export(site, $0) }) == [1_000_000])
  }

  @Test func zerosComeWithTheFaultState() throws {
    let registers: [UInt16] = DeviceImage(try site(.zeros, model: .inverter), at: epoch).registers
    for offset in [14, 24, 25] { #expect(registers[70 + offset] == UInt16(0)) }
    #expect(registers[70 + 38] == UInt16(7))
  }

  @Test func aLongReadComesBackAsZerosAndAShortOneDoesNot() throws {
    let image = DeviceImage(try site(.wrongBlock(20)), at: epoch)
    #expect(image.answer(ModbusRequest(start: 40_070, count: 55)) == .registers(Array(repeating: 0, count: 55)))
    #expect(image.answer(ModbusRequest(start: 40_070, count: 2)) == .registers([203, 105]))
    // Who it is can always be read.
    #expect(image.answer(ModbusRequest(start: 40_002, count: 66)) != .registers(Array(repeating: 0, count: 66)))
  }

  @Test(arguments: [
    ("7:dead", 7...7, DeviceFault.dead), ("1-100:slow=2000", 1...100, .slow(2_000)),
    ("2:exception=11", 2...2, .exception(.gatewayTargetFailedToRespond)),
    ("3-3:wrong-block=20", 3...3, .wrongBlock(20)),
    ("1:reset=0", 1...1, .reset(0)),
  ]) func aFaultIsWrittenWithItsSites(text: String, sites: ClosedRange<Int>, fault: DeviceFault) {
    let found = FleetFault(argument: text)
    #expect(found?.sites == sites)
    #expect(found?.fault == fault)
  }

  @Test(arguments: ["dead", "0:dead", "2-1:dead", "1:slow", "1:slow=0", "1:dead=1", "1:asleep", "1-2-3:dead", ":dead"])
  func whatIsNoFaultIsRefused(text: String) { #expect(FleetFault(argument: text) == nil) }
}
