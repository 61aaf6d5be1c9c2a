/// What a message says in one place: the placeholders of a template.
package enum WireField: String, Hashable, Sendable, CaseIterable {
  // Every message
  case created
  case source
  // Submission and retrieve request
  case schedulingCoordinator = "scheduling_coordinator"
  case intervalMinutes = "interval_minutes"
  case intervalSeconds = "interval_seconds"
  case unit
  case resourceID = "resource_id"
  case measurementType = "measurement_type"
  // Submission
  case submissionID = "submission_id"
  case intervalStart = "interval_start"
  case intervalEnding = "interval_ending"
  case energy
  // Status request
  case batchID = "batch_id"
  // Retrieve request
  case firstStart = "first_start"
  case firstEnding = "first_ending"
  case lastEnding = "last_ending"
  // Envelope
  case userName = "user_name"
  case nonce
  case messageID = "message_id"
  case expires
  case attachment
  /// Base64 of the SHA-1 digest of the attachment's Base64 text.
  case attachmentHash = "attachment_hash"
}

/// What a template's element is repeated for.
package enum WireRepetition: String, Hashable, Sendable {
  /// Each resource.
  case resource
  /// Each series: a resource and a measurement.
  case series
  /// Each interval of a series, or each row of all where no series stands around it.
  case interval
}

/// What stands inside an element or an attribute.
package enum WireText: Hashable, Sendable {
  case constant(String)
  case field(WireField, TimestampPrecision)
}

/// An attribute without a namespace.
package struct WireAttribute: Hashable, Sendable {
  package var name: String
  package var text: WireText

  package init(name: String, text: WireText) {
    self.name = name
    self.text = text
  }
}

/// One element of a message that a receiver wants, with everything inside it.
///
/// Templates are data from the wire profile: names, order and namespaces are the receiver's, the values are ours.
package struct WireElement: Hashable, Sendable {
  package var name: String
  /// Nil takes the namespace and prefix of the element around it.
  package var namespace: String?
  /// Nil makes the namespace the default one from here on.
  package var prefix: String?
  package var repeatedFor: WireRepetition?
  package var attributes: [WireAttribute]
  package var text: WireText?
  package var children: [WireElement]
  /// Whether the signature covers it; only headers of the envelope are asked.
  package var isSigned: Bool
  /// Whether it stands only in a message with an attachment; only headers of the envelope are asked.
  package var isAboutAttachment: Bool

  package init(
    name: String, namespace: String? = nil, prefix: String? = nil, repeatedFor: WireRepetition? = nil,
    attributes: [WireAttribute] = [], text: WireText? = nil, children: [WireElement] = [], isSigned: Bool = false,
    isAboutAttachment: Bool = false
  ) {
    self.name = name
    self.namespace = namespace
    self.prefix = prefix
    self.repeatedFor = repeatedFor
    self.attributes = attributes
    self.text = text
    self.children = children
    self.isSigned = isSigned
    self.isAboutAttachment = isAboutAttachment
  }
}
