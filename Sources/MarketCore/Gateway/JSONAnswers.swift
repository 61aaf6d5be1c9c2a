package import TelemetryCore

/// What the receiver of JSON says, as facts.
///
/// Only a JSON document says anything: what a proxy in between puts in its place is neither taken nor refused.
extension JSONProfile {
  /// The answer to a submission.
  package func submitAnswer(status: Int, body: [UInt8]) -> SubmitAnswer {
    if let failure = failure(status) { return .failed(failure) }
    let document: JSONValue
    do throws(JSONValue.Problem) {
      document = try JSONValue(body)
    } catch {
      return .failed(.unreadable(reason: "HTTP \(status), and the answer \(error)"))
    }
    if rejected.contains(status) {
      let reasons = Self.words(document[reason])
      return .rejected(reason: reasons.isEmpty ? "HTTP \(status), without a reason" : reasons.joined(separator: "; "))
    }
    guard taken.contains(status), let receipt = document[receipt]?.scalar, !receipt.isEmpty,
      receipt.utf8.count <= 255
    else { return .failed(.unreadable(reason: "HTTP \(status), and no receipt")) }
    return .taken(OperatorBatchID(receipt))
  }

  /// What is held under a name: its item, or nil where the receiver says that there is none.
  package func held(_ name: String, status: Int, body: [UInt8]) -> Result<JSONValue?, AnswerDoubt> {
    if let failure = failure(status) { return .failure(AnswerDoubt(failure: failure)) }
    func doubt(_ reason: String) -> Result<JSONValue?, AnswerDoubt> {
      .failure(AnswerDoubt(failure: .unreadable(reason: reason)))
    }
    guard status == 200 else { return doubt("HTTP \(status)") }
    do throws(JSONValue.Problem) {
      let document = try JSONValue(body)
      guard let items = document[held.each]?.items else { return doubt("it has no \(held.each)") }
      let names = items.map { $0[held.name]?.scalar }
      guard !names.contains(nil) else { return doubt("an item without \(held.name)") }
      let mine = zip(items, names).filter { $0.1 == name }
      guard mine.count <= 1 else { return doubt("\(mine.count) items of the name \(name)") }
      return .success(mine.first?.0)
    } catch {
      return doubt("the answer \(error)")
    }
  }

  /// Why an answer tells nothing.
  package struct AnswerDoubt: Error, Hashable, Sendable {
    package var failure: CallFailure
  }

  package func receipt(of item: JSONValue) -> String { held.receipt.flatMap { item[$0]?.scalar } ?? "" }

  /// What became of a schedule.
  package func finding(status: Int, body: [UInt8], about intent: BidIntent) -> BidFinding {
    switch self.held(intent.id.name, status: status, body: body) {
    case .failure(let doubt): return .failed(doubt.failure)
    case .success(nil): return .absent
    case .success(let item?):
      guard holds(item, intent) else {
        return .failed(.unreadable(reason: "it holds other values under the name \(intent.id.name)"))
      }
      guard let word = held.status.flatMap({ item[$0]?.scalar }) else {
        return .failed(.unreadable(reason: "no word for the status of \(intent.id.name)"))
      }
      if held.valid.contains(word) { return .judged(.valid) }
      guard held.invalid.contains(word) else { return .held }
      let rules = held.rules.map { Self.words(item[$0]) } ?? []
      return .judged(.invalid(rules.isEmpty ? ["no rule was named, status \(word)"] : rules))
    }
  }

  private func holds(_ item: JSONValue, _ intent: BidIntent) -> Bool {
    guard let hours = held.hours else { return true }
    guard let items = item[hours.each]?.items, items.count == intent.hours.count else { return false }
    var found: [UTCInstant: Power] = [:]
    for item in items {
      guard let ending = item[hours.ending]?.scalar.flatMap({ UTCInstant(timestamp: $0) }),
        let power = item[hours.megawatts]?.scalar.flatMap({ Power(megawatts: $0) })
      else { return false }
      found[ending] = power
    }
    return intent.hours.allSatisfy { found[$0.ending.instant] == $0.power }
  }

  private func failure(_ status: Int) -> CallFailure? {
    if throttled.contains(status) { return .throttled }
    return refused.contains(status) ? .refused(reason: "HTTP \(status)") : nil
  }

  /// Each on one line.
  private static func words(_ value: JSONValue?) -> [String] {
    (value?.scalars ?? []).map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
      .filter { !$0.isEmpty }
  }
}

extension SchedulePayload {
  /// As a receiver of JSON wants it, of one schedule.
  package func json(_ profile: JSONProfile) -> [UInt8] {
    guard let (values, hours) = jsonValues else { return [] }
    return profile.submit.render(values, hours: hours)
  }
}

extension BidIntent {
  /// What the question about it says.
  package var questionValues: [String: String] {
    [
      "bid_name": id.name, "scheduling_coordinator": coordinator.name, "resource_id": id.resource.name,
      "trade_date": "\(id.tradeDate)",
    ]
  }
}
