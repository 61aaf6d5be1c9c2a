import CXMLSec

/// How a message is signed, by the URIs of XML Signature.
package struct SignatureAlgorithms: Hashable, Sendable {
  package var signature: String
  package var digest: String

  package init(signature: String, digest: String) {
    self.signature = signature
    self.digest = digest
  }

  /// What known clients of the operator send.
  package static let rsaSHA1 = Self(
    signature: "http://www.w3.org/2000/09/xmldsig#rsa-sha1", digest: "http://www.w3.org/2000/09/xmldsig#sha1")

  package static let rsaSHA256 = Self(
    signature: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    digest: "http://www.w3.org/2001/04/xmlenc#sha256")

  package static let ecdsaSHA256 = Self(
    signature: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
    digest: "http://www.w3.org/2001/04/xmlenc#sha256")

  /// Throws unless both names are algorithms that a message can be signed with.
  package func check() throws(XMLProblem) {
    _ = try signatureTransform()
    _ = try digestTransform()
  }

  /// The signature algorithms with a public key: with any other, whoever knows the certificate could sign.
  static let acceptedSignatures = [rsaSHA1.signature, rsaSHA256.signature, ecdsaSHA256.signature]
  static let acceptedDigests = [rsaSHA1.digest, rsaSHA256.digest]

  func signatureTransform() throws(XMLProblem) -> xmlSecTransformId {
    guard Self.acceptedSignatures.contains(signature) else {
      throw .credential(reason: "\(signature) is not one of \(Self.acceptedSignatures.joined(separator: ", "))")
    }
    return try Self.transform(signature, usage: UInt32(xmlSecTransformUsageSignatureMethod))
  }

  func digestTransform() throws(XMLProblem) -> xmlSecTransformId {
    guard Self.acceptedDigests.contains(digest) else {
      throw .credential(reason: "\(digest) is not one of \(Self.acceptedDigests.joined(separator: ", "))")
    }
    return try Self.transform(digest, usage: UInt32(xmlSecTransformUsageDigestMethod))
  }

  static func transform(_ name: String, usage: UInt32) throws(XMLProblem) -> xmlSecTransformId {
    XMLSecurity.initialize()
    guard let found = xmlSecTransformIdListFindByHref(xmlSecTransformIdsGet(), name, usage) else {
      throw .credential(reason: "\(name) is no algorithm that the XML security library offers here")
    }
    return found
  }
}
