import SignedXML
import TelemetryCore

/// What makes one envelope different from every other.
struct CallIdentity: Hashable, Sendable {
  var created: UTCInstant
  var messageID: String
  /// Base64, as known clients send it.
  var nonce: String

  init(created: UTCInstant, messageID: String, nonce: String) {
    self.created = created
    self.messageID = messageID
    self.nonce = nonce
  }

  /// One that nobody has had before.
  init(created: UTCInstant) {
    var random = SystemRandomNumberGenerator()
    let bytes = (0..<24).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    let hexadecimal = bytes.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    self.init(
      created: created, messageID: hexadecimal,
      nonce: String(decoding: Base64.encode(Array(bytes.suffix(8))), as: UTF8.self))
  }
}

/// A call as it goes over the wire, with the digests that the ledger keeps of it.
struct PreparedCall: Hashable, Sendable {
  var service: ChannelService
  /// The payload before compression.
  var payload: [UInt8]
  var payloadDigest: Digest
  /// The signed envelope, with its attachment where that travels beside it: stored, sent, never made again.
  var envelope: [UInt8]
  var envelopeDigest: Digest
}

/// An answer as it came, before anybody judged it.
struct RawAnswer: Hashable, Sendable {
  var httpStatus: Int
  var body: [UInt8]
  var contentType = ""
  /// What the header of that name says; nil where it is missing or far too long.
  var retryAfter: String?
}
