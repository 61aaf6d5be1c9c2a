/// One call as it came over the wire.
struct OperatorCall: Sendable {
  /// The path of the request, such as `/submit`.
  var path: String
  /// The header `Content-Type`.
  var contentType = "text/xml; charset=utf-8"
  /// The whole body of the request.
  var body: [UInt8]
  /// The certificate that the client showed in the TLS handshake, DER.
  var clientCertificate: [UInt8]
}

/// What the stand-in says to a call.
struct OperatorAnswer: Sendable {
  /// The HTTP status: 200, or 500 with a SOAP fault.
  var status: Int
  var body: [UInt8]
  var note: CallNote
  var contentType = "text/xml; charset=utf-8"
}

/// One call for the log: what was asked, and what became of it.
struct CallNote: Encodable, Hashable, Sendable {
  enum Outcome: String, Encodable, Sendable {
    case accepted, rejected, pending, success, error, held, nothing, failed
  }

  /// The service that was called; nil where the call did not get that far.
  var service: String?
  var outcome: Outcome
  var batch: String?
  /// How many rows came or went.
  var rows: Int?
  /// Why, where the outcome is not what the client hoped for.
  var reason: String?
}

/// What the stand-in tells the person who runs it.
enum OperatorEvent: Sendable {
  case listening(host: String, port: Int)
  /// A connection ended in an error, such as a refused client certificate.
  case connectionFailed(reason: String)
  case answered(status: Int, CallNote)
}
