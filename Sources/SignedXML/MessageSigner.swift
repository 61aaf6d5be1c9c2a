import CXMLSec

/// Signs SOAP messages the way WS-Security asks, with an X.509 certificate in the message.
///
/// Source of the form: OASIS WSS 1.1, X.509 Certificate Token Profile.
package struct MessageSigner: Sendable {
  /// The `wsu:Id` of the token that the signer adds.
  package static let tokenID = "X509Token"

  private let certificateText: String
  private let keyPEM: [UInt8]
  private let algorithms: SignatureAlgorithms

  /// Takes a certificate and its key and tries them.
  ///
  /// The signer's certificate is the first in its file; the private key is not encrypted.
  package init(
    certificatePEM: [UInt8], keyPEM: [UInt8], algorithms: SignatureAlgorithms
  ) throws(XMLProblem) {
    try algorithms.check()
    let certificate = try X509Certificate(pem: certificatePEM)
    certificateText = String(decoding: Base64.encode(try certificate.der()), as: UTF8.self)
    self.keyPEM = keyPEM
    self.algorithms = algorithms
    try certificate.checkKey(pem: keyPEM)
    _ = try sign(Self.probe, elements: ["Body"])
  }

  /// The least message there is, signed once at the start: a key that does not fit the algorithm shows there.
  private static let probe = Array(
    """
    <s:Envelope xmlns:s="\(WSSecurity.soap)" xmlns:u="\(WSSecurity.utility)"><s:Header/><s:Body u:Id="Body"/></s:Envelope>
    """.utf8)

  /// The envelope with a `Security` header as the first of its headers.
  ///
  /// Takes a SOAP 1.1 envelope with a `Header`, written by us, and the `wsu:Id` of each element to sign, in the order
  /// of the references. The token that carries the certificate is signed too.
  package func sign(_ envelope: [UInt8], elements: [String]) throws(XMLProblem) -> [UInt8] {
    let document = try XMLDocument(parsing: envelope, byteLimit: envelope.count)
    try XMLSecurity.exclusively { () throws(XMLProblem) in
      let signature = try addTemplate(to: document.pointer, elements: elements)
      try registerIDs(of: document.pointer)
      guard let context = xmlSecDSigCtxCreate(nil) else { throw .signing(reason: XMLSecurity.whatWentWrong) }
      defer { xmlSecDSigCtxDestroy(context) }
      context.pointee.signKey = try loadKey()
      guard xmlSecDSigCtxSign(context, signature) == 0, context.pointee.status == xmlSecDSigStatusSucceeded else {
        throw .signing(reason: XMLSecurity.whatWentWrong)
      }
    }
    return try document.serialized()
  }

  /// A key of its own for each signature, since the library's key is no value.
  private func loadKey() throws(XMLProblem) -> xmlSecKeyPtr {
    // An empty password, else OpenSSL would ask at the terminal for an encrypted key.
    let key = keyPEM.withUnsafeBufferPointer {
      xmlSecOpenSSLAppKeyLoadMemory($0.baseAddress, UInt32($0.count), xmlSecKeyDataFormatPem, "", nil, nil)
    }
    guard let key else { throw .credential(reason: "the private key cannot be read: \(XMLSecurity.whatWentWrong)") }
    return key
  }

  private func addTemplate(to document: xmlDocPtr, elements: [String]) throws(XMLProblem) -> xmlNodePtr {
    guard let root = xmlDocGetRootElement(document), root.isNamed("Envelope", in: WSSecurity.soap),
      let header = root.onlyChild("Header", in: WSSecurity.soap)
    else { throw .signing(reason: "no SOAP header to put the signature into") }
    let security = try Self.element("Security", in: nil, of: document)
    let secext = xmlNewNs(security, WSSecurity.secext, "wsse")
    let utility = xmlNewNs(security, WSSecurity.utility, "wsu")
    xmlSetNs(security, secext)
    if let first = header.pointee.children {
      xmlAddPrevSibling(first, security)
    } else {
      xmlAddChild(header, security)
    }
    let token = xmlNewChild(security, secext, "BinarySecurityToken", certificateText)
    xmlNewNsProp(token, utility, "Id", Self.tokenID)
    xmlNewProp(token, "EncodingType", WSSecurity.base64Encoding)
    xmlNewProp(token, "ValueType", WSSecurity.certificateToken)
    let signature = try signatureTemplate(document, references: elements + [Self.tokenID])
    xmlAddChild(security, signature)
    try Self.addTokenReference(to: signature, secext: secext)
    return signature
  }

  private func signatureTemplate(_ document: xmlDocPtr, references: [String]) throws(XMLProblem) -> xmlNodePtr {
    let canonical = xmlSecTransformExclC14NGetKlass()
    guard
      let signature = xmlSecTmplSignatureCreateNsPref(
        document, canonical, try algorithms.signatureTransform(), nil, "ds")
    else { throw .signing(reason: XMLSecurity.whatWentWrong) }
    let digest = try algorithms.digestTransform()
    for identifier in references {
      guard let reference = xmlSecTmplSignatureAddReference(signature, digest, nil, "#\(identifier)", nil),
        xmlSecTmplReferenceAddTransform(reference, canonical) != nil
      else {
        xmlFreeNode(signature)
        throw .signing(reason: XMLSecurity.whatWentWrong)
      }
    }
    return signature
  }

  private static func addTokenReference(to signature: xmlNodePtr, secext: xmlNsPtr?) throws(XMLProblem) {
    guard let keyInfo = xmlSecTmplSignatureEnsureKeyInfo(signature, nil) else {
      throw .signing(reason: XMLSecurity.whatWentWrong)
    }
    let indirection = xmlNewChild(keyInfo, secext, "SecurityTokenReference", nil)
    let reference = xmlNewChild(indirection, secext, "Reference", nil)
    xmlNewProp(reference, "URI", "#\(tokenID)")
    xmlNewProp(reference, "ValueType", WSSecurity.certificateToken)
  }

  private static func element(
    _ name: String, in namespace: xmlNsPtr?, of document: xmlDocPtr
  ) throws(XMLProblem) -> xmlNodePtr {
    guard let element = xmlNewDocNode(document, namespace, name, nil) else { throw .signing(reason: "no memory") }
    return element
  }
}
