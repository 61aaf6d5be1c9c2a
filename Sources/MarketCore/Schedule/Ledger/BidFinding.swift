package import TelemetryCore

/// What the receiver says of one revision when it is asked.
package enum BidFinding: Hashable, Sendable {
  case judged(BidVerdict)
  /// It holds it, and has not judged it yet.
  case held
  /// It holds none, or another revision.
  case absent
  case failed(CallFailure)
}

/// Where in the answer about the bids of a resource and trade date stands what: XPath expressions and words.
package struct BidResultRules: Sendable, Hashable {
  /// Our name of the bid; nil where the answer does not tell.
  package var name: String?
  package var status: String
  package var valid: [String]
  package var invalid: [String]
  /// The rules that failed, a text for each.
  package var rules: String

  static func read(_ reader: inout ConfigurationReader) -> Self? {
    let path = ConfigurationForm<String>.text(such: "//result:Bid/result:status", limit: 1_000)
    let word = ConfigurationForm<String>.text(such: "V")
    let name = reader.optional("name", path)
    let status = reader.required("status", path)
    let valid = reader.list("valid", of: word)
    let invalid = reader.list("invalid", of: word)
    let rules = reader.required("rules", path)
    guard let status, let valid, let invalid, let rules else { return nil }
    return Self(name: name, status: status, valid: valid, invalid: invalid, rules: rules)
  }
}

extension BidProfile.Wire {
  /// What to look for in the answer to the question about a bid.
  package var questions: AnswerQuestions {
    var questions = profile.answers.questions(.retrieve)
    questions.texts[.statusWord] = results.status
    questions.texts[.general] = results.rules
    questions.texts[.batchID] = results.name
    return questions
  }

  /// Doubt is no finding: calling half an answer an absence would send a schedule twice.
  package func finding(_ fields: AnswerFields, about intent: BidIntent, digits: Int) -> BidFinding {
    let held: [HeldValue]
    switch AnswerReader(profile).retrieveAnswer(fields) {
    case .failed(let failure): return .failed(failure)
    case .held(let values): held = values.filter { $0.resource == intent.id.resource }
    }
    guard !held.isEmpty else { return .absent }
    let names = Set(texts(fields, .batchID))
    guard names.isEmpty || names == [intent.id.name] else {
      return names.contains(intent.id.name) ? .failed(.unreadable(reason: "bids of several names")) : .absent
    }
    var values: [UTCInstant: Int64?] = [:]
    for row in held { values[row.intervalEnding] = row.unit == nil ? row.value : nil as Int64? }
    let isOurs = intent.hours.allSatisfy { values[$0.ending.instant] == $0.power.steps(digits: digits) }
    guard isOurs, values.count == intent.hours.count else {
      return names.isEmpty
        ? .absent : .failed(.unreadable(reason: "it holds other values under the name \(intent.id.name)"))
    }
    return judged(fields)
  }

  private func judged(_ fields: AnswerFields) -> BidFinding {
    let words = Set(texts(fields, .statusWord))
    guard words.count == 1, let word = words.first else {
      return .failed(.unreadable(reason: "\(words.count) words for the status of a bid"))
    }
    if results.valid.contains(word) { return .judged(.valid) }
    guard results.invalid.contains(word) else { return .held }
    let rules = texts(fields, .general)
    return .judged(.invalid(rules.isEmpty ? ["no rule was named, status \(word)"] : rules))
  }

  private func texts(_ fields: AnswerFields, _ text: AnswerText) -> [String] {
    (fields.texts[text] ?? []).map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
      .filter { !$0.isEmpty }
  }
}

extension Power {
  /// In steps of the last digit of a megawatt; nil where there is a remainder.
  fileprivate func steps(digits: Int) -> Int64? {
    var step: Int64 = 1
    for _ in max(0, digits)..<9 { step *= 10 }
    return milliwatts % step == 0 ? milliwatts / step : nil
  }
}
