import Testing

@testable import TelemetryCore
import TelemetrySimulation

/// A device that answers long reads otherwise than short ones is read by the short ones.
@Suite struct BlockCheckTests {
  private typealias Device = SimulatedRegisters

  private func ready(_ change: (inout Device) -> Void) -> ConnectionDriver {
    var device = Device.device(models: [Device.meter()])
    change(&device)
    var driver = ConnectionDriver(device)
    driver.becomeReady()
    return driver
  }

  private func cuts(_ driver: ConnectionDriver) -> [Int] {
    driver.told.compactMap { if case .cut(_, let requests) = $0 { requests } else { nil } }
  }

  /// All that the readings of one scan tell.
  private func scan(_ driver: inout ConnectionDriver) -> MeteredPoints {
    let before = driver.readings.count
    driver.tell(.scanDue(0))
    while !driver.asked.isEmpty { driver.answer() }
    return driver.readings[before...].reduce(into: MeteredPoints()) { points, reading in
      points.power = reading.power ?? points.power
      points.export = reading.export ?? points.export
      points.import = reading.import ?? points.import
    }
  }

  private var meter: MeteredPoints? { Device.device(models: [Device.meter()]).points }

  @Test func aDeviceThatAgreesWithItselfIsReadInOneRequest() {
    var driver = ready { _ in }
    #expect(cuts(driver).isEmpty)
    let requests = driver.session.statistics.requests
    #expect(scan(&driver) == meter)
    #expect(driver.session.statistics.requests == requests + 1)
  }

  @Test func aBlockThatComesBackAllZeroIsCutUntilItSaysWhatSingleReadsSay() {
    for limit in [54, 20, 17] {
      var driver = ready { $0.zeroBeyond = limit }
      #expect(cuts(driver).count == 1)
      #expect(driver.losses.isEmpty)
      #expect(scan(&driver) == meter, "limit \(limit)")
      let known = driver.session.statistics.requests
      _ = scan(&driver)
      #expect(driver.session.statistics.requests - known == cuts(driver)[0])
    }
  }

  @Test func aBlockThatIsRefusedIsCut() {
    var driver = ready { $0.refusedBeyond = 30 }
    #expect(cuts(driver) == [2])
    #expect(scan(&driver) == meter)
  }

  @Test func aPointIsNeverReadWithoutItsScaleFactorHoweverTheDeviceLies() {
    // Power and its scale factor lie five registers apart, an energy and its own 17.
    var driver = ready { $0.zeroBeyond = 10 }
    #expect(driver.losses.count == 1)
    guard case .blocks(.differs)? = driver.losses.first else {
      Issue.record("\(driver.losses)")
      return
    }
    driver.tell(.scanDue(0))
    #expect(driver.readings.isEmpty)
  }

  @Test func powerThatMovesBetweenTwoReadsIsNoDifference() {
    var driver = ConnectionDriver(Device.device(models: [Device.meter()]))
    driver.tell(.scanDue(0))
    driver.tell(.connected)
    var word: UInt16 = 100
    while !driver.asked.isEmpty {
      word += 37
      driver.device.registers[70 + 18] = word
      driver.device.registers[70 + 39] = word
      driver.answer()
    }
    #expect(cuts(driver).isEmpty)
    #expect(driver.losses.isEmpty)
    #expect(scan(&driver).power != nil)
  }

  @Test func whatWasFoundHoldsForTheDeviceUntilAnotherOneComes() {
    var driver = ready { $0.zeroBeyond = 54 }
    driver.closedByDevice()
    driver.passDeadline()
    let requests = driver.session.statistics.requests
    driver.becomeReady()
    #expect(driver.session.statistics.requests == requests + 1)
    driver.device = Device.device(serialNumber: "SN-2", models: [Device.meter()])
    driver.closedByDevice()
    driver.passDeadline()
    driver.becomeReady()
    let known = driver.session.statistics.requests
    #expect(scan(&driver) == meter)
    #expect(driver.session.statistics.requests == known + 1)
  }

  @Test func aBusyDeviceIsComparedLater() {
    var driver = ConnectionDriver(Device.device(models: [Device.meter()]))
    driver.tell(.scanDue(0))
    driver.tell(.connected)
    while let asked = driver.asked.first, ConnectionDriver.count(of: asked) != 55 { driver.answer() }
    driver.answer(.serverDeviceBusy)
    #expect(driver.losses == [.blocks(.refused(.serverDeviceBusy))])
    driver.wait(milliseconds: 4_000)
    driver.tell(.scanDue(0))
    while !driver.asked.isEmpty { driver.answer() }
    #expect(scan(&driver) == meter)
    #expect(cuts(driver).isEmpty)
  }
}
