package import TelemetryCore

/// Whether CAISO would take a registration, by the rules in force on a day, and whether it is what is metered here.
package struct RegistrationReview: Sendable {
  /// What stands in the way, by place.
  package private(set) var problems = ConfigurationProblems()
  /// What a person should know although nothing is wrong.
  package private(set) var notes: [String] = []
  package let date: TradeDate
  private let rules: RuleBook

  /// Reviews all aggregations by the rules of one day, against the resources and sites that are metered here.
  package init(
    of registration: Registration, resources: [ResourceSettings], sites: [SiteSettings], on date: TradeDate
  ) {
    self.date = date
    rules = registration.ruleBook
    for aggregation in registration.aggregations {
      reviewCapacity(of: aggregation)
      reviewPlaces(of: aggregation)
      aggregation.ders.forEach { reviewProgrammes(of: $0) }
      reviewTelemetry(of: aggregation)
      compare(aggregation, with: resources)
      compare(aggregation, with: sites)
    }
    reviewRepetition(in: registration)
    reviewCompleteness(of: registration, resources)
    problems = problems.sorted
  }

  package var isAccepted: Bool { problems.isEmpty }

  // MARK: Capacity

  private mutating func reviewCapacity(of aggregation: Aggregation) {
    let key = aggregation.key + ".ders"
    let sum = aggregation.capacity
    let what = "the sum of `capacity`, the registered capacity of each DER, is \(sum.exactText)"
    if let (least, entry) = rules.power(.minimumCapacity, on: date), sum < least {
      report(aggregation.place, key, "\(what): expected at least \(least.exactText) (\(entry.reference))")
    }
    if aggregation.pnodes.count > 1, let (most, entry) = rules.power(.multiNodeMaximum, on: date), sum > most {
      let nodes = "over \(aggregation.pnodes.count) PNodes"
      report(aggregation.place, key, "\(what) \(nodes): expected at most \(most.exactText) (\(entry.reference))")
    }
    guard let (most, entry) = rules.power(.resourceMaximum, on: date) else { return }
    for der in aggregation.ders where der.capacity > most {
      let message = "is \(der.capacity.exactText) at \(shown(der.site)): expected at most \(most.exactText)"
      report(der.place, der.key + ".capacity", "\(message) for one DER (\(entry.reference))")
    }
  }

  // MARK: Places in the network

  private mutating func reviewPlaces(of aggregation: Aggregation) {
    for der in aggregation.ders {
      if case .apnode(let name) = aggregation.node, der.pnode == nil {
        let message = "is missing at \(shown(der.site)): an aggregation at the APNode \(name) has DERs at PNodes"
        report(der.place, der.key + ".pnode", message)
      }
      guard let subLAP = der.subLAP, subLAP != aggregation.subLAP,
        let entry = rules.inForce(.oneSubLAP, on: date), entry.value == .applies(true)
      else { continue }
      let message = "is \(subLAP) at \(shown(der.site)): expected \(aggregation.subLAP), that of the aggregation"
      report(der.place, der.key + ".sub_lap", "\(message) (\(entry.reference))")
    }
  }

  // MARK: Other programmes

  private mutating func reviewProgrammes(of der: DER) {
    let key = der.key + ".programmes"
    if der.programmes.contains(.demandResponse), rules.applies(.demandResponse, on: date),
      let entry = rules.inForce(.demandResponse, on: date)
    {
      report(der.place, key, "has \(shown(der.site)) in demand response: \(entry.rule.title) (\(entry.reference))")
    }
    guard der.programmes.contains(.netMetering), der.permission == nil, rules.applies(.netMetering, on: date),
      let entry = rules.inForce(.netMetering, on: date)
    else { return }
    let help = "expected `permission` with what permits it"
    report(der.place, key, "has \(shown(der.site)) in net metering: \(help) (\(entry.reference))")
  }

  private mutating func reviewTelemetry(of aggregation: Aggregation) {
    guard isTelemetryDue(of: aggregation) else { return }
    let reason = aggregation.offersAncillaryServices ? "ancillary services" : aggregation.capacity.exactText
    notes.append("\(aggregation.resource): telemetry every four seconds is a duty with \(reason)")
  }

  /// Whether CAISO wants telemetry of an aggregation by the rule in force.
  package func isTelemetryDue(of aggregation: Aggregation) -> Bool {
    if aggregation.offersAncillaryServices { return true }
    return rules.power(.telemetry, on: date).map { aggregation.capacity >= $0.power } ?? false
  }

  // MARK: One DER, one aggregation

  private mutating func reviewRepetition(in registration: Registration) {
    var first: [String: (place: ConfigurationPlace, resource: ResourceID)] = [:]
    var resources: [ResourceID: ConfigurationPlace] = [:]
    for aggregation in registration.aggregations {
      if let place = resources[aggregation.resource] {
        let message = "is the second aggregation \(aggregation.resource); the first is at \(place)"
        report(aggregation.place, aggregation.key + ".resource", message)
      } else {
        resources[aggregation.resource] = aggregation.place
      }
      for der in aggregation.ders {
        guard let earlier = first[der.site] else {
          first[der.site] = (der.place, aggregation.resource)
          continue
        }
        let isSame = earlier.resource == aggregation.resource
        guard isSame || rules.applies(.oneAggregation, on: date) else { continue }
        let rule = rules.inForce(.oneAggregation, on: date).map { " (\($0.reference))" } ?? ""
        let whereElse = isSame ? "a second time in \(aggregation.resource)" : "also in \(earlier.resource)"
        report(
          der.place, der.key + ".site", "has \(shown(der.site)) \(whereElse), at \(earlier.place)\(isSame ? "" : rule)")
      }
    }
  }

  // MARK: What is metered here

  private mutating func compare(_ aggregation: Aggregation, with resources: [ResourceSettings]) {
    guard let resource = resources.first(where: { $0.id == aggregation.resource }) else {
      let message = "names \(aggregation.resource), which is not among the `resources` of dertelemetryd.yaml"
      return report(aggregation.place, aggregation.key + ".resource", message)
    }
    guard resource.schedulingCoordinator != aggregation.schedulingCoordinator else { return }
    let message =
      "is \(aggregation.schedulingCoordinator): dertelemetryd.yaml submits for "
      + "\(resource.schedulingCoordinator)"
    report(aggregation.place, aggregation.key + ".scheduling_coordinator", message)
  }

  /// Both ways: each DER has a site here, each site here is a DER that was filed.
  private mutating func compare(_ aggregation: Aggregation, with sites: [SiteSettings]) {
    let byDER = Dictionary(grouping: sites) { $0.der ?? $0.id.name }
    for der in aggregation.ders {
      let found = byDER[der.site] ?? []
      if found.isEmpty {
        let message = "names \(shown(der.site)), which no site file has as `der` or `id`: it would never be metered"
        report(der.place, der.key + ".site", message)
      }
      for site in found where site.resource != aggregation.resource {
        let message = "names \(shown(der.site)), which site \(site.id) meters for \(site.resource)"
        report(der.place, der.key + ".site", message)
      }
      let nameplate = Power(milliwatts: found.reduce(0) { $0 + $1.nameplate.milliwatts })
      if !found.isEmpty, nameplate < der.capacity {
        let registered = "registered capacity of \(der.capacity.exactText)"
        notes.append("\(der.site): nameplate of its sites is \(nameplate.exactText), below its \(registered)")
      }
    }
    let registered = Set(aggregation.ders.map(\.site))
    for site in sites where site.resource == aggregation.resource {
      let name = site.der ?? site.id.name
      guard !registered.contains(name) else { continue }
      let message = "lacks \(shown(name)): site \(site.id) is metered for \(aggregation.resource)"
      report(aggregation.place, aggregation.key + ".ders", message)
    }
  }

  private mutating func reviewCompleteness(of registration: Registration, _ resources: [ResourceSettings]) {
    let registered = Set(registration.aggregations.map(\.resource))
    for resource in resources where !registered.contains(resource.id) {
      report(registration.place, "aggregations", "lacks \(resource.id), which dertelemetryd.yaml submits")
    }
  }

  private mutating func report(_ place: ConfigurationPlace, _ key: String, _ message: String) {
    problems.append(ConfigurationProblem(place: place, key: key, message: message))
  }

  private func shown(_ name: String) -> String { ConfigurationNode.shown(name) }
}

extension Power {
  /// As an exact decimal of megawatts, such as `0.499 MW`.
  package var exactText: String { "\(megawattText) MW" }

  /// Likewise, without the unit.
  package var megawattText: String { ExactDecimal.format(milliwatts, digits: 9) }

  /// As an exact decimal of kilowatts.
  package var kilowattText: String { ExactDecimal.format(milliwatts, digits: 6) }
}
