import Testing

@testable import TelemetryCore
import TelemetrySimulation

@Suite struct SunSpecWalkTests {
  private typealias Device = SimulatedRegisters

  @Test(arguments: SunSpecWalk.bases) func aDeviceIsFoundAtEachBase(base: UInt16) throws {
    let found = try #require(Device.device(base: base, models: [Device.meter()]).found)
    #expect(found.base == base)
    #expect(found.metered.id == 203)
    #expect(found.models.map(\.id) == [1, 203])
    #expect(
      found.identity
        == DeviceIdentity(manufacturer: "Maker", model: "Meter 3", version: "1.2", serialNumber: "SN-1"))
  }

  @Test func aMeterIsPreferredToAnInverterWhereverItStands() {
    #expect(Device.device(models: [Device.inverter(), Device.meter()]).found?.metered.id == 203)
    #expect(Device.device(models: [Device.inverter()]).found?.metered.id == 103)
  }

  @Test func modelsOfOddLengthAndUnknownOnesAreWalkedOver() {
    let odd = Device.model(id: 64_001, length: 7, [:])
    let empty = Device.model(id: 64_002, length: 0, [:])
    let found = Device.device(models: [odd, empty, odd, Device.meter()]).found
    #expect(found?.meteredPlace.address == UInt16(40_090))
  }

  @Test func aModelOneWithoutItsPaddingWillDo() {
    var device = Device()
    device.append(id: 1, body: Array(Device.common(serialNumber: "65").dropLast()))
    device.registers += Device.meter() + [0xFFFF, 0]
    #expect(device.found?.identity.serialNumber == "65")
  }

  @Test func everythingWeUseOfAModelIsReadInOneRequest() throws {
    for model in [Device.meter(), Device.meter(length: 200), Device.meter(length: 53)] {
      let found = try #require(Device.device(models: [model]).found)
      #expect(ReadPlan(found.map)?.blocks.map(\.request) == [ModbusRequest(start: 40_070, count: 55)])
    }
    let resource = try #require(Device.device(models: [Device.resource()]).found)
    #expect(ReadPlan(resource.map)?.blocks.map(\.request) == [ModbusRequest(start: 40_070, count: 121)])
  }

  @Test func severalDevicesBehindOneUnitAreChosenByTheirNumber() {
    var device = Device()
    device.append(id: 1, body: Device.common(serialNumber: "inverter"))
    device.registers += Device.inverter()
    for name in ["grid", "load"] {
      device.append(id: 1, body: Device.common(serialNumber: name))
      device.registers += Device.meter()
    }
    device.registers += [0xFFFF, 0]
    func found(_ device: Device, _ choice: SunSpecChoice) -> SunSpecDevice? {
      guard case .found(let found) = device.walk(choice: choice).end else { return nil }
      return found
    }
    let any = found(device, .any)
    #expect(any?.identity.serialNumber == "grid")
    #expect(any?.candidateCount == 2)
    #expect(any.map { "\($0)".contains("one of 2") } == true)
    let choices: [(SunSpecChoice, String?)] = [
      (SunSpecChoice(device: 1, model: nil, occurrence: 1), "inverter"),
      (SunSpecChoice(device: 3, model: nil, occurrence: 1), "load"),
      (SunSpecChoice(device: nil, model: 103, occurrence: 1), "inverter"),
      (SunSpecChoice(device: nil, model: nil, occurrence: 2), "load"),
      (SunSpecChoice(device: 4, model: nil, occurrence: 1), nil),
      (SunSpecChoice(device: 1, model: 203, occurrence: 1), nil),
      (SunSpecChoice(device: nil, model: nil, occurrence: 3), nil),
    ]
    for (choice, serialNumber) in choices {
      let chosen = found(device, choice)
      #expect(chosen?.identity.serialNumber == serialNumber, "\(choice)")
      // Recognised by its own model 1.
      if let chosen { #expect(device.walk(known: chosen, choice: choice).end == .found(chosen)) }
    }
  }

  @Test func aModelThatADeviceHasTwiceIsChosenByItsPlace() {
    let device = Device.device(models: [Device.meter([18: 1]), Device.meter([18: 2])])
    let second = device.walk(choice: SunSpecChoice(device: nil, model: 203, occurrence: 2))
    guard case .found(let found) = second.end else {
      Issue.record("the second meter is not found")
      return
    }
    #expect(found.meteredPlace.address == 40_070 + 107)
  }

  @Test func metersComeBeforeResourcesAndThoseBeforeInverters() {
    let all = [Device.inverter(), Device.resource(), Device.floatMeter(), Device.meter()]
    let ids: [UInt16] = [203, 213, 701, 103]
    for count in 1...4 {
      #expect(Device.device(models: Array(all.prefix(count))).found?.metered.id == ids[4 - count])
    }
  }

  @Test func aModelTooShortForWhatWeNeedIsNotMeteredBy() {
    let walk = Device.device(models: [Device.meter(length: 40), Device.inverter()])
    #expect(walk.found?.metered.id == 103)
  }

  @Test func aDeviceWithNothingToMeterByIsNamedWithItsModels() {
    let device = Device.device(models: [Device.model(id: 120, length: 26, [:])])
    #expect(device.walk().end == .failed(.nothingToMeterBy(models: [1, 120], .any)))
  }

  @Test func noMarkerAnywhereSaysWhatTheDeviceAnswered() {
    #expect(Device(base: 30_000).walk().end == .failed(.noMarker(.illegalDataAddress)))
    var zeros = Device(base: 0)
    zeros.registers = [UInt16](repeating: 0, count: 50_100)
    #expect(zeros.walk().end == .failed(.noMarker(nil)))
  }

  @Test func aMapThatCountsInCirclesEnds() {
    var device = Device()
    device.append(id: 1, body: Device.common(serialNumber: "1"))
    for _ in 0..<500 { device.append(id: 7, body: []) }
    let walk = device.walk()
    #expect(walk.end == .failed(.tooManyModels))
    #expect(walk.requests < 140)
  }

  @Test func aMapThatReachesBeyondTheLastRegisterEnds() {
    var device = Device(base: 50_000)
    device.append(id: 1, body: Device.common(serialNumber: "1"))
    device.registers += [7, 0xFFF0]
    #expect(device.walk().end == .failed(.beyondLastAddress))
  }

  @Test func aMapWithoutAnEndSaysSo() {
    var device = Device.device(models: [Device.meter()])
    device.registers.removeLast(2)
    #expect(device.walk().end == .failed(.refused(.illegalDataAddress)))
  }

  @Test func aKnownDeviceIsRecognisedWithOneRequest() throws {
    let device = Device.device(models: [Device.meter()])
    let known = try #require(device.found)
    let walk = device.walk(known: known)
    #expect(walk.end == .found(known))
    #expect(walk.requests == 1)
  }

  @Test func anotherDeviceIsWalkedAnew() throws {
    let known = try #require(Device.device(models: [Device.meter()]).found)
    let other = Device.device(base: 0, serialNumber: "SN-2", models: [Device.inverter(), Device.meter()])
    #expect(other.walk(known: known).end == other.found.map { .found($0) })
    #expect(other.found?.identity.serialNumber == "SN-2")
  }

  @Test func textsFromTheDeviceCannotSteerATerminal() {
    let words = Device.text(" \u{1B}[2J\u{202E}Ab\u{0007}c  ", 16)
    #expect(SunSpecText.text(words[...]) == "[2JAbc")
    #expect(SunSpecText.text([0xFFFE, 0x4100][...]) == "\u{FFFD}\u{FFFD}A")
    #expect(SunSpecText.text([0, 0][...]).isEmpty)
  }

  @Test func noMutationOfADeviceTrapsOrWalksForever() {
    var random = SeededRandom(seed: 3)
    let clean = Device.device(models: [Device.inverter(), Device.meter()])
    for _ in 0..<3_000 {
      var device = clean
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        // Headers and points are where it hurts, so half of the blows fall there.
        let places = [0, 1, 2, 3, 70, 71, 122, 123, 229, 230, 123 + 22, 123 + 54, 70 + 15]
        let place =
          Bool.random(using: &random)
          ? places[Int.random(in: 0..<places.count, using: &random)]
          : Int.random(in: 0..<device.registers.count, using: &random)
        device.registers[place] = UInt16.random(in: 0...UInt16.max, using: &random)
      }
      if Bool.random(using: &random) {
        device.registers.removeLast(Int.random(in: 0..<device.registers.count, using: &random))
      }
      #expect(device.walk().requests <= SunSpecWalk.modelLimit + 5)
      _ = device.points
    }
  }
}
