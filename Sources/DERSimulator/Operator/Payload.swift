import Crypto
import SignedXML

/// The part of a message that the service itself is about.
struct Payload: Sendable {
  /// Bytes, uncompressed: what CAISO's submission guide allows (15 MB).
  static let byteLimit = 15 << 20
  /// More elements than fit into that many bytes with names of CAISO's length.
  static let elementLimit = 1 << 20

  let root: XMLElement
  /// SHA-256 of the uncompressed payload, hexadecimal; nil where it is not an attachment.
  let digest: String?

  /// What travels beside the envelope, else the attachment of a DocAttach body, else what stands in the body itself.
  init(_ envelope: borrowing Envelope, beside attachment: [UInt8]? = nil) throws(Refusal) {
    if let attachment {
      guard try envelope.text("string(count(/soap:Envelope/soap:Body//*))") == "0" else {
        throw Refusal("The body holds something beside the attachment.")
      }
      try self.init(bytes: try Self.open(attachment))
      return
    }
    let attachments = try envelope.texts(
      "/soap:Envelope/soap:Body/attachment:ISOAttachment/attachment:AttachmentValue")
    guard let text = attachments.first else {
      self.init(root: try Self.root(inside: envelope), digest: nil)
      return
    }
    guard attachments.count == 1, try envelope.text("string(count(/soap:Envelope/soap:Body//*))") == "2" else {
      throw Refusal("The body holds something beside one attachment.")
    }
    try Self.checkHash(of: text, in: envelope)
    try self.init(bytes: try Self.open(text.utf8))
  }

  /// What an attachment holds.
  init(bytes: [UInt8]) throws(Refusal) {
    self.init(root: try Self.root(of: bytes), digest: Hex.text(SHA256.hash(data: bytes)))
  }

  private init(root: XMLElement, digest: String?) {
    self.root = root
    self.digest = digest
  }

  private static func root(inside envelope: borrowing Envelope) throws(Refusal) -> XMLElement {
    do {
      let root = try envelope.document.root(limit: elementLimit)
      let body = root.children.first { $0.name == "Body" && $0.namespace == CAISONames.soap }
      guard let body, body.children.count == 1 else { throw Refusal("The body does not hold one message.") }
      return body.children[0]
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      throw Refusal("The message cannot be read: \(error)")
    }
  }

  private static func root(of bytes: [UInt8]) throws(Refusal) -> XMLElement {
    do {
      return try XMLDocument(parsing: bytes, byteLimit: byteLimit).root(limit: elementLimit)
    } catch {
      throw Refusal("The attachment cannot be read: \(error)")
    }
  }

  /// The hash that the plain service asks for, checked where a client sends it: SHA-1 over the Base64 text.
  private static func checkHash(of text: String, in envelope: borrowing Envelope) throws(Refusal) {
    let found = try envelope.texts("/soap:Envelope/soap:Header/hash:attachmentHash/*[local-name()='hashValue']")
    guard let hash = found.first else { return }
    let expected = Base64.encode(Array(Insecure.SHA1.hash(data: Array(text.utf8))))
    guard found.count == 1, Array(hash.utf8) == expected else {
      throw Refusal("The attachment does not match its hash.")
    }
  }

  /// Base64, then gzip.
  static func open(_ text: some Sequence<UInt8>) throws(Refusal) -> [UInt8] {
    guard let compressed = Base64.decode(text) else { throw Refusal("The attachment is not Base64.") }
    do {
      return try Gzip.decompress(compressed, byteLimit: byteLimit)
    } catch {
      switch error {
      case .tooLong(let limit): throw Refusal("The attachment is longer than \(limit) bytes uncompressed.")
      case .damaged: throw Refusal("The attachment is not gzip, or damaged.")
      }
    }
  }
}

/// Bytes as people write them.
enum Hex {
  static func text(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
