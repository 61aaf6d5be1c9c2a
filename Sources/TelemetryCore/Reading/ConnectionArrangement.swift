/// How connections go on when the list of sites is edited.
///
/// A connection stays as long as some site is behind its host and port and its limits are the same; a site that is read
/// on keeps its place at it, and what is known of the device.
package struct ConnectionArrangement: Sendable {
  package struct Step: Hashable, Sendable {
    /// The connection that goes on; nil where a new one begins.
    package var connection: Int?
    /// By member: which member of that connection it was; nil for one that is new at it.
    package var kept: [Int?]
  }

  package let plan: ConnectionPlan
  /// By connection of the plan.
  package let steps: [Step]
  /// The connections that nobody needs any more.
  package let ended: [Int]

  package init(from old: ConnectionPlan, to arrangement: SiteArrangement) {
    let plan = ConnectionPlan(arrangement.sites, defaultScan: arrangement.defaultScan)
    let numbers = Dictionary(
      zip(old.connections.map(\.endpoint), old.connections.indices), uniquingKeysWith: { first, _ in first })
    steps = plan.connections.map { connection in
      let known = numbers[connection.endpoint].flatMap { number in
        old.connections[number].limits == connection.limits ? number : nil
      }
      let kept = connection.members.map { member -> Int? in
        guard let before = arrangement.readOn[member.site.position] else { return nil }
        let place = old.places[before.position]
        return place.connection == known ? place.member : nil
      }
      return Step(connection: known, kept: kept)
    }
    let goingOn = Set(steps.compactMap(\.connection))
    ended = old.connections.indices.filter { !goingOn.contains($0) }
    self.plan = plan
  }
}
