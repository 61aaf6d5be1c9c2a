/// Reads `map` of a site: `sunspec`, a choice among what SunSpec finds, or registers by hand.
extension MeterSource {
  static func read(_ reader: inout ConfigurationReader) -> Self? {
    guard reader.holdsMapping("map") else { return reader.required("map", .map) }
    return reader.optionalMapping("map") { reader in
      guard reader.contains("sunspec") else { return readByHand(&reader).map { .byHand($0) } }
      return reader.optionalMapping("sunspec", SunSpecChoice.read).map { .sunSpec($0) }
    }
  }

  private static func readByHand(_ reader: inout ConfigurationReader) -> MeterMap? {
    var map = MeterMap()
    map.table = reader.value("table", .table, default: .holding)
    let lowWordFirst = reader.value("word_order", .wordOrder, default: false)
    var isWhole = true
    func point(_ key: String, _ units: KeyValuePairs<String, Int>, sign: Bool = false) -> RegisterPoint? {
      guard reader.contains(key) else { return nil }
      let point = reader.optionalMapping(key) { reader -> RegisterPoint? in
        if sign { map.powerIsExport = reader.value("sign", .sign, default: true) }
        return RegisterPoint.read(&reader, units, lowWordFirst: lowWordFirst)
      }
      isWhole = isWhole && point != nil
      return point
    }
    map.power = point("active_power", ConfigurationForm<Int>.powers, sign: true)
    map.import = point("energy_import", ConfigurationForm<Int>.energies)
    map.export = point("energy_export", ConfigurationForm<Int>.energies)
    guard isWhole else { return nil }
    guard map.export != nil || map.import != nil else {
      reader.report("energy_export", "is missing: expected `energy_export`, `energy_import` or both, or `sunspec`")
      return nil
    }
    guard ReadPlan(map) != nil else {
      reader.report("active_power", "reaches beyond the last register, or too far from its `scale_register`")
      return nil
    }
    return map
  }
}

extension SunSpecChoice {
  fileprivate static func read(_ reader: inout ConfigurationReader) -> Self? {
    let device = reader.optional("device", .integer(1...SunSpecWalk.modelLimit, such: 2))
    let model = reader.optional("model", .integer(1...65_534, such: 203))
    let occurrence = reader.value("occurrence", .integer(1...SunSpecWalk.modelLimit, such: 2), default: 1)
    if let model, SunSpecModel(id: UInt16(model)) == nil {
      reader.report("model", "is none that is metered by: expected one of \(SunSpecModel.names)")
      return nil
    }
    return SunSpecChoice(device: device, model: model.map { UInt16($0) }, occurrence: occurrence)
  }
}

extension RegisterPoint {
  fileprivate static func read(
    _ reader: inout ConfigurationReader, _ units: KeyValuePairs<String, Int>, lowWordFirst: Bool
  ) -> Self? {
    let register = reader.required("register", .integer(0...65_535, such: 3_059))
    let form = reader.required("type", .registerForm)
    let unit = reader.required("unit", .oneOf(units))
    let scale = reader.value("scale", .multiplier, default: ConfigurationForm.one)
    let factor = reader.optional("scale_register", .integer(0...65_535, such: 3_070))
    guard let register, let form, let unit else { return nil }
    var point = Self(address: register, form: form)
    guard point.words.upperBound <= ModbusRequest.addressCount else {
      reader.report("register", "is \(register): a point of type \(form) reaches beyond register 65535 there")
      return nil
    }
    point.lowWordFirst = lowWordFirst
    point.scale = factor.map { .factor(at: $0) } ?? .fixed
    point.multiplier = scale.count
    point.exponent = unit + scale.exponent
    return point
  }
}

// MARK: Forms

/// What one count is worth: `count` · 10^`exponent`.
struct RegisterMultiplier: Hashable, Sendable {
  var count: Int64
  var exponent: Int
}

extension ConfigurationForm<MeterSource> {
  fileprivate static var map: Self {
    Self("`sunspec`, or a mapping with registers such as `energy_export`") { $0 == "sunspec" ? .sunSpec(.any) : nil }
  }
}

extension ConfigurationForm<ModbusRequest.Table> {
  fileprivate static var table: Self { .oneOf(["holding": .holding, "input": .input]) }
}

extension ConfigurationForm<Bool> {
  /// True where the word with the low bits comes first.
  fileprivate static var wordOrder: Self { .oneOf(["high-first": false, "low-first": true]) }
  /// True where positive power leaves the site.
  fileprivate static var sign: Self { .oneOf(["export-positive": true, "import-positive": false]) }
}

extension ConfigurationForm<RegisterForm> {
  fileprivate static var registerForm: Self {
    .oneOf([
      "int16": .int16, "uint16": .uint16, "int32": .int32, "uint32": .uint32, "int64": .int64, "uint64": .uint64,
      "float32": .float32,
    ])
  }
}

extension ConfigurationForm<Int> {
  /// Units as powers of ten of a watt.
  static var powers: KeyValuePairs<String, Int> { ["W": 0, "kW": 3, "MW": 6] }
  /// Units as powers of ten of a watt-hour.
  static var energies: KeyValuePairs<String, Int> { ["Wh": 0, "kWh": 3, "MWh": 6] }
}

extension ConfigurationForm<RegisterMultiplier> {
  static var one: RegisterMultiplier { RegisterMultiplier(count: 1, exponent: 0) }
  /// Finer ones leave nothing of a watt.
  private static var digits: Int { 6 }

  fileprivate static var multiplier: Self {
    Self("a decimal above 0 and up to 1000000 of at most \(digits) digits after the point, such as `0.1`") { text in
      guard let steps = ExactDecimal.parse(text, digits: digits), (1...1_000_000_000_000).contains(steps) else {
        return nil
      }
      var multiplier = RegisterMultiplier(count: steps, exponent: -digits)
      while multiplier.count.isMultiple(of: 10) {
        multiplier.count /= 10
        multiplier.exponent += 1
      }
      return multiplier
    }
  }
}
