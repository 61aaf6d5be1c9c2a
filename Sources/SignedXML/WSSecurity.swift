/// Names of WS-Security 1.1 (OASIS, 2004 and 2006) and XML Signature (W3C).
package enum WSSecurity {
  package static let soap = "http://schemas.xmlsoap.org/soap/envelope/"
  package static let secext =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
  package static let utility =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
  package static let signature = "http://www.w3.org/2000/09/xmldsig#"
  package static let exclusiveC14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
  static let certificateToken =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
  static let base64Encoding =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary"
}
