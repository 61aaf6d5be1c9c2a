import TelemetryCore

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
  /// Kept back until now by a fault of ours: it meets no other.
  var isBelated = false
}

/// What the stand-in says to a call.
struct OperatorAnswer: Sendable {
  /// How much of an answer comes, and when; all but the first are faults on purpose.
  enum Delivery: Hashable, Sendable {
    case whole
    /// The connection is closed in the middle of the body.
    case half
    /// The connection is closed without a byte.
    case closed
    /// The connection stays open and silent.
    case silence
    case late(Milliseconds)
    /// The call is put to the desk again after a time; this answer was never given.
    case askedAgain(Milliseconds)
    /// The connection is closed, and no other one accepted for a time.
    case away(Milliseconds)
  }

  /// The HTTP status: 200, or 500 with a SOAP fault; 0 where nothing is answered.
  var status: Int
  var body: [UInt8]
  var note: CallNote
  var contentType = "text/xml; charset=utf-8"
  var delivery = Delivery.whole

  /// The same call answered with a page for people.
  func page(_ status: Int, _ text: String) -> Self {
    var answer = self
    answer.status = status
    answer.body = Array("<html><body>\(text)</body></html>".utf8)
    answer.contentType = "text/html"
    return answer
  }
}

/// One call for the log: what was asked, and what became of it.
struct CallNote: Encodable, Hashable, Sendable {
  enum Outcome: String, Encodable, Sendable {
    case accepted, rejected, pending, success, error, held, nothing, failed
    /// A fault on purpose came in the call's place.
    case disturbed
  }

  /// The service that was called; nil where the call did not get that far.
  var service: String?
  var outcome: Outcome
  var batch: String?
  /// How many rows came or went.
  var rows: Int?
  /// Why, where the outcome is not what the client hoped for.
  var reason: String?
  /// What went wrong on purpose.
  var fault: String?
  /// How often that has happened since the stand-in began.
  var faultCount: Int?
}

/// What the stand-in tells the person who runs it.
enum OperatorEvent: Sendable {
  case listening(host: String, port: Int)
  /// A connection ended in an error, such as a refused client certificate.
  case connectionFailed(reason: String)
  case answered(status: Int, CallNote)
  /// What goes wrong on purpose from now on, or why a change of it is not taken.
  case menuChanged(String)
  /// Connections are accepted again, or no more for a time.
  case door(isOpen: Bool)
}
