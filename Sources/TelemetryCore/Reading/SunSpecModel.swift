/// A SunSpec model that we can meter by, and where it keeps what we need.
///
/// Offsets count registers from the one that holds the model's identifier. Source: SunSpec information model definitions
/// (`model_101.json` and so on, of github.com/sunspec/models).
package struct SunSpecModel: Hashable, Sendable {
  /// Kinds of models, the best to meter by first.
  ///
  /// A meter is at the metering point and counts both flows. Whole numbers count exactly; a float of 32 bits counts in
  /// steps that grow with it.
  package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
    case meter, floatMeter, resource, inverter, floatInverter
  }

  package let id: UInt16
  package let kind: Kind

  package init?(id: UInt16) {
    switch id {
    case 201...204: kind = .meter
    case 211...214: kind = .floatMeter
    case 701: kind = .resource
    case 101...103: kind = .inverter
    case 111...113: kind = .floatInverter
    default: return nil
    }
    self.id = id
  }

  /// The models that we can meter by, as people write them.
  package static let names = "201-204, 211-214, 701, 101-103, 111-113"

  /// The registers of a model of this length, whose identifier stands at the address.
  package func map(at address: UInt16, length: UInt16) -> MeterMap {
    var map = points(from: Int(address))
    // Identifier and length are read with the points, so that a map that has moved is noticed.
    map.mark = MeterMap.Mark(address: Int(address), words: [id, length])
    return map
  }

  /// How many registers we need, from the identifier on.
  ///
  /// Up to the last point we use, so that a model that a maker cut short after it still serves.
  var neededCount: Int { 1 + points(from: 0).atoms.reduce(0) { max($0, $1.upperBound) } }

  private func points(from start: Int) -> MeterMap {
    var map = MeterMap()
    switch kind {
    case .meter:
      // The definition gives W no sign in words. It does name the axes: reactive energy of quadrants 1 and 2 is imported, of 3
      // and 4 exported, so positive means imported, and W follows the same axes. Some makers count the other way; energy
      // does not depend on it, since exported and imported energy have registers of their own.
      map.powerIsExport = false
      map.power = .sunSpec(start + 18, .int16, factor: start + 22)
      map.export = .sunSpec(start + 38, .acc32, factor: start + 54)
      map.import = .sunSpec(start + 46, .acc32, factor: start + 54)
    case .floatMeter:
      map.powerIsExport = false
      map.power = .sunSpec(start + 28, .float32)
      map.export = .sunSpec(start + 60, .float32)
      map.import = .sunSpec(start + 68, .float32)
    case .resource:
      // "Active power is positive for DER generation and negative for absorption."
      map.power = .sunSpec(start + 10, .int16, factor: start + 116)
      map.export = .sunSpec(start + 19, .uint64, factor: start + 120)
      map.import = .sunSpec(start + 23, .uint64, factor: start + 120)
      map.state = MeterMap.State(address: start + 4, fault: 6)
    case .inverter:
      // An inverter counts what it generated; it has no register for what it took in.
      map.power = .sunSpec(start + 14, .int16, factor: start + 15)
      map.export = .sunSpec(start + 24, .acc32, factor: start + 26)
      map.state = MeterMap.State(address: start + 38, fault: 7)
    case .floatInverter:
      map.power = .sunSpec(start + 22, .float32)
      map.export = .sunSpec(start + 32, .float32)
      map.state = MeterMap.State(address: start + 48, fault: 7)
    }
    return map
  }
}

extension RegisterPoint {
  fileprivate static func sunSpec(_ address: Int, _ form: RegisterForm, factor: Int? = nil) -> Self {
    var point = Self(address: address, form: form)
    point.scale = factor.map { .factor(at: $0) } ?? .fixed
    point.hasAbsenceCodes = true
    return point
  }
}
