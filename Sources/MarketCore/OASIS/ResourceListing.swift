package import TelemetryCore

/// What OASIS says of one resource, and where that is not what was registered.
package struct ResourceListing: Sendable, Hashable {
  package private(set) var isListed = false
  /// What was found, each with its name: node, utility, capacity.
  package private(set) var facts: [Fact] = []
  /// Sentences: what OASIS says, and what was registered.
  package private(set) var differences: [String] = []

  package struct Fact: Sendable, Hashable {
    package var name: String
    package var value: String
  }

  /// Looks through `ATL_RESOURCE` and `ATL_GEN_CAP_LST`, each nil where OASIS has no rows for the resource; compares with
  /// the aggregation, where it is registered here.
  package init(
    of resource: ResourceID, resources: OASISTable?, capacities: OASISTable?, aggregation: Aggregation?, now: UTCInstant
  ) {
    let listed = resources.map { Self.rows(of: resource, in: $0, now: now) } ?? []
    let capacity = capacities.map { Self.rows(of: resource, in: $0, now: now) } ?? []
    isListed = !listed.isEmpty || !capacity.isEmpty
    let node = listed.lazy.compactMap { $0["NODE_ID"] ?? $0["PNODE_ID"] ?? $0["APNODE_ID"] }.first
    let utility = capacity.lazy.compactMap { $0["UDC"] }.first
    let megawatts = capacity.lazy.compactMap { $0["NET_DEPENDABLE_CAPACITY"] }.first
    let aggregate = capacity.lazy.compactMap { $0["RESOURCE_AGG_TYPE"] }.first
    add("node", node, aggregation?.node.name)
    add("UDC", utility, aggregation?.utility)
    add("aggregate", aggregate, aggregation == nil ? nil : "Y")
    addCapacity(megawatts, aggregation?.capacity)
  }

  private mutating func add(_ name: String, _ found: String?, _ registered: String?) {
    guard let found, !found.isEmpty else { return }
    facts.append(Fact(name: name, value: found))
    guard let registered, registered != found else { return }
    differences.append("\(name) is \(found.controlsEscaped) in OASIS and \(registered) in the registration")
  }

  private mutating func addCapacity(_ found: String?, _ registered: Power?) {
    guard let found, !found.isEmpty else { return }
    facts.append(Fact(name: "capacity in MW", value: found))
    guard let registered, ExactDecimal.parse(found, digits: 9) != registered.milliwatts else { return }
    differences.append(
      "capacity is \(found.controlsEscaped) MW in OASIS and \(registered.exactText) in the registration")
  }

  /// Rows about the resource that are in force now, by name of column.
  private static func rows(of resource: ResourceID, in table: OASISTable, now: UTCInstant) -> [[String: String]] {
    guard let place = table.index(of: "RESOURCE_ID") else { return [] }
    return table.rows.filter { $0[place] == resource.name }
      .map { Dictionary(zip(table.columns, $0), uniquingKeysWith: { first, _ in first }) }
      .filter { row in
        let start = row["EFF_START_DT"].flatMap(instant) ?? now
        let end = row["EFF_END_DT"].flatMap(instant) ?? now
        return start <= now && end >= now
      }
  }

  /// Nil where it is told in a form that is not known: then the row counts as in force.
  private static func instant(_ text: String) -> UTCInstant? {
    UTCInstant(timestamp: text)
      ?? TradeDate(String(text.prefix(10))).map { UTCInstant(seconds: $0.days * 86_400) }
  }
}
