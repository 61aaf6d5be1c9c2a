/// Who a device says it is, in model 1.
package struct DeviceIdentity: Hashable, Sendable {
  package var manufacturer: String
  package var model: String
  package var version: String
  package var serialNumber: String

  package init(manufacturer: String, model: String, version: String, serialNumber: String) {
    self.manufacturer = manufacturer
    self.model = model
    self.version = version
    self.serialNumber = serialNumber
  }

  /// Whether the registers of both are the same registers; a new version of its program leaves them alone.
  package func isSameDevice(as other: DeviceIdentity) -> Bool {
    manufacturer == other.manufacturer && model == other.model && serialNumber == other.serialNumber
  }
}

extension DeviceIdentity: CustomStringConvertible {
  package var description: String { "\(manufacturer) \(model), serial number \(serialNumber)" }
}

/// Where one model stands in a device's registers.
package struct SunSpecModelPlace: Hashable, Sendable {
  package var id: UInt16
  /// The address of the model's identifier.
  package var address: UInt16
  /// Registers after identifier and length.
  package var length: UInt16

  package init(id: UInt16, address: UInt16, length: UInt16) {
    self.id = id
    self.address = address
    self.length = length
  }

  /// Identifier and length included.
  package var registerCount: Int { 2 + Int(length) }
}

/// What a walk found out about a device.
package struct SunSpecDevice: Hashable, Sendable {
  /// The address of "SunS".
  package var base: UInt16
  package var identity: DeviceIdentity
  /// In the order of their addresses.
  package var models: [SunSpecModelPlace]
  /// The model that we meter by.
  package var metered: SunSpecModel
  package var meteredPlace: SunSpecModelPlace

  /// Reads the metered model.
  ///
  /// The whole of it, so that no point is split from its words or its scale factor, and identifier and length with it,
  /// so that a map that has moved is noticed. Where it is too long for one request, up to the last point we need.
  package var meteredRequest: ModbusRequest {
    let whole = meteredPlace.registerCount
    let count = whole <= Int(ModbusRequest.registerCounts.upperBound) ? whole : metered.neededCount
    return ModbusRequest(start: meteredPlace.address, count: UInt16(count))
  }

  /// What the answer to ``meteredRequest`` says, nil where another model stands there now.
  package func points(_ registers: [UInt16]) -> MeteredPoints? {
    guard registers.count >= metered.neededCount else { return nil }
    guard registers[0] == meteredPlace.id, registers[1] == meteredPlace.length else { return nil }
    return metered.points(registers)
  }
}

extension SunSpecDevice: CustomStringConvertible {
  package var description: String { "\(identity), metered by SunSpec model \(metered.id)" }
}
