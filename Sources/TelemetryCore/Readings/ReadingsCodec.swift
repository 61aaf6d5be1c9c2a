// The bytes of a readings record, kind 129. It decodes by itself but for the names of its sites.
//
//     format      1 byte    1
//     boot        8 bytes   the first of the boot's UUID
//     uptime      varint    ms since boot, when the readings were given to the log
//     utc         varint    zigzag, ms since 1970, at the same moment
//     clock       1 byte    0 unknown, 1 synchronised, 2 unsynchronised
//     count       varint    readings, 1 … 65,536
//     site        varint    the first reading's place in the list of sites
//     instant     varint    zigzag, ms of the first reading since utc
//     sites       column    of the others: place less the place before it
//     instants    column    of the others: ms since the reading before it
//     absent      column    bit 0 power, bit 1 export, bit 2 import
//     exponent    1 byte    power is in counts of 10^exponent mW; only where some reading has power
//     power       column    of those that have it
//     export      columns   scale, then count, of those that have it
//     import      columns   the same
//
// A column is written as `ReadingsColumn` says.

private enum Absence {
  static let power: Int64 = 1
  static let export: Int64 = 2
  static let `import`: Int64 = 4
}

/// A register column: scales, then counts.
private struct RegisterColumns {
  var scales = ReadingsColumn()
  var counts = ReadingsColumn()

  mutating func append(_ register: EnergyRegister?) -> Bool {
    guard let register else { return false }
    scales.append(Int64(register.scale))
    counts.append(Int64(bitPattern: register.raw))
    return true
  }

  mutating func removeAll() {
    scales.removeAll()
    counts.removeAll()
  }

  func write(to writer: inout ByteWriter) {
    scales.write(to: &writer)
    counts.write(to: &writer)
  }

  mutating func read(count: Int, from reader: inout ByteReader) throws(DecodingProblem) {
    try scales.read(count: count, from: &reader)
    try counts.read(count: count, from: &reader)
  }

  func register(_ place: Int, at offset: Int) throws(DecodingProblem) -> EnergyRegister {
    guard let scale = Int8(exactly: scales.values[place]),
      let register = EnergyRegister(raw: UInt64(bitPattern: counts.values[place]), scale: scale)
    else { throw DecodingProblem(.invalidValue, at: offset) }
    return register
  }
}

private struct ReadingColumns {
  var sites = ReadingsColumn()
  var instants = ReadingsColumn()
  var absent = ReadingsColumn()
  var powers = ReadingsColumn()
  var exports = RegisterColumns()
  var imports = RegisterColumns()

  mutating func removeAll() {
    sites.removeAll()
    instants.removeAll()
    absent.removeAll()
    powers.removeAll()
    exports.removeAll()
    imports.removeAll()
  }

  mutating func append(_ readings: [SiteReading]) {
    var last: SiteReading?
    for reading in readings {
      if let last {
        sites.append(Int64(reading.site.position) - Int64(last.site.position))
        instants.append((reading.instant - last.instant).count)
      }
      last = reading
      var bits: Int64 = 0
      if let power = reading.power { powers.append(power.milliwatts) } else { bits |= Absence.power }
      if !exports.append(reading.export) { bits |= Absence.export }
      if !imports.append(reading.import) { bits |= Absence.import }
      absent.append(bits)
    }
  }
}

/// Writes readings records, and keeps its room from one to the next.
package struct ReadingsEncoder: Sendable {
  private var columns = ReadingColumns()
  private var writer = ByteWriter()

  package init() {}

  /// The record of a frame.
  ///
  /// - Precondition: 1 … ``ReadingsFrame/readingLimit`` readings.
  package mutating func encode(_ frame: ReadingsFrame) -> LogRecord {
    precondition(
      (1...ReadingsFrame.readingLimit).contains(frame.readings.count), "a frame has readings, and not too many")
    columns.removeAll()
    columns.append(frame.readings)
    writer.removeAll()
    writer.writeUInt8(1)
    writer.writeUInt64(frame.clock.boot.number)
    writer.writeVarint(UInt64(max(0, frame.clock.moment.uptime.milliseconds)))
    writer.write(frame.clock.moment.utc)
    writer.writeUInt8(frame.clock.synchronisation.rawValue)
    writer.writeVarint(UInt64(frame.readings.count))
    writer.writeVarint(UInt64(frame.readings[0].site.position))
    writer.writeZigzag((frame.readings[0].instant - frame.clock.moment.utc).count)
    columns.sites.write(to: &writer)
    columns.instants.write(to: &writer)
    columns.absent.write(to: &writer)
    writePowers()
    columns.exports.write(to: &writer)
    columns.imports.write(to: &writer)
    return LogRecord(kind: ReadingsRecordKind.readings.rawValue, payload: writer.bytes)
  }

  /// Devices count power in watts or tenths, seldom in milliwatts.
  private mutating func writePowers() {
    guard columns.powers.count > 0 else { return }
    let (exponent, factor) = PowerScale.largest(for: columns.powers.values)
    writer.writeUInt8(exponent)
    guard factor > 1 else { return columns.powers.write(to: &writer) }
    var scaled = ReadingsColumn()
    for value in columns.powers.values { scaled.append(value / factor) }
    scaled.write(to: &writer)
  }
}

private enum PowerScale {
  static let exponents: ClosedRange<UInt8> = 0...9

  /// The largest power of ten that divides all the values.
  static func largest(for values: [Int64]) -> (exponent: UInt8, factor: Int64) {
    var (exponent, factor): (UInt8, Int64) = (0, 1)
    while exponent < exponents.upperBound, values.allSatisfy({ $0.isMultiple(of: factor * 10) }) {
      exponent += 1
      factor *= 10
    }
    return (exponent, factor)
  }

  static func factor(_ exponent: UInt8) -> Int64 { (0..<exponent).reduce(1) { factor, _ in factor * 10 } }
}

/// Reads readings records, and keeps its room from one to the next.
package struct ReadingsDecoder: Sendable {
  private var columns = ReadingColumns()

  package init() {}

  /// Reads what follows the format, whatever the bytes are.
  mutating func read(_ reader: inout ByteReader) throws(DecodingProblem) -> ReadingsFrame {
    let boot = BootID(try reader.readUInt64())
    let start = reader.offset
    guard let uptime = Int64(exactly: try reader.readVarint()) else { throw DecodingProblem(.invalidValue, at: start) }
    let utc = try reader.readInstant()
    let synchronisation: ClockSynchronisation = try reader.readCase()
    let count = try readCount(&reader)
    let place = Int64(truncatingIfNeeded: try reader.readVarint())
    let instant = utc.milliseconds &+ (try reader.readZigzag())
    try columns.sites.read(count: count - 1, from: &reader)
    try columns.instants.read(count: count - 1, from: &reader)
    try columns.absent.read(count: count, from: &reader)
    try readValues(&reader)
    let clock = HostClock(
      boot: boot, moment: Moment(utc: utc, uptime: UptimeInstant(milliseconds: uptime)),
      synchronisation: synchronisation)
    return ReadingsFrame(clock: clock, readings: try readings(from: place, instant, at: start))
  }

  private func readCount(_ reader: inout ByteReader) throws(DecodingProblem) -> Int {
    let start = reader.offset
    let count = try reader.readVarint()
    guard (1...UInt64(ReadingsFrame.readingLimit)).contains(count) else {
      throw DecodingProblem(.tooLong(limit: ReadingsFrame.readingLimit), at: start)
    }
    return Int(count)
  }

  private mutating func readValues(_ reader: inout ByteReader) throws(DecodingProblem) {
    let start = reader.offset
    let known = Absence.power | Absence.export | Absence.import
    guard columns.absent.values.allSatisfy({ $0 & ~known == 0 }) else {
      throw DecodingProblem(.invalidValue, at: start)
    }
    columns.powers.removeAll()
    let powerCount = count(without: Absence.power)
    if powerCount > 0 {
      let exponent = try reader.readUInt8()
      guard PowerScale.exponents.contains(exponent) else { throw DecodingProblem(.invalidValue, at: start) }
      try columns.powers.read(count: powerCount, from: &reader)
      try columns.powers.multiply(by: PowerScale.factor(exponent), at: start)
    }
    try columns.exports.read(count: count(without: Absence.export), from: &reader)
    try columns.imports.read(count: count(without: Absence.import), from: &reader)
  }

  private func count(without bit: Int64) -> Int { columns.absent.values.count { $0 & bit == 0 } }

  private func readings(
    from firstPlace: Int64, _ firstInstant: Int64, at offset: Int
  ) throws(DecodingProblem) -> [SiteReading] {
    var readings: [SiteReading] = []
    readings.reserveCapacity(columns.absent.count)
    var (place, instant) = (firstPlace, firstInstant)
    var (power, export, `import`) = (0, 0, 0)
    for (index, absent) in columns.absent.values.enumerated() {
      if index > 0 {
        place &+= columns.sites.values[index - 1]
        instant &+= columns.instants.values[index - 1]
      }
      guard (0..<Int64(ReadingsRecord.siteLimit)).contains(place), ByteReader.isInstant(instant) else {
        throw DecodingProblem(.invalidValue, at: offset)
      }
      var reading = SiteReading(
        site: SiteIndex(Int(place)), instant: UTCInstant(milliseconds: instant), power: nil, export: nil, import: nil)
      if absent & Absence.power == 0 {
        reading.power = Power(milliwatts: columns.powers.values[power])
        power += 1
      }
      if absent & Absence.export == 0 {
        reading.export = try columns.exports.register(export, at: offset)
        export += 1
      }
      if absent & Absence.import == 0 {
        reading.import = try columns.imports.register(`import`, at: offset)
        `import` += 1
      }
      readings.append(reading)
    }
    return readings
  }
}
