import Testing

@testable import TelemetryCore

@Suite struct SunSpecModelTests {
  private typealias Device = SimulatedRegisters

  private func meter(_ changes: [Int: UInt16]) -> MeteredPoints? {
    Device.device(models: [Device.meter(changes)]).points
  }

  private func inverter(_ changes: [Int: UInt16]) -> MeteredPoints? {
    Device.device(models: [Device.inverter(changes)]).points
  }

  @Test func aMetersPowerIntoTheSiteIsNegativeAndItsRegistersKeepTheirCounts() {
    let points = meter([:])
    #expect(points?.power == Power(milliwatts: -1_500_000))
    #expect(points?.export == EnergyRegister(raw: 0x12345, scale: 1))
    #expect(points?.import == EnergyRegister(raw: 0x54321, scale: 1))
  }

  @Test func anInvertersPowerIsExportAndItHasNoImport() {
    let points = inverter([:])
    #expect(points?.power == Power(milliwatts: 99_900_000))
    #expect(points?.export == EnergyRegister(raw: 0x10002, scale: 0))
    #expect(points?.import == nil)
  }

  @Test func whatIsNotImplementedIsAbsent() {
    #expect(meter([18: 0x8000])?.power == nil)
    #expect(meter([22: 0x8000])?.power == nil)
    #expect(meter([54: 0x8000])?.export == nil)
    #expect(meter([54: 0x8000])?.import == nil)
    #expect(meter([54: 0x8000])?.power != nil)
  }

  @Test func anAccumulatorOfZeroIsNotAccumulated() {
    #expect(meter([38: 0, 39: 0])?.export == nil)
    #expect(meter([38: 0, 39: 0])?.import != nil)
    #expect(meter([38: 0, 39: 1])?.export == EnergyRegister(raw: 1, scale: 1))
    #expect(meter([38: 0xFFFF, 39: 0xFFFF])?.export?.raw == 0xFFFF_FFFF)
  }

  @Test func scaleFactorsBeyondTenAreAbsence() {
    for exponent in [Int16.min, -11, -10, 0, 10, 11, 300, Int16.max] {
      let isScale = (-10...10).contains(exponent)
      #expect((meter([18: 1, 22: UInt16(bitPattern: exponent)])?.power != nil) == isScale, "\(exponent)")
      // 0x12345 · 10^10 Wh is still less than the most that a register can stand for.
      #expect((meter([54: UInt16(bitPattern: exponent)])?.export != nil) == isScale, "\(exponent)")
    }
  }

  @Test func powerOfEveryScaleIsExactOrRoundedHalfToEven() {
    func power(_ word: Int16, _ scale: Int16) -> Int64? {
      inverter([14: UInt16(bitPattern: word), 15: UInt16(bitPattern: scale)])?.power?.milliwatts
    }
    #expect(power(32_767, 10) == 327_670_000_000_000_000)
    #expect(power(-32_767, 10) == -327_670_000_000_000_000)
    #expect(power(15, -4) == 2)
    #expect(power(25, -4) == 2)
    #expect(power(-15, -4) == -2)
    #expect(power(32_767, -10) == 0)
  }

  @Test func anInverterInFaultThatTellsOnlyZerosTellsNothing() {
    let zeros: [Int: UInt16] = [14: 0, 24: 0, 25: 0]
    #expect(inverter(zeros.merging([38: 7]) { $1 })?.isEmpty == true)
    #expect(inverter(zeros.merging([38: 2]) { $1 })?.power == Power(milliwatts: 0))
    #expect(inverter([14: 0, 38: 7])?.power == Power(milliwatts: 0))
  }

  @Test(arguments: [UInt16(201), 202, 203, 204]) func everyMeterOfWholeNumbersIsReadTheSame(id: UInt16) {
    #expect(Device.device(models: [Device.meter([0: id])]).points == meter([:]))
  }

  @Test(arguments: [UInt16(101), 102, 103]) func everyInverterOfWholeNumbersIsReadTheSame(id: UInt16) {
    #expect(Device.device(models: [Device.inverter([0: id])]).points == inverter([:]))
  }

  @Test(arguments: [UInt16(211), 212, 213, 214]) func metersOfFloatsAreReadToTheThousandthOfAWattHour(id: UInt16) {
    let points = Device.device(models: [Device.floatMeter(id: id)]).points
    #expect(points?.power == Power(milliwatts: -1_500_500))
    #expect(points?.export == EnergyRegister(raw: 12_345_750, scale: -3))
    #expect(points?.import == EnergyRegister(raw: 54_321_500, scale: -3))
  }

  @Test func aFloatThatIsNoNumberIsAbsent() {
    for bits in [UInt32(0x7FC0_0000), 0x7F80_0000, 0xFF80_0000, 0xFFC0_0001, 0x7F7F_FFFF] {
      let words = [
        28: UInt16(bits >> 16), 29: UInt16(bits & 0xFFFF), 60: UInt16(bits >> 16), 61: UInt16(bits & 0xFFFF),
      ]
      let points = Device.device(models: [Device.floatMeter(words)]).points
      #expect(points?.power == nil)
      #expect(points?.export == nil)
      #expect(points?.import != nil)
    }
  }

  @Test(arguments: [UInt16(111), 112, 113]) func invertersOfFloatsTellPowerAndWhatTheyGenerated(id: UInt16) {
    let model = Device.model(
      id: id, length: 60, [22: 0x4479, 23: 0xC000, 32: 0x4B18, 33: 0x9680, 48: 4])
    let points = Device.device(models: [model]).points
    #expect(points?.power == Power(milliwatts: 999_000))
    #expect(points?.export == EnergyRegister(raw: 10_000_000_000, scale: -3))
    #expect(points?.import == nil)
  }

  @Test func aResourceOf1547CountsBothFlowsIn64Bits() {
    let points = Device.device(models: [Device.resource()]).points
    #expect(points?.power == Power(milliwatts: 25_000_000))
    #expect(points?.export == EnergyRegister(raw: 1 << 40 | 7, scale: 0))
    #expect(points?.import == EnergyRegister(raw: 9, scale: 0))
    let fault = Device.device(models: [Device.resource([4: 6, 10: 0, 20: 0, 22: 0, 26: 0])]).points
    #expect(fault == MeteredPoints())
  }
}
