import Foundation
import TelemetryCore

/// What `probe --json` prints.
///
/// | key | value |
/// |---|---|
/// | `manufacturer`, `model`, `version`, `serialNumber` | texts of SunSpec model 1 |
/// | `base` | address of "SunS" |
/// | `models` | list of `id`, `address`, `length`, in the order of their addresses |
/// | `meteredModel` | the model that the service would meter by |
/// | `instant` | midpoint of request and reply, UTC |
/// | `powerMilliwatts` | positive when it leaves the site; without a value where the device tells none |
/// | `export`, `import` | `count` and `scale` of the energy register, one count being 10^scale Wh; likewise |
struct ProbeReport: Codable, Equatable {
  struct Model: Codable, Equatable {
    var id: UInt16
    var address: UInt16
    var length: UInt16
  }

  struct Register: Codable, Equatable {
    var count: UInt64
    var scale: Int8

    init(_ register: EnergyRegister) {
      count = register.raw
      scale = register.scale
    }

    var text: String { "\(count) × 10^\(scale) Wh" }
  }

  var manufacturer: String
  var model: String
  var version: String
  var serialNumber: String
  var base: UInt16
  var models: [Model]
  var meteredModel: UInt16
  var instant: String
  var powerMilliwatts: Int64?
  var export: Register?
  var `import`: Register?

  init(_ device: SunSpecDevice, _ reading: SiteReading) {
    manufacturer = device.identity.manufacturer
    model = device.identity.model
    version = device.identity.version
    serialNumber = device.identity.serialNumber
    base = device.base
    models = device.models.map { Model(id: $0.id, address: $0.address, length: $0.length) }
    meteredModel = device.metered.id
    instant = reading.instant.timestamp(.milliseconds)
    powerMilliwatts = reading.power?.milliwatts
    export = reading.export.map(Register.init)
    `import` = reading.import.map(Register.init)
  }

  func jsonText() throws -> String {
    try JSONText.of(self)
  }

  var text: String {
    let absent = "not told"
    let models = models.map { "\($0.id) at \($0.address), length \($0.length)" }.joined(separator: "; ")
    return """
      manufacturer   \(manufacturer)
      model          \(model)
      version        \(version)
      serial number  \(serialNumber)
      models         \(models)
      metered by     \(meteredModel)
      instant        \(instant)
      power          \(powerMilliwatts.map { "\(UnitText.watts(milliwatts: $0)) W out of the site" } ?? absent)
      export         \(export?.text ?? absent)
      import         \(`import`?.text ?? absent)
      """
  }
}

private enum UnitText {
  /// With three digits after the point.
  static func watts(milliwatts: Int64) -> String {
    let (whole, rest) = milliwatts.magnitude.quotientAndRemainder(dividingBy: 1_000)
    let digits = String(rest)
    return "\(milliwatts < 0 ? "-" : "")\(whole).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
  }
}
