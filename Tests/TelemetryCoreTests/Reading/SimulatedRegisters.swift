@testable import TelemetryCore

/// A device as tests want it: models in a row behind "SunS".
struct SimulatedRegisters {
  var base: UInt16
  var registers: [UInt16] = [0x5375, 0x6E53]
  /// A read of more registers of the model is answered with zeros: model 1 is read well.
  var zeroBeyond: Int?
  /// A read of more registers of the model is refused.
  var refusedBeyond: Int?

  init(base: UInt16 = 40_000) { self.base = base }

  /// A device with model 1 and others, ended as it should be.
  static func device(base: UInt16 = 40_000, serialNumber: String = "SN-1", models: [[UInt16]]) -> Self {
    var device = Self(base: base)
    device.append(id: 1, body: common(serialNumber: serialNumber))
    for model in models { device.registers += model }
    device.registers += [0xFFFF, 0]
    return device
  }

  static func common(serialNumber: String) -> [UInt16] {
    text("Maker", 16) + text("Meter 3", 16) + text("", 8) + text("1.2", 8) + text(serialNumber, 16) + [1, 0x8000]
  }

  static func text(_ text: String, _ count: Int) -> [UInt16] {
    let bytes = Array(text.utf8) + [UInt8](repeating: 0, count: count * 2 - text.utf8.count)
    return (0..<count).map { UInt16(bytes[2 * $0]) << 8 | UInt16(bytes[2 * $0 + 1]) }
  }

  static func model(id: UInt16, length: Int, _ points: [Int: UInt16]) -> [UInt16] {
    var registers = [UInt16](repeating: 0x8000, count: 2 + length)
    registers[0] = id
    registers[1] = UInt16(length)
    for (offset, word) in points where offset < registers.count { registers[offset] = word }
    return registers
  }

  /// A meter, by default with 1,500 W into the site, 0x12345 x 10 Wh exported and 0x54321 x 10 Wh imported.
  static func meter(length: Int = 105, _ changes: [Int: UInt16] = [:]) -> [UInt16] {
    let points: [Int: UInt16] = [18: 1_500, 22: 0, 38: 1, 39: 0x2345, 46: 5, 47: 0x4321, 54: 1]
    return model(id: 203, length: length, points.merging(changes) { _, new in new })
  }

  /// An inverter, by default with 99.9 kW out of it and 0x10002 Wh generated.
  static func inverter(_ changes: [Int: UInt16] = [:]) -> [UInt16] {
    let points: [Int: UInt16] = [14: 999, 15: 2, 24: 1, 25: 2, 26: 0, 38: 4]
    return model(id: 103, length: 50, points.merging(changes) { _, new in new })
  }

  /// A meter whose points are floats: 1,500.5 W into the site, 12,345.75 Wh exported, 54,321.5 Wh imported.
  static func floatMeter(id: UInt16 = 213, _ changes: [Int: UInt16] = [:]) -> [UInt16] {
    var points: [Int: UInt16] = [:]
    for (offset, value) in [28: Float(1_500.5), 60: 12_345.75, 68: 54_321.5] {
      points[offset] = UInt16(value.bitPattern >> 16)
      points[offset + 1] = UInt16(value.bitPattern & 0xFFFF)
    }
    return model(id: id, length: 124, points.merging(changes) { _, new in new })
  }

  /// A DER that puts out 25 kW, has injected 2^40 + 7 Wh and absorbed 9 Wh.
  static func resource(_ changes: [Int: UInt16] = [:]) -> [UInt16] {
    let points: [Int: UInt16] = [
      4: 3, 10: 2_500, 116: 1, 19: 0, 20: 0x0100, 21: 0, 22: 7, 23: 0, 24: 0, 25: 0, 26: 9, 120: 0,
    ]
    return model(id: 701, length: 153, points.merging(changes) { _, new in new })
  }

  mutating func append(id: UInt16, body: [UInt16]) { registers += [id, UInt16(body.count)] + body }

  func answer(_ request: ModbusRequest) -> ModbusResponse {
    let first = Int(request.start) - Int(base)
    guard first >= 0, first + Int(request.count) <= registers.count else { return .exception(.illegalDataAddress) }
    let isOfModel = first >= 70
    if isOfModel, let refusedBeyond, request.count > refusedBeyond { return .exception(.illegalDataValue) }
    if isOfModel, let zeroBeyond, request.count > zeroBeyond {
      return .registers(Array(repeating: 0, count: Int(request.count)))
    }
    return .registers(Array(registers[first..<(first + Int(request.count))]))
  }

  /// Walks to the end, counting the requests.
  func walk(known: SunSpecDevice? = nil, choice: SunSpecChoice = .any) -> (end: SunSpecWalk.Step, requests: Int) {
    var walk = SunSpecWalk(known: known, choice: choice)
    var step = SunSpecWalk.Step.read(walk.start())
    var requests = 0
    while case .read(let request) = step {
      requests += 1
      step = walk.answered(answer(request))
    }
    return (step, requests)
  }

  var found: SunSpecDevice? {
    guard case .found(let device) = walk().end else { return nil }
    return device
  }

  /// What a plan reads, all blocks together; nil where one of them cannot be read or another map stands there.
  var points: MeteredPoints? {
    guard let map = found?.map, let plan = ReadPlan(map) else { return nil }
    var points = MeteredPoints()
    for block in plan.blocks {
      guard case .registers(let registers) = answer(block.request),
        let told = map.points(registers, from: block.first)
      else { return nil }
      points.power = told.power ?? points.power
      points.export = told.export ?? points.export
      points.import = told.import ?? points.import
    }
    return points
  }
}
