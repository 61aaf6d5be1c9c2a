package import TelemetryCore

/// What a rule asks from a day on, and who says so.
package struct RuleEntry: Hashable, Sendable {
  /// How sure it is that CAISO holds to it today.
  package enum Certainty: String, Sendable {
    /// Read in a document of CAISO or FERC.
    case confirmed
    /// Told by others, or by an older document: today's wording could not be read.
    case unconfirmed
    /// The user's own entry.
    case configured
  }

  package var rule: RegistrationRule
  /// The first day; nil for what has an order but no date that could be confirmed: it never comes into force by itself.
  package var from: TradeDate?
  package var value: RuleValue
  package var source: String
  package var certainty: Certainty

  package init(
    _ rule: RegistrationRule, from: TradeDate?, _ value: RuleValue, source: String, certainty: Certainty
  ) {
    self.rule = rule
    self.from = from
    self.value = value
    self.source = source
    self.certainty = certainty
  }

  /// Such as `tariff 4.17; in force since 2016-06-03; 155 FERC ¶ 61,229`.
  package var reference: String {
    let since = from.map { "in force since \($0)" } ?? "no date set"
    return "\(rule.section); \(since); \(source)\(certainty == .unconfirmed ? "; unconfirmed today" : "")"
  }
}

/// The dated values of all rules.
package struct RuleBook: Hashable, Sendable {
  package private(set) var entries: [RuleEntry]

  /// - Parameter more: The user's entries; on the same day they stand before the shipped ones.
  package init(more: [RuleEntry] = []) {
    entries = Self.shipped + more
  }

  /// What a rule asks on a day; nil before its first day.
  package func inForce(_ rule: RegistrationRule, on date: TradeDate) -> RuleEntry? {
    var found: RuleEntry?
    for entry in entries where entry.rule == rule {
      guard let from = entry.from, from <= date else { continue }
      if let best = found?.from, best > from { continue }
      found = entry
    }
    return found
  }

  /// Whether a rule without a number applies.
  package func applies(_ rule: RegistrationRule, on date: TradeDate) -> Bool {
    inForce(rule, on: date)?.value == .applies(true)
  }

  /// A rule's power on a day, with its entry.
  package func power(_ rule: RegistrationRule, on date: TradeDate) -> (power: Power, entry: RuleEntry)? {
    guard let entry = inForce(rule, on: date), case .power(let power) = entry.value else { return nil }
    return (power, entry)
  }

  package func reviewPeriod(on date: TradeDate) -> ReviewPeriod? {
    guard let entry = inForce(.utilityReview, on: date), case .days(let period) = entry.value else { return nil }
    return period
  }
}

// MARK: What is shipped

extension RuleBook {
  private static func day(_ year: Int, _ month: Int, _ day: Int) -> TradeDate? {
    TradeDate(year: year, month: month, day: day)
  }

  private static func kilowatts(_ count: Int64) -> RuleValue { .power(Power(milliwatts: count * 1_000_000)) }

  private static var order2016: String { "155 FERC ¶ 61,229 (ER16-1085), issued 2016-06-02" }
  private static var concerns: String { "BPM for Generator Management V24 (2019-08-09), 3.6: concerns of the utility" }

  private static var shipped: [RuleEntry] {
    let since = day(2016, 6, 3)
    let design = "design of 2015 and 2016; wording of the tariff not read"
    return [
      RuleEntry(.minimumCapacity, from: since, kilowatts(500), source: order2016, certainty: .confirmed),
      RuleEntry(
        .minimumCapacity, from: nil, kilowatts(100),
        source: "CAISO's filing under Order 2222 (ER21-2455), accepted 2023-05; set its date under `rules`",
        certainty: .unconfirmed),
      RuleEntry(
        .multiNodeMaximum, from: since, kilowatts(20_000), source: "as reported in 2018 of the 2016 tariff",
        certainty: .unconfirmed),
      RuleEntry(
        .resourceMaximum, from: since, kilowatts(1_000), source: "as reported in 2018 of the 2016 tariff",
        certainty: .unconfirmed),
      RuleEntry(.oneSubLAP, from: since, .applies(true), source: design, certainty: .unconfirmed),
      RuleEntry(.oneAggregation, from: since, .applies(true), source: concerns, certainty: .confirmed),
      RuleEntry(.demandResponse, from: since, .applies(true), source: concerns, certainty: .confirmed),
      RuleEntry(.netMetering, from: since, .applies(true), source: concerns, certainty: .confirmed),
      RuleEntry(
        .telemetry, from: since, kilowatts(10_000), source: "BPM for Direct Telemetry V12.0 (2019-03-04), 3.2",
        certainty: .confirmed),
      RuleEntry(
        .utilityReview, from: since, .days(ReviewPeriod(count: 30, isBusiness: false)),
        source: "BPM for Generator Management V24 (2019-08-09), 3.6", certainty: .confirmed),
      RuleEntry(
        .utilityReview, from: day(2024, 11, 1), .days(ReviewPeriod(count: 30, isBusiness: true)),
        source: "CAISO's page on distributed energy resources; it has no date: this one is ours",
        certainty: .unconfirmed),
    ]
  }
}

// MARK: Sections of the tariff

/// What a person who names a section of the tariff should know.
package enum TariffSection {
  /// Nil for a section that says nothing about aggregations.
  package static func answer(_ section: String) -> String? {
    switch section {
    case "4.14": "4.14 is convergence bidding; DER aggregations are 4.17"
    case "4.17": "4.17 is DER aggregations: the DER provider, its agreement and the list of its DERs (Schedule 1)"
    case "4.13": "4.13 is demand response providers (PDR, RDRR); DER aggregations are 4.17"
    case "4.7": "4.7 is participating loads; DER aggregations are 4.17"
    case "7.6.1", "7.6.1(d)": "7.6.1(d) is the duty of telemetry, from 10 MW on or with ancillary services"
    default: nil
    }
  }
}
