/// Why XML, a signature or a compressed text was not accepted.
package enum XMLProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// More bytes than the caller allows.
  case tooLong(byteLimit: Int)
  /// Not well-formed XML, or none at all.
  case malformed(reason: String)
  /// A DOCTYPE, which no message of ours or the operator's has, and through which entities come.
  case documentType
  /// An XPath expression that cannot be used: a fault of the configuration, not of the document.
  case expression(String, reason: String)
  /// More rows than the caller allows.
  case tooManyRows(limit: Int)
  /// A certificate, a key or an algorithm that cannot be used.
  case credential(reason: String)
  /// The message could not be signed.
  case signing(reason: String)
  /// The signature does not show what was asked of it.
  case signature(reason: String)
  /// A schema that cannot be used.
  case schema(reason: String)

  package var description: String {
    switch self {
    case .tooLong(let limit): "longer than \(limit) bytes"
    case .malformed(let reason): "not well-formed XML: \(reason)"
    case .documentType: "a DOCTYPE is not accepted"
    case .expression(let expression, let reason): "the XPath \(expression) cannot be used: \(reason)"
    case .tooManyRows(let limit): "more than \(limit) rows"
    case .credential(let reason): reason
    case .signing(let reason): "the message could not be signed: \(reason)"
    case .signature(let reason): "the signature is not accepted: \(reason)"
    case .schema(let reason): "the schema cannot be used: \(reason)"
    }
  }
}
