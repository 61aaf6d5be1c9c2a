/// One text that is looked for in an answer.
package enum AnswerText: String, Hashable, Sendable, CaseIterable {
  case faultCode
  case faultText
  case faultEvent
  case batchID
  case description
  case result
  case severity
  case statusWord
  case general
  case known
}

/// Which of the three services was called.
package enum ChannelService: String, Hashable, Sendable, CaseIterable {
  case submit
  case status
  case retrieve
}

/// What has to be looked for in an answer, as XPath.
package struct AnswerQuestions: Hashable, Sendable {
  package var namespaces: [String: String]
  package var attachment: String?
  package var attachmentHash: String?
  package var texts: [AnswerText: String]
  package var rows: RowRules?
}

/// What was found in an answer.
package struct AnswerFields: Hashable, Sendable {
  package var httpStatus: Int
  /// The beginning of the answer, and of the document inside it, for pages that are no answer of the service.
  package var excerpt: String
  /// Why the answer or the document inside it could not be read; nil where it was read whole.
  package var problem: String?
  package var texts: [AnswerText: [String]]
  package var rows: [[RowField: String]]

  package init(
    httpStatus: Int, excerpt: String = "", problem: String? = nil, texts: [AnswerText: [String]] = [:],
    rows: [[RowField: String]] = []
  ) {
    self.httpStatus = httpStatus
    self.excerpt = excerpt
    self.problem = problem
    self.texts = texts
    self.rows = rows
  }
}

extension AnswerRules {
  /// What to look for in the answer of a service.
  ///
  /// Expressions that the profile leaves out are not asked.
  package func questions(_ service: ChannelService) -> AnswerQuestions {
    var texts: [AnswerText: String] = [.faultCode: fault.code, .faultText: fault.text, .faultEvent: fault.event]
    var rows: RowRules?
    switch service {
    case .submit:
      texts[.batchID] = submit.batchID
      texts[.description] = submit.description
      texts[.result] = submit.result
      texts[.severity] = submit.severity
    case .status:
      texts[.batchID] = status?.batchID
      texts[.statusWord] = status?.word
      texts[.general] = status?.general
      rows = status?.rows
    case .retrieve:
      texts[.known] = retrieve.known
      rows = retrieve.rows
    }
    return AnswerQuestions(
      namespaces: namespaces, attachment: attachment, attachmentHash: attachmentHash,
      texts: texts.filter { !$0.value.isEmpty }, rows: rows)
  }
}
