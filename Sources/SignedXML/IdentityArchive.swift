import CXMLSec

/// A PKCS#12 file (RFC 7292; `.pfx`, `.p12`), as operators hand out an identity: key, certificate and its issuers.
package struct IdentityArchive: Sendable {
  /// A file with a key and a handful of certificates takes 2 to 10 KiB.
  package static let byteLimit = 1 << 20
  private static let issuerLimit = 16

  /// PKCS#8, not encrypted: whoever has it is who the certificate names.
  package let keyPEM: [UInt8]
  /// The one of the key.
  package let certificatePEM: [UInt8]
  /// Every other certificate of the file, each by itself, in its order.
  package let issuerPEMs: [[UInt8]]

  /// Opens a file.
  ///
  /// - Throws: with words that say what is wrong: no such file at all, a wrong password, a cipher that OpenSSL does not
  ///   offer here, no key, or no certificate that fits the key.
  package init(_ bytes: [UInt8], password: String) throws(XMLProblem) {
    guard bytes.count <= Self.byteLimit else { throw .tooLong(byteLimit: Self.byteLimit) }
    guard !password.utf8.contains(0) else { throw .credential(reason: "the password contains a zero byte") }
    XMLSecurity.initialize()
    ERR_clear_error()
    defer { ERR_clear_error() }
    guard let input = MemoryInput(bytes), let archive = d2i_PKCS12_bio(input.pointer, nil) else {
      throw .credential(reason: "is no PKCS#12 file, or a damaged one")
    }
    defer { PKCS12_free(archive) }
    // Old programs encrypt by RC2, which OpenSSL 3 has put aside; the fallbacks stay, so that nothing else is lost.
    let offersOldCiphers = OSSL_PROVIDER_try_load(nil, "legacy", 1) != nil
    try Self.checkPassword(password, of: archive)

    var key: OpaquePointer?
    var certificate: OpaquePointer?
    var others: OpaquePointer?
    let isParsed = PKCS12_parse(archive, password, &key, &certificate, &others) == 1
    defer {
      EVP_PKEY_free(key)
      X509_free(certificate)
      Self.free(others)
    }
    guard isParsed else { throw .credential(reason: Self.unreadable(offersOldCiphers: offersOldCiphers)) }
    guard let key else { throw .credential(reason: "holds no private key: export it again with its key") }
    guard let certificate, X509_check_private_key(certificate, key) == 1 else {
      throw .credential(reason: "holds no certificate that fits its private key")
    }
    keyPEM = try Self.text { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) }
    certificatePEM = try Self.text { PEM_write_bio_X509($0, certificate) }
    issuerPEMs = try Self.texts(of: others)
  }

  private static func checkPassword(_ password: String, of archive: OpaquePointer) throws(XMLProblem) {
    // Not every OpenSSL opens such a file, and nothing would tell that it was changed.
    guard PKCS12_mac_present(archive) == 1 else {
      throw .credential(reason: "has no code that would show a wrong password or a change: export it again with one")
    }
    let count = Int32(clamping: password.utf8.count)
    // No password is written in two ways.
    let isRight =
      PKCS12_verify_mac(archive, password, count) == 1 || count == 0 && PKCS12_verify_mac(archive, nil, 0) == 1
    guard isRight else { throw .credential(reason: "does not open with this password") }
  }

  private static func unreadable(offersOldCiphers: Bool) -> String {
    let reason = ERR_reason_error_string(ERR_peek_last_error()).map { String(cString: $0) } ?? "no reason given"
    guard !offersOldCiphers else { return "cannot be decrypted: \(reason)" }
    return
      "cannot be decrypted: \(reason). An old program's cipher is in OpenSSL's legacy provider, which is not here: "
      + "install it (Debian 13: apt install openssl-provider-legacy), or export the file anew with AES"
  }

  private static func texts(of certificates: OpaquePointer?) throws(XMLProblem) -> [[UInt8]] {
    guard let certificates else { return [] }
    let count = OPENSSL_sk_num(certificates)
    guard count <= Int32(issuerLimit) else {
      throw .credential(reason: "holds \(count) more certificates: expected at most \(issuerLimit)")
    }
    var texts: [[UInt8]] = []
    for place in 0..<max(0, count) {
      guard let certificate = OPENSSL_sk_value(certificates, place) else { continue }
      texts.append(try text { PEM_write_bio_X509($0, OpaquePointer(certificate)) })
    }
    return texts
  }

  private static func free(_ certificates: OpaquePointer?) {
    while let certificate = OPENSSL_sk_pop(certificates) { X509_free(OpaquePointer(certificate)) }
    OPENSSL_sk_free(certificates)
  }

  private static func text(_ write: (OpaquePointer) -> Int32) throws(XMLProblem) -> [UInt8] {
    guard let output = BIO_new(BIO_s_mem()) else { throw .credential(reason: "cannot be read: no memory") }
    defer { BIO_free(output) }
    guard write(output) == 1 else { throw .credential(reason: "holds what cannot be written as PEM") }
    var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(output))
    guard let count = Int32(exactly: bytes.count), BIO_read(output, &bytes, count) == count else {
      throw .credential(reason: "cannot be read: no memory")
    }
    return bytes
  }
}
