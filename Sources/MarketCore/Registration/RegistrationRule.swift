package import TelemetryCore

/// What an aggregation has to be like for CAISO to take it.
///
/// What each rule asks is dated data in ``RuleBook``: numbers and dates change by orders of FERC, and some that are in
/// use cannot be read in today's tariff.
package enum RegistrationRule: String, Sendable, CaseIterable, Hashable {
  case minimumCapacity = "minimum-capacity"
  case multiNodeMaximum = "multi-node-maximum"
  case resourceMaximum = "der-maximum"
  case oneSubLAP = "one-sub-lap"
  case oneAggregation = "one-aggregation"
  case demandResponse = "demand-response"
  case netMetering = "net-metering"
  case telemetry = "telemetry-duty"
  case utilityReview = "utility-review"

  /// What kind of value a rule has.
  package enum Kind: Sendable, Hashable {
    case power
    case days
    /// The rule applies or not.
    case applies
  }

  package var kind: Kind {
    switch self {
    case .minimumCapacity, .multiNodeMaximum, .resourceMaximum, .telemetry: .power
    case .utilityReview: .days
    case .oneSubLAP, .oneAggregation, .demandResponse, .netMetering: .applies
    }
  }

  /// One sentence without its end.
  package var title: String {
    switch self {
    case .minimumCapacity: "the least capacity of an aggregation, this value included"
    case .multiNodeMaximum: "the most capacity of an aggregation over several PNodes, this value included"
    case .resourceMaximum: "the most capacity of one DER, this value included"
    case .oneSubLAP: "all DERs of an aggregation are in one sub-LAP"
    case .oneAggregation: "a DER is in one aggregation at most"
    case .demandResponse: "no DER takes part in demand response (PDR, RDRR) too"
    case .netMetering: "no DER is in net metering, unless its programme expressly permits it"
    case .telemetry: "telemetry is a duty from this capacity on, and with ancillary services at any capacity"
    case .utilityReview: "how long the utility may review the list of DERs"
    }
  }

  /// Where the rule belongs, as far as it is known.
  package var section: String {
    switch self {
    case .telemetry: "tariff 7.6.1(d)"
    case .utilityReview, .demandResponse, .netMetering: "tariff 4.17; BPM for Generator Management 3.6"
    default: "tariff 4.17"
    }
  }
}

/// What a rule asks.
package enum RuleValue: Hashable, Sendable, CustomStringConvertible {
  case power(Power)
  case days(ReviewPeriod)
  case applies(Bool)

  package var description: String {
    switch self {
    case .power(let power): power.configurationText
    case .days(let period): "\(period)"
    case .applies(let applies): applies ? "applies" : "does not apply"
    }
  }
}

extension ConfigurationForm<RuleValue> {
  /// The value of a rule as a person writes it.
  static func value(of rule: RegistrationRule) -> Self {
    switch rule.kind {
    case .power:
      let range = Power(milliwatts: 0)...Power(milliwatts: 10_000_000_000_000)
      return ConfigurationForm<Power>.power(range, such: "100 kW").map { .power($0) }
    case .days:
      return Self("a number of days from 1 to 366, such as `30 business days` or `30 calendar days`") { text in
        ReviewPeriod(text).map { .days($0) }
      }
    case .applies: return .oneOf(["applies": .applies(true), "does not apply": .applies(false)])
    }
  }
}
