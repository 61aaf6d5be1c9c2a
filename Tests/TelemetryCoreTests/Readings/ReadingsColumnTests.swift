import TelemetrySimulation
import Testing

@testable import TelemetryCore

@Suite struct ReadingsColumnTests {
  private func bytes(_ values: [Int64]) -> [UInt8] {
    var column = ReadingsColumn()
    for value in values { column.append(value) }
    var writer = ByteWriter()
    column.write(to: &writer)
    return writer.bytes
  }

  private func values(_ bytes: [UInt8], count: Int) throws -> [Int64] {
    var column = ReadingsColumn()
    var reader = ByteReader(bytes)
    try column.read(count: count, from: &reader)
    try reader.expectEnd()
    return column.values
  }

  @Test func equalValuesTakeTheRoomOfOne() {
    #expect(bytes([]) == [])
    #expect(bytes([0, 0, 0]) == [0])
    #expect(bytes(Array(repeating: -2, count: 1_000)) == [0x40, 3])
  }

  @Test func valuesThatAreAlikeArePackedAndOneThatIsNotStandsBeside() throws {
    #expect(bytes([105, 106, 107, 104]) == [0x42, 0xD0, 0x01, 0b0011_1001])
    #expect(bytes([5, 6, 7, 4]) == [0x03, 0b1111_0101, 0b0000_1001], "a least that gains nothing is left out")
    var many = (0..<64).map { Int64($0 % 4) }
    many[9] = 1 << 50
    let packed = bytes(many)
    #expect(packed.count == 1 + 1 + 1 + 7 + 16)
    #expect(try values(packed, count: 64) == many)
  }

  @Test(arguments: [
    [Int64.min, Int64.max], [Int64.min, 0, -1], [Int64.max, 0], [-1, 0, 1], [Int64.min],
    [0, 1, 3, 7, 1 << 20, 1 << 40, 1 << 62],
  ])
  func theEndsOfTheRangeComeBack(list: [Int64]) throws {
    #expect(try values(bytes(list), count: list.count) == list)
  }

  @Test(arguments: 0..<64) func everyWidthComesBack(width: Int) throws {
    var random = SeededRandom(seed: UInt64(width))
    let list = (0..<50).map { _ in Int64(bitPattern: random.next() >> UInt64(63 - width)) - 17 }
    #expect(try values(bytes(list), count: 50) == list, "width \(width)")
  }
}
