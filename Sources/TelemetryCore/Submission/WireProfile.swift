/// How one kind of operator wants to be spoken to.
///
/// Everything about the wire that CAISO's schemas fix, and that cannot be confirmed without them, is data from a
/// versioned YAML file, so that another receiver is reached by editing a file.
package struct WireProfile: Sendable, Equatable {
  /// The file's name without its ending.
  package var name: String
  package var unit: WireUnit
  /// The receiver's word for the unit.
  package var unitCode: String
  /// Whether somebody has run it against the receiver it describes.
  package var isVerified: Bool
  /// The sender's name in the messages.
  package var source: String
  /// The receiver's codes for measurement types, where they differ from ours.
  package var measurementCodes: [MeasurementType: String]
  package var messages: WireMessages
  package var envelope: WireEnvelope
  package var answers: AnswerRules

  package init(
    name: String, unit: WireUnit, unitCode: String? = nil, isVerified: Bool = false, source: String = "",
    measurementCodes: [MeasurementType: String] = [:], messages: WireMessages = WireMessages(),
    envelope: WireEnvelope = WireEnvelope(), answers: AnswerRules = AnswerRules()
  ) {
    self.name = name
    self.unit = unit
    self.unitCode = unitCode ?? unit.symbol
    self.isVerified = isVerified
    self.source = source
    self.measurementCodes = measurementCodes
    self.messages = messages
    self.envelope = envelope
    self.answers = answers
  }
}

/// The messages that a receiver takes.
package struct WireMessages: Sendable, Hashable {
  package var submit: WireElement
  /// Nil where the receiver has no batch status.
  package var status: WireElement?
  package var retrieve: WireElement

  package init(
    submit: WireElement = WireElement(name: "Submission"), status: WireElement? = nil,
    retrieve: WireElement = WireElement(name: "Question")
  ) {
    self.submit = submit
    self.status = status
    self.retrieve = retrieve
  }
}

/// How a message travels.
package struct WireEnvelope: Sendable, Hashable {
  package enum Flavour: Sendable, Hashable {
    /// The payload is compressed, written as Base64 and put into the body.
    case documentAttachment
    /// The payload is compressed, written as Base64 and sent as the second part of a MIME message; the body is empty.
    case multipart
  }

  /// Where the payload of a question goes: the batch status and the retrieve request.
  package enum Questions: Sendable, Hashable {
    /// Where that of a submission goes.
    case attached
    /// Into the SOAP body as it is, without the headers that speak of an attachment.
    case inBody
  }

  /// How the user name is made of the certificate's subject.
  package enum UserName: Sendable, Hashable {
    /// From the common name to the country, spaces only inside the common name.
    case compact
    /// From the common name to the country, as it stands.
    case plain
  }

  package var flavour: Flavour
  package var questions: Questions
  package var userName: UserName
  /// How long a message stays valid.
  package var expires: Milliseconds
  /// Names of XML Signature.
  package var signatureAlgorithm: String
  package var digestAlgorithm: String
  package var headers: [WireElement]
  /// What stands in the SOAP body around an attachment; nil where it travels beside the envelope.
  package var body: WireElement?

  package init(
    flavour: Flavour = .documentAttachment, questions: Questions = .attached, userName: UserName = .compact,
    expires: Milliseconds = .seconds(900),
    signatureAlgorithm: String = "", digestAlgorithm: String = "", headers: [WireElement] = [],
    body: WireElement? = WireElement(name: "Attachment", text: .field(.attachment, .seconds))
  ) {
    self.flavour = flavour
    self.questions = questions
    self.userName = userName
    self.expires = expires
    self.signatureAlgorithm = signatureAlgorithm
    self.digestAlgorithm = digestAlgorithm
    self.headers = headers
    self.body = body
  }
}

extension WireProfile {
  /// Whether a message of this service carries its payload as an attachment.
  package func attaches(_ service: ChannelService) -> Bool { service == .submit || envelope.questions == .attached }
}
