import Testing

@testable import TelemetryCore
import TelemetrySimulation

struct ByteCodecTests {
  @Test func theBytesAreTheOnesOfTheTable() {
    var writer = ByteWriter()
    writer.writeUInt32(0x0102_0304)
    writer.writeVarint(300)
    writer.writeZigzag(Int64(-2))
    writer.writeString("Wh")
    #expect(writer.bytes == [4, 3, 2, 1, 0xAC, 0x02, 0x03, 0x02, 0x57, 0x68])
  }

  @Test(arguments: [0, 1, -1, 63, 64, -64, -65, 8_191, 8_192, .max, .min, .max - 1, .min + 1] as [Int64])
  func everyIntegerComesBackAsItWasWritten(value: Int64) throws {
    let wide = Int128(value) * Int128(Int64.max) + Int128(value)
    var writer = ByteWriter()
    writer.writeUInt8(UInt8(truncatingIfNeeded: value))
    writer.writeUInt16(UInt16(truncatingIfNeeded: value))
    writer.writeUInt32(UInt32(truncatingIfNeeded: value))
    writer.writeUInt64(UInt64(bitPattern: value))
    writer.writeInt64(value)
    writer.writeInt128(wide)
    writer.writeVarint(UInt64(bitPattern: value))
    writer.writeZigzag(value)
    writer.writeZigzag(wide)

    var reader = ByteReader(writer.bytes)
    #expect(try reader.readUInt8() == UInt8(truncatingIfNeeded: value))
    #expect(try reader.readUInt16() == UInt16(truncatingIfNeeded: value))
    #expect(try reader.readUInt32() == UInt32(truncatingIfNeeded: value))
    #expect(try reader.readUInt64() == UInt64(bitPattern: value))
    #expect(try reader.readInt64() == value)
    #expect(try reader.readInt128() == wide)
    #expect(try reader.readVarint() == UInt64(bitPattern: value))
    #expect(try reader.readZigzag() == value)
    #expect(try reader.readZigzag128() == wide)
    try reader.expectEnd()
  }

  @Test func theWidestIntegersComeBack() throws {
    var writer = ByteWriter()
    writer.writeZigzag(Int128.max)
    writer.writeZigzag(Int128.min)
    writer.writeInt128(.min)
    var reader = ByteReader(writer.bytes)
    #expect(try reader.readZigzag128() == .max)
    #expect(try reader.readZigzag128() == .min)
    #expect(try reader.readInt128() == .min)
  }

  @Test func textAndBytesComeBackFromWithinASlice() throws {
    var writer = ByteWriter()
    writer.writeBytes([1, 2, 3], limit: 3)
    writer.writeString("Zürich ⚡️")
    writer.writeBool(true)
    var reader = ByteReader(([9, 9] + writer.bytes + [9])[2..<(2 + writer.count)])
    #expect(try Array(reader.readBytes(limit: 3)) == [1, 2, 3])
    #expect(try reader.readString() == "Zürich ⚡️")
    #expect(try reader.readBool())
    try reader.expectEnd()
  }

  @Test func whatIsWrongIsSaidWithItsPlace() {
    expect(.truncated, reading: [1]) { reader throws(DecodingProblem) in _ = try reader.readUInt16() }
    expect(.truncated, reading: [0x80]) { reader throws(DecodingProblem) in _ = try reader.readVarint() }
    expect(.overlongVarint, reading: [0x80, 0x00]) { reader throws(DecodingProblem) in _ = try reader.readVarint() }
    expect(.overlongVarint, reading: [UInt8](repeating: 0xFF, count: 9) + [0x02]) { reader throws(DecodingProblem) in
      _ = try reader.readVarint()
    }
    expect(.overlongVarint, reading: [UInt8](repeating: 0xFF, count: 18) + [0x04]) { reader throws(DecodingProblem) in
      _ = try reader.readZigzag128()
    }
    expect(.tooLong(limit: 2), reading: [3, 65, 65, 65]) { reader throws(DecodingProblem) in
      _ = try reader.readString(limit: 2)
    }
    expect(.truncated, reading: [3, 65]) { reader throws(DecodingProblem) in _ = try reader.readString() }
    expect(.notUTF8, reading: [2, 0xC3, 0x28]) { reader throws(DecodingProblem) in _ = try reader.readString() }
    expect(.invalidValue, reading: [2]) { reader throws(DecodingProblem) in _ = try reader.readBool() }
    expect(.invalidValue, reading: [9]) { reader throws(DecodingProblem) in _ = try reader.readCase(of: Flow.self) }
    expect(.truncated, reading: [5, 1, 1]) { reader throws(DecodingProblem) in _ = try reader.readCount() }
    expect(.truncated, reading: [5]) { reader throws(DecodingProblem) in _ = try reader.readRaw(count: -1) }
    #expect(throws: DecodingProblem(.trailingBytes, at: 0)) { try ByteReader([1]).expectEnd() }
  }

  @Test func textIsCutBetweenCharacters() {
    #expect("abc".cut(toBytes: 3) == "abc")
    #expect("aüc".cut(toBytes: 2) == "a")
    #expect("ab⚡️".cut(toBytes: 7) == "ab")
    #expect("ü".cut(toBytes: 0).isEmpty)
  }

  @Test(arguments: UInt64(0)..<200) func anyBytesAreReadWithoutATrap(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let bytes = random.bytes(count: Int.random(in: 0...64, using: &random))
    var reader = ByteReader(bytes)
    var readers = 0
    while readers < 200, !reader.isAtEnd {
      readers += 1
      let before = reader.offset
      do throws(DecodingProblem) {
        try readSomething(from: &reader, choice: Int.random(in: 0..<12, using: &random))
        #expect(reader.offset > before)
      } catch {
        #expect(error.byteOffset == before)
        #expect(reader.offset == before)
      }
    }
  }

  private func readSomething(from reader: inout ByteReader, choice: Int) throws(DecodingProblem) {
    switch choice {
    case 0: _ = try reader.readUInt8()
    case 1: _ = try reader.readUInt16()
    case 2: _ = try reader.readUInt32()
    case 3: _ = try reader.readInt64()
    case 4: _ = try reader.readInt128()
    case 5: _ = try reader.readVarint()
    case 6: _ = try reader.readZigzag()
    case 7: _ = try reader.readZigzag128()
    case 8: _ = try reader.readBytes(limit: 20)
    case 9: _ = try reader.readString()
    case 10: _ = try reader.readBool()
    default: _ = try reader.readCount()
    }
  }

  /// The value stands after two good bytes, so that its place is not 0.
  private func expect(
    _ cause: DecodingProblem.Cause, reading bytes: [UInt8],
    sourceLocation: SourceLocation = #_sourceLocation,
    _ read: (inout ByteReader) throws(DecodingProblem) -> Void
  ) {
    var reader = ByteReader([0xAA, 0xAA] + bytes)
    #expect(throws: DecodingProblem(cause, at: 2), sourceLocation: sourceLocation) {
      _ = try reader.readUInt16()
      try read(&reader)
    }
    #expect(reader.offset == 2, "the reader stands where the value at fault begins", sourceLocation: sourceLocation)
  }
}
