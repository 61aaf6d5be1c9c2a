import CXMLSec

/// A certificate in OpenSSL's hands.
struct X509Certificate: ~Copyable {
  /// A certificate with its extensions is rarely longer than 4 KiB.
  static let byteLimit = 64 << 10

  let pointer: OpaquePointer

  /// The first certificate of a PEM file.
  init(pem: [UInt8]) throws(XMLProblem) {
    XMLSecurity.initialize()
    guard let input = MemoryInput(pem), let pointer = PEM_read_bio_X509(input.pointer, nil, noPassword, nil) else {
      throw .credential(reason: "no certificate in PEM form")
    }
    self.pointer = pointer
  }

  init(der: [UInt8]) throws(XMLProblem) {
    XMLSecurity.initialize()
    guard der.count <= Self.byteLimit, let input = MemoryInput(der),
      let pointer = d2i_X509_bio(input.pointer, nil)
    else { throw .signature(reason: "the token holds no certificate") }
    self.pointer = pointer
  }

  deinit { X509_free(pointer) }

  func der() throws(XMLProblem) -> [UInt8] {
    let count = i2d_X509(pointer, nil)
    guard count > 0 else { throw .credential(reason: "the certificate cannot be written") }
    var bytes = [UInt8](repeating: 0, count: Int(count))
    bytes.withUnsafeMutableBufferPointer {
      var next = $0.baseAddress
      _ = i2d_X509(pointer, &next)
    }
    return bytes
  }

  /// Throws unless a private key is the one of this certificate.
  func checkKey(pem: [UInt8]) throws(XMLProblem) {
    guard let input = MemoryInput(pem), let key = PEM_read_bio_PrivateKey(input.pointer, nil, noPassword, nil) else {
      throw .credential(reason: "no private key in PEM form, or an encrypted one")
    }
    defer { EVP_PKEY_free(key) }
    guard X509_check_private_key(pointer, key) == 1 else {
      throw .credential(reason: "the private key is not the one of the certificate")
    }
  }

  /// Throws unless an unbroken chain of signatures and valid dates leads to one of the trusted certificates.
  func checkChain(trustedPEM: [UInt8]) throws(XMLProblem) {
    guard let store = X509_STORE_new(), let context = X509_STORE_CTX_new() else {
      throw .signature(reason: "no memory")
    }
    defer {
      X509_STORE_CTX_free(context)
      X509_STORE_free(store)
    }
    guard let input = MemoryInput(trustedPEM) else { throw .credential(reason: "no trusted certificate") }
    var count = 0
    while let trusted = PEM_read_bio_X509(input.pointer, nil, noPassword, nil) {
      X509_STORE_add_cert(store, trusted)
      X509_free(trusted)
      count += 1
    }
    ERR_clear_error()
    guard count > 0 else { throw .credential(reason: "no trusted certificate in PEM form") }
    guard X509_STORE_CTX_init(context, store, pointer, nil) == 1 else { throw .signature(reason: "no memory") }
    guard X509_verify_cert(context) == 1 else {
      let code = Int(X509_STORE_CTX_get_error(context))
      let reason = X509_verify_cert_error_string(code).map { String(cString: $0) } ?? "error \(code)"
      throw .signature(reason: "the certificate is not trusted: \(reason)")
    }
  }
}

/// Bytes as OpenSSL reads them.
struct MemoryInput: ~Copyable {
  let pointer: OpaquePointer

  init?(_ bytes: [UInt8]) {
    guard let count = Int32(exactly: bytes.count), count > 0, let pointer = BIO_new(BIO_s_mem()) else { return nil }
    guard BIO_write(pointer, bytes, count) == count else {
      BIO_free(pointer)
      return nil
    }
    self.pointer = pointer
  }

  deinit { BIO_free(pointer) }
}

/// Answers OpenSSL's question for a password with none, which it would else ask at the terminal.
private let noPassword: @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 =
  { _, _, _, _ in 0 }
