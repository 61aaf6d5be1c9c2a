import CXMLSec

/// What a signature was found to show.
package struct SignedMessage: Hashable, Sendable {
  /// The signer's certificate as DER.
  package var certificate: [UInt8]
  /// The local names of the signed elements that stand where they count: the `Body` and the headers of the envelope.
  package var signedParts: Set<String>
}

/// Checks the WS-Security signature of a SOAP message.
package enum SignatureCheck {
  /// References are resolved and hashed one by one, so their number is a cost to us.
  private static let referenceLimit = 32

  /// Verifies a message and tells who signed what.
  ///
  /// A signature names elements by ID, wherever they stand. So that nobody can move a signed element aside and put
  /// another one in its place, each required part must be the very element that was signed: the only `Body` of the
  /// envelope, or the only header of that name. Required parts are local names such as `Body` and `CAISOWSHeader`.
  package static func verify(
    envelope: [UInt8], byteLimit: Int, trustedCertificatesPEM: [UInt8], requiredParts: [String]
  ) throws(XMLProblem) -> SignedMessage {
    let document = try XMLDocument(parsing: envelope, byteLimit: byteLimit)
    return try XMLSecurity.exclusively { () throws(XMLProblem) in
      try registerIDs(of: document.pointer)
      let parts = try MessageParts(document.pointer)
      let certificate = try X509Certificate(der: parts.certificateDER())
      try certificate.checkChain(trustedPEM: trustedCertificatesPEM)
      try check(parts.signature, with: certificate)
      let signed = try signedElements(parts.signature, of: document.pointer)
      let names = try signedNames(parts, signed: signed, required: requiredParts)
      return SignedMessage(certificate: try certificate.der(), signedParts: names)
    }
  }

  private static func check(_ signature: xmlNodePtr, with certificate: borrowing X509Certificate) throws(XMLProblem) {
    guard let context = xmlSecDSigCtxCreate(nil), let input = MemoryInput(try certificate.der()) else {
      throw .signature(reason: "no memory")
    }
    defer { xmlSecDSigCtxDestroy(context) }
    guard let key = xmlSecOpenSSLAppKeyFromCertLoadBIO(input.pointer, xmlSecKeyDataFormatDer) else {
      throw .signature(reason: "the token's key cannot be used: \(XMLSecurity.whatWentWrong)")
    }
    context.pointee.signKey = key
    context.pointee.enabledReferenceUris = UInt32(xmlSecTransformUriTypeSameDocument)
    try enableTransforms(context)
    guard xmlSecDSigCtxVerify(context, signature) == 0 else {
      throw .signature(reason: XMLSecurity.whatWentWrong)
    }
    guard context.pointee.status == xmlSecDSigStatusSucceeded else {
      throw .signature(reason: "it does not match what was signed: \(XMLSecurity.whatWentWrong)")
    }
  }

  /// Nothing but exclusive C14N and the known algorithms: transforms such as XPath decide themselves what is hashed.
  private static func enableTransforms(_ context: xmlSecDSigCtxPtr) throws(XMLProblem) {
    let canonical = xmlSecTransformExclC14NGetKlass()
    guard xmlSecDSigCtxEnableReferenceTransform(context, canonical) == 0,
      xmlSecDSigCtxEnableSignatureTransform(context, canonical) == 0
    else { throw .signature(reason: "no memory") }
    for name in SignatureAlgorithms.acceptedDigests {
      let transform = try SignatureAlgorithms.transform(name, usage: UInt32(xmlSecTransformUsageDigestMethod))
      xmlSecDSigCtxEnableReferenceTransform(context, transform)
    }
    for name in SignatureAlgorithms.acceptedSignatures {
      let transform = try SignatureAlgorithms.transform(name, usage: UInt32(xmlSecTransformUsageSignatureMethod))
      xmlSecDSigCtxEnableSignatureTransform(context, transform)
    }
  }

  private static func signedElements(
    _ signature: xmlNodePtr, of document: xmlDocPtr
  ) throws(XMLProblem) -> [xmlNodePtr] {
    guard let information = signature.onlyChild("SignedInfo", in: WSSecurity.signature) else {
      throw .signature(reason: "no SignedInfo")
    }
    let references = information.children("Reference", in: WSSecurity.signature)
    guard references.count <= referenceLimit else { throw .signature(reason: "more than \(referenceLimit) references") }
    var elements: [xmlNodePtr] = []
    for reference in references {
      guard let name = reference.attribute("URI"), name.first == "#", !name.contains("("),
        let attribute = xmlGetID(document, String(name.dropFirst())), let element = attribute.pointee.parent
      else { throw .signature(reason: "a reference names no element by its ID") }
      elements.append(element)
    }
    return elements
  }

  private static func signedNames(
    _ parts: MessageParts, signed: [xmlNodePtr], required: [String]
  ) throws(XMLProblem) -> Set<String> {
    var names: Set<String> = signed.contains(parts.token) ? [parts.token.localName] : []
    for element in parts.elements where signed.contains(element) { names.insert(element.localName) }
    for name in required {
      let candidates = name == "Body" ? [parts.body] : parts.headers.filter { $0.localName == name }
      guard candidates.count == 1 else { throw .signature(reason: "\(candidates.count) headers named \(name)") }
      guard signed.contains(candidates[0]) else { throw .signature(reason: "\(name) is not what was signed") }
    }
    return names
  }
}

/// The places of an envelope that matter to a signature, each there exactly once.
private struct MessageParts {
  let body: xmlNodePtr
  let headers: [xmlNodePtr]
  let signature: xmlNodePtr
  let token: xmlNodePtr

  var elements: [xmlNodePtr] { headers + [body] }

  init(_ document: xmlDocPtr) throws(XMLProblem) {
    guard let root = xmlDocGetRootElement(document), root.isNamed("Envelope", in: WSSecurity.soap),
      let header = root.onlyChild("Header", in: WSSecurity.soap),
      let body = root.onlyChild("Body", in: WSSecurity.soap)
    else { throw .signature(reason: "not a SOAP envelope with one header and one body") }
    guard let security = header.onlyChild("Security", in: WSSecurity.secext),
      let signature = security.onlyChild("Signature", in: WSSecurity.signature),
      let token = security.onlyChild("BinarySecurityToken", in: WSSecurity.secext)
    else { throw .signature(reason: "not one Security header with one token and one signature") }
    let reference = signature.onlyChild("KeyInfo", in: WSSecurity.signature)?
      .onlyChild("SecurityTokenReference", in: WSSecurity.secext)?
      .onlyChild("Reference", in: WSSecurity.secext)?.attribute("URI")
    guard let identifier = token.attribute("Id", in: WSSecurity.utility), reference == "#\(identifier)" else {
      throw .signature(reason: "the key is not the one of the token")
    }
    self.body = body
    self.headers = header.childElements
    self.signature = signature
    self.token = token
  }

  func certificateDER() throws(XMLProblem) -> [UInt8] {
    guard let der = Base64.decode(token.text.utf8) else { throw .signature(reason: "the token is not Base64") }
    return der
  }
}
