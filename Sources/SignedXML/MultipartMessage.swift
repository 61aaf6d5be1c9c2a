/// A MIME message of several parts that belong together (RFC 2387), one envelope and what is attached to it.
package struct MultipartMessage: Hashable, Sendable {
  package struct Part: Hashable, Sendable {
    /// Without its angle brackets; empty where it has none.
    package var contentID: String
    package var contentType: String
    package var body: [UInt8]

    package init(contentID: String, contentType: String, body: [UInt8]) {
      self.contentID = contentID
      self.contentType = contentType
      self.body = body
    }
  }

  package var parts: [Part]

  package init(parts: [Part]) { self.parts = parts }

  /// Always the same, so that the same parts are the same bytes.
  ///
  /// XML that we write and Base64 have no line that begins with it.
  private static let boundary = "DERTelemetryd-part"

  /// The value of the header `Content-Type` for the bytes of a message of ours whose first part is this one.
  package static func contentType(startingWith contentID: String) -> String {
    "multipart/related; type=\"text/xml\"; start=\"<\(contentID)>\"; boundary=\"\(boundary)\""
  }

  /// The body of a request or an answer.
  ///
  /// - Precondition: no line of a part begins with the boundary.
  package func bytes() -> [UInt8] {
    let delimiter = Array("--\(Self.boundary)".utf8)
    var bytes: [UInt8] = []
    for part in parts {
      precondition(!part.body.hasLine(beginningWith: delimiter), "the boundary stands between parts only")
      bytes += delimiter
      bytes += Array("\r\nContent-Type: \(part.contentType)\r\nContent-ID: <\(part.contentID)>\r\n\r\n".utf8)
      bytes += part.body
      bytes += Array("\r\n".utf8)
    }
    return bytes + delimiter + Array("--\r\n".utf8)
  }
}

extension [UInt8] {
  fileprivate func hasLine(beginningWith prefix: [UInt8]) -> Bool {
    var isLineStart = true
    for index in indices {
      if isLineStart, self[index] == prefix[0], self[index...].starts(with: prefix) { return true }
      isLineStart = self[index] == 0x0A
    }
    return false
  }
}

// MARK: CAISO's use of it

extension MultipartMessage {
  /// The names of the two parts as known clients of the operator send them.
  package static let envelopeID = "payload"
  package static let attachmentID = "attachment.uue"

  /// An envelope, and the Base64 text of its attachment.
  ///
  /// The text is sent as it is: with a transfer encoding of its own, a receiver would undo the Base64 before it hashes.
  package init(envelope: [UInt8], attachment: [UInt8]) {
    parts = [
      Part(contentID: Self.envelopeID, contentType: "text/xml; charset=utf-8", body: envelope),
      Part(contentID: Self.attachmentID, contentType: "text/plain; charset=us-ascii", body: attachment),
    ]
  }
}
