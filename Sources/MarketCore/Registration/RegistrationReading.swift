package import TelemetryCore

extension Registration {
  /// The longest list of DERs in one aggregation.
  package static let derLimit = 10_000
  package static let aggregationLimit = 1_000

  /// Reads `registration.yaml`; every problem at once.
  package static func read(_ node: ConfigurationNode) throws(ConfigurationProblems) -> Self {
    try ConfigurationReader.read(node) { reader in
      _ = reader.required("format", .oneOf(["1": 1]))
      let rules = reader.contains("rules") ? reader.mappings("rules", rule) : []
      let holidays = reader.contains("holidays") ? reader.list("holidays", of: .tradeDate) : []
      let aggregations = reader.mappings("aggregations", Aggregation.init(reading:))
      if aggregations?.isEmpty == true {
        reader.report("aggregations", "is empty: expected at least one, beginning with `- resource: EXAMPL_7_DERA1`")
      }
      if let count = aggregations?.count, count > aggregationLimit {
        reader.report("aggregations", "has \(count) aggregations: expected at most \(aggregationLimit)")
        return nil
      }
      guard let rules, let holidays, let aggregations else { return nil }
      return Self(aggregations: aggregations, rules: rules, holidays: Set(holidays), place: reader.place)
    }
  }

  private static func rule(_ reader: inout ConfigurationReader) -> RuleEntry? {
    let rule = reader.required("rule", .rule)
    let from = reader.required("from", .tradeDate)
    let source = reader.required("source", .text(such: "tariff amendment of 2026-03-01", limit: 500))
    guard let rule else {
      _ = reader.contains("value")  // what it should look like hangs on the rule
      return nil
    }
    let value = reader.required("value", .value(of: rule))
    guard let from, let source, let value else { return nil }
    return RuleEntry(rule, from: from, value, source: source, certainty: .configured)
  }
}

extension Aggregation {
  fileprivate init?(reading reader: inout ConfigurationReader) {
    let resource = reader.required("resource", .name(such: "EXAMPL_7_DERA1"))
    let kind = reader.required("resource_kind", .supplySide)
    let provider = reader.required("der_provider", .text(such: "Example Energy LLC"))
    let coordinator = reader.required("scheduling_coordinator", .name(such: "EXSC"))
    let utility = reader.required("utility_distribution_company", .name(such: "PGAE"))
    let subLAP = reader.required("sub_lap", .name(such: "PGFG"))
    let node = Self.node(&reader)
    let reservation = reader.required("caid_reservation", .text(such: "CAID-000123"))
    let agreement = reader.optional("agreement", .text(such: "DERPA-EXAMPLE-2026"))
    let project = reader.optional("project", .text(such: "26GEN0001"))
    let ancillary = reader.value("ancillary_services", .boolean, default: false)
    let ders = reader.mappings("ders", DER.init(reading:))
    if ders?.isEmpty == true {
      reader.report("ders", "is empty: expected at least one DER, beginning with `- site: DER-0001`")
    }
    if let count = ders?.count, count > Registration.derLimit {
      reader.report("ders", "has \(count) DERs: expected at most \(Registration.derLimit)")
      return nil
    }
    guard let resource, kind != nil, let provider, let coordinator, let utility, let subLAP, let node, let reservation,
      let ders
    else { return nil }
    self.init(
      resource: ResourceID(resource), provider: provider,
      schedulingCoordinator: SchedulingCoordinatorID(coordinator), utility: utility, subLAP: subLAP, node: node,
      caidReservation: reservation, agreement: agreement, project: project, offersAncillaryServices: ancillary,
      ders: ders, place: reader.place, key: reader.path)
  }

  private static func node(_ reader: inout ConfigurationReader) -> Node? {
    let form = ConfigurationForm<String>.name(such: "FRESNO_7_N001")
    if reader.contains("apnode") {
      reader.refuse("pnode", "stands beside `apnode`: name the one that the resource is modelled at")
      return reader.optional("apnode", form).map { .apnode($0) }
    }
    return reader.required("pnode", form).map { .pnode($0) }
  }
}

extension DER {
  fileprivate init?(reading reader: inout ConfigurationReader) {
    let range = Power(milliwatts: 1_000)...Power(milliwatts: 10_000_000_000_000)
    let site = reader.required("site", .text(such: "DER-0001"))
    let capacity = reader.required("capacity", .power(range, such: "250 kW"))
    let technology = reader.required("technology", .text(such: "solar"))
    let pnode = reader.optional("pnode", .name(such: "FRESNO_7_N001"))
    let subLAP = reader.optional("sub_lap", .name(such: "PGFG"))
    let interconnection = reader.required("interconnection", .text(such: "IA-2024-0117"))
    let programmes = reader.contains("programmes") ? reader.list("programmes", of: .programme) : []
    let permission = reader.optional("permission", .text(such: "NEM-3 decision D.22-12-056"))
    guard let site, let capacity, let technology, let interconnection, let programmes else { return nil }
    self.init(
      site: site, capacity: capacity, technology: technology, pnode: pnode, subLAP: subLAP,
      interconnection: interconnection, programmes: programmes, permission: permission, place: reader.place,
      key: reader.path)
  }
}

extension ConfigurationForm<TradeDate> {
  package static var tradeDate: Self { Self(TradeDate.expectation) { TradeDate($0) } }
}

extension ConfigurationForm<RegistrationRule> {
  fileprivate static var rule: Self {
    let names = RegistrationRule.allCases.map { "`\($0.rawValue)`" }.joined(separator: " or ")
    return Self(names) { RegistrationRule(rawValue: $0) }
  }
}

extension ConfigurationForm<Programme> {
  fileprivate static var programme: Self {
    let names = Programme.allCases.map { "`\($0.rawValue)`" }.joined(separator: " or ")
    return Self(names) { Programme(rawValue: $0) }
  }
}

extension ConfigurationForm<Bool> {
  fileprivate static var supplySide: Self {
    Self("`supply-side`, the only kind that a DER aggregation has here") { $0 == "supply-side" ? true : nil }
  }
}
