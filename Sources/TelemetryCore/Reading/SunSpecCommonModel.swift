/// Model 1, in which a device says who it is.
///
/// Source: SunSpec information model definitions, model 1. Offsets count registers from the one that holds the model's
/// identifier.
enum SunSpecCommonModel {
  static let id: UInt16 = 1

  private static let manufacturer = 2..<18
  private static let model = 18..<34
  private static let version = 42..<50
  private static let serialNumber = 50..<66
  private static let neededCount = serialNumber.upperBound

  /// Nil where the model is too short to say it.
  static func request(_ place: SunSpecModelPlace) -> ModbusRequest? {
    guard place.registerCount >= neededCount else { return nil }
    return ModbusRequest(start: place.address, count: UInt16(neededCount))
  }

  /// Nil where the registers are too few.
  static func identity(_ registers: [UInt16]) -> DeviceIdentity? {
    guard registers.count >= neededCount else { return nil }
    return DeviceIdentity(
      manufacturer: SunSpecText.text(registers[manufacturer]), model: SunSpecText.text(registers[model]),
      version: SunSpecText.text(registers[version]), serialNumber: SunSpecText.text(registers[serialNumber]))
  }

  /// Asks a device that is known for its model 1.
  static func recognitionRequest(_ device: SunSpecDevice) -> ModbusRequest {
    // Model 1 of a device that was walked is long enough: the walk read it.
    ModbusRequest(start: device.commonPlace.address, count: UInt16(neededCount))
  }

  static func recognises(_ device: SunSpecDevice, in registers: [UInt16]) -> Bool {
    guard registers.first == id, let identity = identity(registers) else { return false }
    return identity == device.identity
  }
}
