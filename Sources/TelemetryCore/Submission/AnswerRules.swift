/// Where in an operator's answers stands what, and what it means: XPath expressions and words from the wire profile.
package struct AnswerRules: Sendable, Hashable {
  /// The prefixes that the expressions use, and the namespaces they stand for.
  package var namespaces: [String: String]
  /// A Base64 text of a compressed document inside the answer.
  package var attachment: String?
  /// The Base64 of the SHA-1 digest of an attachment's Base64 text.
  package var attachmentHash: String?
  package var fault: FaultRules
  package var throttled: SignalRules
  package var refused: SignalRules
  package var submit: SubmitRules
  package var status: StatusRules?
  package var retrieve: RetrieveRules

  package init(
    namespaces: [String: String] = [:], attachment: String? = nil, attachmentHash: String? = nil,
    fault: FaultRules = FaultRules(),
    throttled: SignalRules = SignalRules(), refused: SignalRules = SignalRules(), submit: SubmitRules = SubmitRules(),
    status: StatusRules? = nil, retrieve: RetrieveRules = RetrieveRules()
  ) {
    self.namespaces = namespaces
    self.attachment = attachment
    self.attachmentHash = attachmentHash
    self.fault = fault
    self.throttled = throttled
    self.refused = refused
    self.submit = submit
    self.status = status
    self.retrieve = retrieve
  }
}

/// Where a fault stands and what it says.
package struct FaultRules: Sendable, Hashable {
  package var code: String
  /// The general text of the fault.
  package var text: String
  /// What the operator's own application said: it looked at the message.
  package var event: String

  package init(code: String = "", text: String = "", event: String = "") {
    self.code = code
    self.text = text
    self.event = event
  }
}

/// How one thing that an operator says about a call is recognised.
package struct SignalRules: Sendable, Hashable {
  /// HTTP status codes.
  package var statuses: [Int]
  /// Pieces of text, upper and lower case alike.
  package var texts: [String]

  package init(statuses: [Int] = [], texts: [String] = []) {
    self.statuses = statuses
    self.texts = texts
  }
}

/// The answer to a submission.
package struct SubmitRules: Sendable, Hashable {
  package var batchID: String
  package var description: String
  package var result: String
  package var severity: String
  /// Results that mean that it was taken, even without a batch ID.
  package var takenResults: [String]
  /// Severities that mean that it was refused for good.
  package var rejectedSeverities: [String]

  package init(
    batchID: String = "", description: String = "", result: String = "", severity: String = "",
    takenResults: [String] = [], rejectedSeverities: [String] = []
  ) {
    self.batchID = batchID
    self.description = description
    self.result = result
    self.severity = severity
    self.takenResults = takenResults
    self.rejectedSeverities = rejectedSeverities
  }
}

/// The answer to the question what became of a batch.
package struct StatusRules: Sendable, Hashable {
  package var batchID: String
  package var word: String
  package var accepted: [String]
  package var errors: [String]
  /// Errors that name no row.
  package var general: String
  package var rows: RowRules

  package init(
    batchID: String = "", word: String = "", accepted: [String] = [], errors: [String] = [], general: String = "",
    rows: RowRules = RowRules()
  ) {
    self.batchID = batchID
    self.word = word
    self.accepted = accepted
    self.errors = errors
    self.general = general
    self.rows = rows
  }
}

/// The answer to the question which values the operator holds.
package struct RetrieveRules: Sendable, Hashable {
  /// Finds something in every answer of this kind, even one without rows.
  package var known: String
  /// Texts that mean that the operator holds none.
  package var noData: [String]
  package var rows: RowRules

  package init(known: String = "", noData: [String] = [], rows: RowRules = RowRules()) {
    self.known = known
    self.noData = noData
    self.rows = rows
  }
}

/// What is read of each row of an answer.
package enum RowField: String, Hashable, Sendable, CaseIterable {
  case resource
  case measurement
  case intervalEnding = "interval_ending"
  /// Held values only.
  case value
  /// Held values only, and optional: the unit they are in.
  case unit
  /// Errors only.
  case message
}

/// The rows of an answer and what stands in each, by expressions relative to the row.
package struct RowRules: Sendable, Hashable {
  package var each: String
  package var fields: [RowField: String]

  package init(each: String = "", fields: [RowField: String] = [:]) {
    self.each = each
    self.fields = fields
  }
}
