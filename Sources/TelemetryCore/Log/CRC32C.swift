/// The checksum of every log frame: CRC-32C (Castagnoli), as iSCSI uses it.
///
/// Reflected polynomial 0x82F63B78, initial value and final exclusive-or of all ones (RFC 3720, section 12.1; its vectors
/// in appendix B.4). It finds every error burst of up to 32 bits, so every single flipped bit. Eight tables let one step
/// take eight bytes.
package enum CRC32C {
  /// The checksum of some bytes, or of all bytes before them and them, where those have `checksum` already.
  package static func checksum(_ bytes: Span<UInt8>, continuing checksum: UInt32 = 0) -> UInt32 {
    let table = tables.span
    var crc = ~checksum
    var offset = 0
    while bytes.count - offset >= 8 {
      let low = crc ^ littleEndian(bytes, at: offset)
      let high = littleEndian(bytes, at: offset + 4)
      crc = fourSteps(low, table, from: 4) ^ fourSteps(high, table, from: 0)
      offset += 8
    }
    while offset < bytes.count {
      crc = (crc >> 8) ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ bytes[offset])]
      offset += 1
    }
    return ~crc
  }

  package static func checksum(_ bytes: [UInt8]) -> UInt32 { checksum(bytes.span) }

  /// The checksum of the bytes in a range of indices.
  ///
  /// - Precondition: the range lies within the array.
  package static func checksum(_ bytes: [UInt8], in range: Range<Int>, continuing checksum: UInt32 = 0) -> UInt32 {
    self.checksum(bytes.span.extracting(range), continuing: checksum)
  }

  private static func littleEndian(_ bytes: Span<UInt8>, at offset: Int) -> UInt32 {
    UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16
      | UInt32(bytes[offset + 3]) << 24
  }

  /// What four bytes leave behind, looked up at once.
  ///
  /// The first of the four, the lowest in the word, has the farthest to travel and so the highest table.
  private static func fourSteps(_ word: UInt32, _ table: Span<UInt32>, from first: Int) -> UInt32 {
    table[(first + 3) << 8 | Int(word & 0xFF)]
      ^ table[(first + 2) << 8 | Int(word >> 8 & 0xFF)]
      ^ table[(first + 1) << 8 | Int(word >> 16 & 0xFF)]
      ^ table[first << 8 | Int(word >> 24)]
  }

  /// Eight tables of 256 in a row: table n is what a byte becomes after n further bytes of zero.
  private static let tables: [UInt32] = {
    var table = (0..<UInt32(256)).map { byte in
      (0..<8).reduce(byte) { crc, _ in crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
    }
    for index in 256..<(8 * 256) {
      let before = table[index - 256]
      table.append((before >> 8) ^ table[Int(before & 0xFF)])
    }
    return table
  }()
}
