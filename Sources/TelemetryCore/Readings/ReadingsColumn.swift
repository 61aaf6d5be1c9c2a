/// One column of a readings record: integers that are much alike, in as few bits as most of them need.
///
///     head        1 byte    bits 0 … 5: the width, how many bits of each value are packed; bit 6: the least follows;
///                           bit 7: there are exceptions
///     least       varint    zigzag; what is subtracted from each value, 0 where it is not written
///     exceptions  varint    how many values need more bits than the width, then for each:
///                   …       places since the one before it, varint; the bits above the width, varint
///     packed      ⌈count × width / 8⌉ bytes, the lowest bits of the first value first
///
/// How many values there are is known from elsewhere. An empty column has no bytes.
struct ReadingsColumn {
  private static let widest = 63
  private static let leastFlag: UInt8 = 0x40
  private static let exceptionFlag: UInt8 = 0x80

  private(set) var values: [Int64] = []

  var count: Int { values.count }

  mutating func append(_ value: Int64) { values.append(value) }

  /// Forgets the values and keeps the room.
  mutating func removeAll() { values.removeAll(keepingCapacity: true) }

  // MARK: Writing

  func write(to writer: inout ByteWriter) {
    guard let plan = bestPlan() else { return }
    let (least, width) = (plan.least, plan.width)
    let exceptionCount = values.count { Self.distance(from: least, to: $0) >> UInt64(width) != 0 }
    writer.writeUInt8(
      UInt8(width) | (least != 0 ? Self.leastFlag : 0) | (exceptionCount > 0 ? Self.exceptionFlag : 0))
    if least != 0 { writer.writeZigzag(least) }
    if exceptionCount > 0 { writeExceptions(exceptionCount, least, width, to: &writer) }
    guard width > 0 else { return }
    var bits = BitPacker()
    for value in values { bits.pack(Self.distance(from: least, to: value), width: width, into: &writer) }
    bits.finish(into: &writer)
  }

  private func writeExceptions(_ count: Int, _ least: Int64, _ width: Int, to writer: inout ByteWriter) {
    writer.writeVarint(UInt64(count))
    var last = 0
    for (place, value) in values.enumerated() {
      let high = Self.distance(from: least, to: value) >> UInt64(width)
      guard high != 0 else { continue }
      writer.writeVarint(UInt64(place - last))
      writer.writeVarint(high)
      last = place
    }
  }

  /// Also right where the difference does not fit a signed integer.
  private static func distance(from least: Int64, to value: Int64) -> UInt64 { UInt64(bitPattern: value &- least) }

  private struct Plan {
    var least: Int64
    var width: Int
    /// Bits, those that every column has left out.
    var cost: Int
  }

  /// Values that are not alike gain nothing from their least, which then takes more room than it saves.
  private func bestPlan() -> Plan? {
    guard let least = values.min() else { return nil }
    var best = plan(subtracting: least)
    if least > 0 {
      let plain = plan(subtracting: 0)
      if plain.cost < best.cost + (70 - least.leadingZeroBitCount) / 7 * 8 { best = plain }
    }
    return best
  }

  /// The width that makes the column shortest, values that do not fit it counted with what they cost beside it.
  private func plan(subtracting least: Int64) -> Plan {
    var counts = [65 of Int](repeating: 0)
    var longest = 0
    for value in values {
      let length = 64 - Self.distance(from: least, to: value).leadingZeroBitCount
      counts[length] += 1
      longest = max(longest, length)
    }
    var best = Plan(least: least, width: 0, cost: .max)
    for width in 0...min(longest, Self.widest) {
      var cost = values.count * width + (width < longest ? 8 : 0)
      for length in width..<longest { cost += counts[length + 1] * 8 * (1 + (length + 1 - width + 6) / 7) }
      if cost < best.cost { best = Plan(least: least, width: width, cost: cost) }
    }
    return best
  }

  // MARK: Reading

  /// Reads so many values, whatever the bytes are.
  ///
  /// The caller bounds the count: a column of equal values takes two bytes however long it is.
  mutating func read(count: Int, from reader: inout ByteReader) throws(DecodingProblem) {
    removeAll()
    guard count > 0 else { return }
    let start = reader.offset
    let head = try reader.readUInt8()
    let width = Int(head) & Self.widest
    let least = head & Self.leastFlag == 0 ? 0 : try reader.readZigzag()
    let exceptions = head & Self.exceptionFlag == 0 ? [] : try Self.readExceptions(count, width, &reader)
    let packed = try reader.readRaw(count: (count * width + 7) / 8)
    values.reserveCapacity(count)
    var bits = BitUnpacker(packed)
    for _ in 0..<count { values.append(least &+ Int64(bitPattern: bits.unpack(width: width))) }
    guard bits.restIsZero else { throw DecodingProblem(.invalidValue, at: start) }
    for (place, high) in exceptions { values[place] &+= Int64(bitPattern: high << UInt64(width)) }
  }

  /// - Throws: where a product is wider than 64 bits.
  mutating func multiply(by factor: Int64, at offset: Int) throws(DecodingProblem) {
    guard factor > 1 else { return }
    for index in values.indices {
      let (product, overflows) = values[index].multipliedReportingOverflow(by: factor)
      guard !overflows else { throw DecodingProblem(.invalidValue, at: offset) }
      values[index] = product
    }
  }

  private static func readExceptions(
    _ count: Int, _ width: Int, _ reader: inout ByteReader
  ) throws(DecodingProblem) -> [(place: Int, high: UInt64)] {
    let start = reader.offset
    var exceptions: [(place: Int, high: UInt64)] = []
    var place = 0
    for index in 0..<(try reader.readCount()) {
      let step = try reader.readVarint()
      let high = try reader.readVarint()
      let isInOrder = index == 0 || step > 0
      guard isInOrder, step < UInt64(count - place), high != 0, high.leadingZeroBitCount >= width else {
        throw DecodingProblem(.invalidValue, at: start)
      }
      place += Int(step)
      exceptions.append((place, high))
    }
    return exceptions
  }
}

/// Puts values of some bits each behind each other.
private struct BitPacker {
  private var rest: UInt64 = 0
  private var restWidth = 0

  /// - Precondition: the width is 1 … 64; what the value has above it is left out.
  mutating func pack(_ value: UInt64, width: Int, into writer: inout ByteWriter) {
    guard width <= 32 else {
      pack(value & 0xFFFF_FFFF, width: 32, into: &writer)
      pack(value >> 32, width: width - 32, into: &writer)
      return
    }
    rest |= (value & (1 << UInt64(width) - 1)) << UInt64(restWidth)
    restWidth += width
    while restWidth >= 8 {
      writer.writeUInt8(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
      restWidth -= 8
    }
  }

  mutating func finish(into writer: inout ByteWriter) {
    if restWidth > 0 { writer.writeUInt8(UInt8(truncatingIfNeeded: rest)) }
  }
}

/// Takes the values out again.
private struct BitUnpacker {
  private let bytes: ArraySlice<UInt8>
  private var next: Int
  private var rest: UInt64 = 0
  private var restWidth = 0

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    next = bytes.startIndex
  }

  /// - Precondition: there are so many bits.
  mutating func unpack(width: Int) -> UInt64 {
    guard width <= 32 else {
      let low = unpack(width: 32)
      return low | unpack(width: width - 32) << 32
    }
    while restWidth < width {
      rest |= UInt64(bytes[next]) << UInt64(restWidth)
      next += 1
      restWidth += 8
    }
    let value = rest & (1 << UInt64(width) - 1)
    rest >>= UInt64(width)
    restWidth -= width
    return value
  }

  /// The bits that fill up the last byte: each value has one encoding.
  var restIsZero: Bool { rest == 0 && next == bytes.endIndex }
}
