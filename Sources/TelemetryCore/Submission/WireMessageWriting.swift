/// The payloads, byte for byte the same for the same arguments (P9).
extension WireProfile {
  /// A submission.
  ///
  /// - Precondition: the rows stand in the order of resource, measurement, interval ending.
  package func payload(_ content: SubmissionContent) -> [UInt8] {
    let keys = content.rows.lazy.map { ($0.resource, $0.measurement, $0.intervalEnding) }
    precondition(zip(keys, keys.dropFirst()).allSatisfy { $0 < $1 }, "rows stand in order, each once")
    var values = values(created: content.created)
    values.set(.submissionID, content.id.name)
    values.set(.schedulingCoordinator, content.schedulingCoordinator.name)
    values.setIntervalLength(content.intervalLength)
    values.rows = content.rows[...]
    return messages.submit.render(values)
  }

  /// The question what became of a batch; nil where the receiver has no such service.
  package func statusRequest(_ batch: OperatorBatchID, created: UTCInstant) -> [UInt8]? {
    var values = values(created: created)
    values.set(.batchID, batch.name)
    return messages.status?.render(values)
  }

  /// The question which values the operator holds.
  package func retrieveRequest(_ question: RetrieveQuestion, created: UTCInstant) -> [UInt8] {
    var values = values(created: created)
    values.set(.schedulingCoordinator, question.schedulingCoordinator.name)
    values.setIntervalLength(question.intervalLength)
    values.set(.resourceID, question.resource.name)
    values.setMeasurement(question.measurement)
    values.set(.firstStart, question.first.start(question.intervalLength))
    values.set(.firstEnding, question.first.instant)
    values.set(.lastEnding, question.last.instant)
    return messages.retrieve.render(values)
  }

  private func values(created: UTCInstant) -> WireValues {
    var values = WireValues(unit: unit)
    values.measurementCodes = measurementCodes
    values.set(.created, created)
    values.set(.source, source)
    values.set(.unit, unitCode)
    return values
  }
}

/// What an envelope says beside its payload.
package struct EnvelopeContent: Hashable, Sendable {
  package var userName: String
  /// Unique for each envelope.
  package var nonce: String
  package var messageID: String
  package var created: UTCInstant
  package var payload: Payload

  package enum Payload: Hashable, Sendable {
    /// Compressed, as Base64, and the Base64 of that text's SHA-1 digest.
    case attached(String, hash: String)
    /// A message of ours, to stand in the SOAP body as it is.
    case inBody([UInt8])
  }

  package init(
    userName: String, nonce: String, messageID: String, created: UTCInstant, payload: Payload
  ) {
    self.userName = userName
    self.nonce = nonce
    self.messageID = messageID
    self.created = created
    self.payload = payload
  }
}

/// An envelope that has yet to be signed.
package struct UnsignedEnvelope: Hashable, Sendable {
  package var bytes: [UInt8]
  /// The `wsu:Id` of each element that the signature must cover.
  package var signedElements: [String]
}

extension WireProfile {
  /// A SOAP 1.1 envelope with the headers of the profile, each signed one with an ID.
  ///
  /// In a MIME message the body is empty, and the attachment follows as another part.
  package func envelope(_ content: EnvelopeContent) -> UnsignedEnvelope {
    var values = values(created: content.created)
    values.set(.expires, content.created + envelope.expires)
    values.set(.userName, content.userName)
    values.set(.nonce, content.nonce)
    values.set(.messageID, content.messageID)
    var inside: [UInt8]?
    switch content.payload {
    case .attached(let attachment, let hash):
      values.set(.attachment, attachment)
      values.set(.attachmentHash, hash)
    case .inBody(let payload): inside = payload
    }
    var text = XMLText()
    var signed = ["Body"]
    text.write(XMLText.declaration)
    text.write("<soap:Envelope xmlns:soap=\"\(SOAPNames.soap)\" xmlns:wsu=\"\(SOAPNames.utility)\"><soap:Header>")
    for (index, header) in envelope.headers.enumerated() where inside == nil || !header.isAboutAttachment {
      let identifier = header.isSigned ? "Header\(index + 1)" : nil
      if let identifier { signed.append(identifier) }
      header.render(&values, in: WireElement.Scope(), into: &text, markedAs: identifier)
    }
    text.write("</soap:Header><soap:Body wsu:Id=\"Body\">")
    if let inside {
      text.write(message: inside)
    } else {
      envelope.body?.render(&values, in: WireElement.Scope(), into: &text)
    }
    text.write("</soap:Body></soap:Envelope>")
    return UnsignedEnvelope(bytes: text.bytes, signedElements: signed)
  }
}

/// Names that SOAP 1.1 and WS-Security (OASIS, 2004) fix for every receiver.
enum SOAPNames {
  static let soap = "http://schemas.xmlsoap.org/soap/envelope/"
  static let utility = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
}
