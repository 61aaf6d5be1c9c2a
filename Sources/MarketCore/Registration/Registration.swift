package import TelemetryCore

/// What the file `registration.yaml` says: the aggregations as they are filed with CAISO and the utility.
package struct Registration: Sendable {
  package var aggregations: [Aggregation]
  /// Values of rules that the user has set, with their dates.
  package var rules: [RuleEntry]
  /// Days that are no business days, beside Saturdays and Sundays.
  package var holidays: Set<TradeDate>
  /// Where the file begins.
  package var place: ConfigurationPlace

  package init(aggregations: [Aggregation], rules: [RuleEntry], holidays: Set<TradeDate>, place: ConfigurationPlace) {
    self.aggregations = aggregations
    self.rules = rules
    self.holidays = holidays
    self.place = place
  }

  package var ruleBook: RuleBook { RuleBook(more: rules) }
}

/// A supply-side DER aggregation: one resource of the market, made of many.
package struct Aggregation: Sendable {
  /// Where it feeds the network model.
  package enum Node: Hashable, Sendable, CustomStringConvertible {
    case pnode(String)
    /// An aggregated pricing node: its DERs are at PNodes of their own.
    case apnode(String)

    package var name: String {
      switch self {
      case .pnode(let name), .apnode(let name): name
      }
    }

    package var description: String {
      switch self {
      case .pnode(let name): "PNode \(name)"
      case .apnode(let name): "APNode \(name)"
      }
    }
  }

  package var resource: ResourceID
  package var provider: String
  package var schedulingCoordinator: SchedulingCoordinatorID
  package var utility: String
  package var subLAP: String
  package var node: Node
  /// Opaque: no document of CAISO that could be read explains the term.
  package var caidReservation: String
  package var agreement: String?
  package var project: String?
  package var offersAncillaryServices: Bool
  package var ders: [DER]
  package var place: ConfigurationPlace
  package var key: String

  /// The sum of the capacities of the DERs as they are registered, in milliwatts.
  ///
  /// No sum of the largest list of the largest DERs leaves 64 bits: 10,000 times 10 GW is 10^17 mW.
  package var capacity: Power { Power(milliwatts: ders.reduce(0) { $0 + $1.capacity.milliwatts }) }

  /// The PNodes of its DERs; the aggregation's own where a DER names none.
  package var pnodes: Set<String> {
    if case .pnode(let name) = node { return Set(ders.map { $0.pnode ?? name }).union([name]) }
    return Set(ders.compactMap(\.pnode))
  }
}

/// One distributed energy resource of an aggregation.
package struct DER: Sendable {
  /// The site ID under which it is filed.
  package var site: String
  /// The most that it gives, as registered; not the nameplate that readings are judged by.
  package var capacity: Power
  package var technology: String
  package var pnode: String?
  package var subLAP: String?
  /// The interconnection agreement or request with the utility.
  package var interconnection: String
  /// Other programmes that it is in, such as `net-metering`.
  package var programmes: [Programme]
  /// What expressly permits wholesale participation beside net metering.
  package var permission: String?
  package var place: ConfigurationPlace
  package var key: String
}

/// A programme that a DER can be in beside its aggregation.
package enum Programme: String, Sendable, CaseIterable {
  case netMetering = "net-metering"
  case demandResponse = "demand-response"
  /// Says nothing against an aggregation.
  case selfGeneration = "self-generation-incentive"
  case resourceAdequacy = "resource-adequacy"
}
