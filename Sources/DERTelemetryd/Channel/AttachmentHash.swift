import Crypto
import SignedXML

/// CAISO's hash of an attachment: Base64 of the SHA-1 digest of its Base64 text, whatever signs the message.
enum AttachmentHash {
  static func text(of attachment: [UInt8]) -> String {
    String(decoding: Base64.encode(Array(Insecure.SHA1.hash(data: attachment))), as: UTF8.self)
  }

  /// Where a sender broke the text into lines, the hash may be that of the text before or after.
  static func matches(_ hash: String, _ attachment: [UInt8]) -> Bool {
    let trimmed = hash.filter { !$0.isWhitespace }
    return trimmed == text(of: attachment) || trimmed == text(of: attachment.filter { $0 != 0x0D && $0 != 0x0A })
  }
}
