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
    for exponent in Int16.min...Int16.max {
      let isScale = (-10...10).contains(exponent)
      #expect((SunSpecPoint.scale(UInt16(bitPattern: exponent)) != nil) == isScale)
    }
  }

  @Test func powerOfEveryScaleIsExactOrRoundedHalfToEven() {
    #expect(SunSpecPoint.power(32_767, scale: 10)?.milliwatts == 327_670_000_000_000_000)
    #expect(SunSpecPoint.power(0x8001, scale: 10)?.milliwatts == -327_670_000_000_000_000)
    #expect(SunSpecPoint.power(15, scale: UInt16(bitPattern: -4))?.milliwatts == 2)
    #expect(SunSpecPoint.power(25, scale: UInt16(bitPattern: -4))?.milliwatts == 2)
    #expect(SunSpecPoint.power(UInt16(bitPattern: -15), scale: UInt16(bitPattern: -4))?.milliwatts == -2)
    #expect(SunSpecPoint.power(32_767, scale: UInt16(bitPattern: -10))?.milliwatts == 0)
  }

  @Test func anInverterInFaultThatTellsOnlyZerosTellsNothing() {
    let zeros: [Int: UInt16] = [14: 0, 24: 0, 25: 0]
    #expect(inverter(zeros.merging([38: 7]) { $1 })?.isEmpty == true)
    #expect(inverter(zeros.merging([38: 2]) { $1 })?.power == Power(milliwatts: 0))
    #expect(inverter([14: 0, 38: 7])?.power == Power(milliwatts: 0))
  }
}
