import Testing

@testable import TelemetryCore
import TelemetrySimulation

struct CRC32CTests {
  /// RFC 3720, appendix B.4, and the check value of the catalogue of parametrised CRC algorithms.
  @Test func publishedVectorsAreMet() {
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum([UInt8](0..<32)) == 0x46DD_794E)
    #expect(CRC32C.checksum([UInt8]((0..<32).reversed())) == 0x113F_DB5C)
    #expect(CRC32C.checksum(Self.iscsiRead) == 0xD996_3A56)
    #expect(CRC32C.checksum([UInt8]("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.checksum([UInt8]()) == 0)
  }

  @Test func eightBytesAtOnceGiveWhatOneBitAtATimeGives() {
    var random = SeededRandom(seed: 1)
    let bytes = random.bytes(count: 100)
    for length in 0...bytes.count {
      #expect(CRC32C.checksum(bytes, in: 0..<length) == oneBitAtATime(bytes.prefix(length)), "length \(length)")
      let start = CRC32C.checksum(bytes, in: 0..<(length / 3))
      let whole = CRC32C.checksum(bytes, in: (length / 3)..<length, continuing: start)
      #expect(whole == oneBitAtATime(bytes.prefix(length)), "in two parts")
      #expect(CRC32C.checksum(bytes, in: (length / 3)..<length) == oneBitAtATime(bytes[(length / 3)..<length]))
    }
  }

  private func oneBitAtATime(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
    }
    return ~crc
  }

  /// The iSCSI SCSI Read (10) command of RFC 3720, appendix B.4.
  private static let iscsiRead: [UInt8] = [
    0x01, 0xC0, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, 0x18,
    0x28, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
  ]
}
