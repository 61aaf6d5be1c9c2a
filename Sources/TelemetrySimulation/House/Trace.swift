/// A digest of everything that happened, in the order in which it happened (FNV-1a, 64 bits).
///
/// The same seed gives the same one in every process and on every machine.
package struct Trace: Hashable, Sendable {
  package private(set) var hash: UInt64 = 0xCBF2_9CE4_8422_2325

  package mutating func note(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }

  package mutating func note(_ bytes: [UInt8]) { for byte in bytes { note(byte) } }

  package mutating func note(_ number: Int64) {
    for shift in stride(from: 0, to: 64, by: 8) { note(UInt8(truncatingIfNeeded: number >> Int64(shift))) }
  }

  package var text: String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
