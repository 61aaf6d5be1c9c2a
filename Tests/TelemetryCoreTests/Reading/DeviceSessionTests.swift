import Testing

@testable import TelemetryCore
import TelemetrySimulation

@Suite struct DeviceSessionTests {
  private let meter = SimulatedRegisters.device(models: [SimulatedRegisters.meter()])

  private func ready(_ device: SimulatedRegisters? = nil) -> ConnectionDriver {
    var driver = ConnectionDriver(device ?? meter)
    driver.becomeReady()
    return driver
  }

  @Test func aSiteIsConnectedAtItsFirstScanThenWalkedThenRead() {
    var driver = ConnectionDriver(meter)
    #expect(driver.session.deadline == nil)
    driver.becomeReady()
    guard case .identified(SiteIndex(3), let device)? = driver.told.first else {
      Issue.record("the walk ends in an identity")
      return
    }
    #expect(device.identity.serialNumber == "SN-1")
    #expect(driver.readings.isEmpty)
    driver.scan()
    #expect(driver.readings.first?.export == EnergyRegister(raw: 0x12345, scale: 1))
    #expect(driver.readings.first?.site == SiteIndex(3))
    #expect(driver.told.count == 2)
  }

  @Test func theInstantIsTheMidpointOfRequestAndReply() {
    var driver = ready()
    driver.tell(.scanDue(0))
    let asked = driver.now.utc
    driver.wait(milliseconds: 301)
    driver.answer()
    #expect(driver.readings.first?.instant == asked + Milliseconds(151))
  }

  @Test func aClockSetBetweenRequestAndReplyDoesNotStretchTheMidpoint() {
    var driver = ready()
    driver.tell(.scanDue(0))
    driver.wait(milliseconds: 200)
    driver.wallOffset += 3_600_000
    driver.answer()
    #expect(driver.readings.first?.instant == driver.now.utc - Milliseconds(100))
  }

  @Test func aReplySlowerThanTheBridgeIsNoData() {
    for scan in [Int64(4), 20] {
      let bridge = max(3 * scan, 15) * 1_000
      for slowness in [bridge, bridge + 1] {
        var driver = ConnectionDriver(meter, scan: .seconds(scan))
        driver.becomeReady()
        driver.tell(.scanDue(0))
        driver.wait(milliseconds: slowness)
        driver.answer()
        #expect(driver.readings.count == (slowness == bridge ? 1 : 0))
        #expect(driver.losses == (slowness == bridge ? [] : [.replyTooSlow]))
      }
    }
  }

  @Test func aLateReplyAndTheRightOneInOneReadYieldTheRightOne() throws {
    var driver = ready()
    driver.tell(.scanDue(0))
    let late = try #require(driver.reply())
    driver.passDeadline()
    #expect(driver.losses == [.replyTimedOut])
    driver.device = SimulatedRegisters.device(models: [SimulatedRegisters.meter([18: 77])])
    driver.tell(.scanDue(0))
    let right = try #require(driver.reply())
    driver.tell(.received(late.encoded + right.encoded))
    #expect(driver.readings.map(\.power) == [Power(milliwatts: -77_000)])
    #expect(driver.session.statistics.framesDiscarded == 1)
    #expect(driver.session.statistics.timeouts == 1)
  }

  @Test func aScanThatFindsTheOneBeforeUnderWayIsSkipped() {
    var driver = ready()
    driver.tell(.scanDue(0))
    let requests = driver.session.statistics.requests
    driver.tell(.scanDue(0))
    #expect(driver.session.statistics.requests == requests)
    #expect(driver.session.statistics.scansSkipped == 1)
    driver.answer()
    #expect(driver.readings.count == 1)
  }

  @Test func anExceptionLosesTheScanAndKeepsTheConnection() {
    var driver = ready()
    driver.device.base = 1
    driver.scan()
    #expect(driver.losses == [.refused(.illegalDataAddress)])
    #expect(driver.session.isConnected)
    #expect(driver.session.statistics.exceptions >= 1)
    driver.device.base = 40_000
    driver.scan()
    #expect(driver.readings.count == 1)
  }

  @Test func threeRequestsInARowWithoutAnAnswerEndTheConnection() {
    var driver = ready()
    for scan in 1...3 {
      driver.wait(milliseconds: 4_000)
      driver.tell(.scanDue(0))
      driver.passDeadline()
      #expect(driver.session.isConnected == (scan < 3))
    }
    #expect(driver.closeCount == 1)
    driver.passDeadline()
    #expect(driver.connectCount == 2)
  }

  @Test func aReadThatIsRefusedThreeTimesInARowIsFollowedByAWalk() {
    var driver = ready()
    driver.device = SimulatedRegisters.device(base: 0, models: [SimulatedRegisters.meter([18: 7])])
    for _ in 1...3 { driver.scan() }
    #expect(driver.losses == Array(repeating: .refused(.illegalDataAddress), count: 3))
    #expect(driver.session.isConnected)
    driver.wait(milliseconds: 4_000)
    driver.tell(.scanDue(0))
    while !driver.asked.isEmpty { driver.answer() }
    driver.scan()
    #expect(driver.readings.map(\.power) == [Power(milliwatts: -7_000)])
  }

  @Test func aMapThatMovedIsWalkedAgainBeforeTheNextReading() {
    var driver = ready()
    let moved = SimulatedRegisters.model(id: 160, length: 105, [:])
    driver.device = SimulatedRegisters.device(models: [moved, SimulatedRegisters.meter()])
    driver.scan()
    #expect(driver.losses == [.modelMoved])
    driver.tell(.scanDue(0))
    while !driver.asked.isEmpty { driver.answer() }
    driver.scan()
    #expect(driver.readings.map(\.power) == [Power(milliwatts: -1_500_000)])
  }

  @Test func anotherSerialNumberAtTheSameAddressIsReported() {
    var driver = ready()
    driver.closedByDevice()
    driver.device = SimulatedRegisters.device(serialNumber: "SN-2", models: [SimulatedRegisters.meter()])
    driver.passDeadline()
    driver.becomeReady()
    let found = driver.told.compactMap { action -> String? in
      if case .identified(_, let device) = action { device.identity.serialNumber } else { nil }
    }
    #expect(found == ["SN-1", "SN-2"])
  }

  @Test func theSameDeviceIsRecognisedWithOneRequestAndNotAnnouncedAgain() {
    var driver = ready()
    driver.closedByDevice()
    let requests = driver.session.statistics.requests
    driver.passDeadline()
    driver.becomeReady()
    #expect(driver.session.statistics.requests == requests + 1)
    driver.scan()
    let identifications = driver.told.filter { if case .identified = $0 { true } else { false } }
    #expect(identifications.count == 1)
    #expect(driver.readings.count == 1)
  }

  @Test func bytesThatAreNotModbusEndTheConnectionAndAreCounted() {
    var driver = ready()
    driver.tell(.scanDue(0))
    driver.tell(.received(Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)))
    #expect(driver.losses == [.framing(.protocolIdentifier(0x482D))])
    #expect(driver.session.statistics.framingErrors == 1)
    #expect(driver.closeCount == 1)
    driver.tell(.received([1, 2, 3]))
    driver.tell(.closed(reason: "late news of the connection that we closed"))
    #expect(driver.losses.count == 1)
  }

  @Test func anInverterThatSleepsLosesReadingsButNotItsConnection() {
    let asleep: [Int: UInt16] = [14: 0x8000, 24: 0, 25: 0]
    var driver = ready(SimulatedRegisters.device(models: [SimulatedRegisters.inverter(asleep)]))
    for _ in 0..<10 { driver.scan() }
    #expect(driver.losses == Array(repeating: .nothingMeasured, count: 10))
    #expect(driver.session.isConnected)
  }

  @Test func noStreamOfBytesAndEventsTrapsTheSession() {
    var random = SeededRandom(seed: 4)
    for _ in 0..<300 {
      var driver = ConnectionDriver(meter)
      for _ in 0..<60 {
        driver.wait(milliseconds: Int64.random(in: 0...9_000, using: &random))
        switch Int.random(in: 0...7, using: &random) {
        case 0: driver.tell(.scanDue(0))
        case 1: driver.tell(.deadlinePassed)
        case 2: driver.tell(.connected)
        case 3: driver.tell(.closed(reason: "reset"))
        case 4: driver.tell(.unreachable(reason: "refused"))
        case 5: driver.tell(.received(mutated(driver.reply()?.encoded ?? [], &random)))
        default: driver.answer()
        }
      }
    }
  }
}
