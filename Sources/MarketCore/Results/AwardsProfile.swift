package import TelemetryCore

/// How CMRI is asked for awards: one wire profile for each market.
package struct AwardsProfile: Sendable, Equatable {
  package enum Market: String, Sendable, CaseIterable {
    /// The integrated forward market, by the hour.
    case dayAhead = "dam"
    /// The fifteen-minute market.
    case fifteenMinutes = "fmm"

    /// Under what its awards are kept.
    package var report: String { self == .dayAhead ? "CMRI_DAM" : "CMRI_FMM" }

    package var length: IntervalLength? { IntervalLength(seconds: self == .dayAhead ? 3_600 : 900) }
  }

  package var isVerified: Bool
  private var profiles: [Market: WireProfile]

  package func profile(_ market: Market) -> WireProfile? { profiles[market] }

  package static func read(_ node: ConfigurationNode) throws(ConfigurationProblems) -> Self {
    try ConfigurationReader.read(node) { reader in
      _ = reader.required("format", .oneOf(["1": 1]))
      let isVerified = reader.required("verified", .boolean)
      let source = reader.required("source", .text(such: "DERGW1", limit: 64))
      let questions = reader.requiredMapping("questions") { reader -> [Market: WireElement]? in
        var questions: [Market: WireElement] = [:]
        for market in Market.allCases {
          questions[market] = reader.requiredMapping(market.rawValue, WireElement.readQuestion)
        }
        return questions.count == Market.allCases.count ? questions : nil
      }
      let envelope = reader.requiredMapping("envelope", WireEnvelope.read)
      let answers = reader.requiredMapping("answers", AnswerRules.read)
      guard let isVerified, let source, let questions, let envelope, let answers,
        let unit = WireUnit(symbol: "MWh", digits: 3)
      else { return nil }
      let profiles = questions.mapValues { question in
        WireProfile(
          name: "cmri", unit: unit, isVerified: isVerified, source: source,
          messages: WireMessages(retrieve: question), envelope: envelope, answers: answers)
      }
      return Self(isVerified: isVerified, profiles: profiles)
    }
  }
}
