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

/// Which of the things behind a unit a site is.
///
/// Several devices may stand one behind the other in the registers of one unit, each after a model 1 of its own, and a
/// device may have a model more than once.
package struct SunSpecChoice: Hashable, Sendable {
  /// Counted from 1; nil where any will do.
  package var device: Int?
  /// Nil where the best will do.
  package var model: UInt16?
  /// The how manieth of those that this choice leaves, from 1.
  package var occurrence: Int

  package static let any = SunSpecChoice(device: nil, model: nil, occurrence: 1)

  package init(device: Int?, model: UInt16?, occurrence: Int) {
    self.device = device
    self.model = model
    self.occurrence = occurrence
  }
}

/// What a walk found out about a device.
package struct SunSpecDevice: Hashable, Sendable {
  /// The address of "SunS".
  package var base: UInt16
  package var identity: DeviceIdentity
  /// The model 1 that says so.
  package var commonPlace: SunSpecModelPlace
  /// All behind the unit, in the order of their addresses.
  package var models: [SunSpecModelPlace]
  /// The model that we meter by.
  package var metered: SunSpecModel
  package var meteredPlace: SunSpecModelPlace
  /// How many models of this kind the choice left to meter by.
  package var candidateCount: Int

  package var map: MeterMap { metered.map(at: meteredPlace.address, length: meteredPlace.length) }
}

extension SunSpecDevice: CustomStringConvertible {
  package var description: String {
    let others = candidateCount > 1 ? ", one of \(candidateCount) that `map` can choose from" : ""
    return "\(identity), metered by SunSpec model \(metered.id) at \(meteredPlace.address)\(others)"
  }
}
