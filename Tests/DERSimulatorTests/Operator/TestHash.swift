import Crypto
import SignedXML

enum TestHash {
  /// Base64 of the SHA-1 digest, which is how the channel hashes an attachment.
  static func sha1(_ bytes: [UInt8]) -> String {
    String(decoding: Base64.encode(Array(Insecure.SHA1.hash(data: bytes))), as: UTF8.self)
  }
}
