/// Which resources have other values by one epoch than by another, and why.
struct ValueComparison {
  private let old: ConfigurationEpoch?
  private let new: ConfigurationEpoch

  init(_ old: ConfigurationEpoch?, _ new: ConfigurationEpoch) {
    self.old = old
    self.new = new
  }

  var changes: [ReloadPlan.ChangedValues] {
    let ids = new.resources.map(\.id) + (old?.resources ?? []).map(\.id).filter { new.resource($0) == nil }
    let (before, after) = (Self.sites(old), Self.sites(new))
    return ids.compactMap { id in
      let reasons = reasons(id, before[id] ?? [:], after[id] ?? [:])
      guard !reasons.isEmpty else { return nil }
      let measurements = (new.resource(id) ?? old?.resource(id))?.measurements.map(\.type) ?? []
      return ReloadPlan.ChangedValues(resource: id, measurements: measurements, reasons: reasons)
    }
  }

  private typealias Sites = [SiteID: ConfigurationEpoch.Site]

  private static func sites(_ epoch: ConfigurationEpoch?) -> [ResourceID: Sites] {
    (epoch?.sites ?? []).reduce(into: [:]) { $0[$1.resource, default: [:]][$1.id] = $1 }
  }

  private func reasons(_ id: ResourceID, _ before: Sites, _ after: Sites) -> [String] {
    guard let known = old?.resource(id) else { return ["owed for the first time"] }
    guard let asked = new.resource(id) else { return ["owed no longer"] }
    var reasons: [String] = []
    func note(_ isSame: Bool, _ reason: String) { if !isSame { reasons.append(reason) } }
    note(known.measurements == asked.measurements, "its measurements")
    note(known.unit == asked.unit, "its unit")
    note(known.channel == asked.channel, "its channel")
    note(known.schedulingCoordinator == asked.schedulingCoordinator, "its scheduling coordinator")
    note(old?.estimation == new.estimation, "completeness")
    for site in Set(before.keys).union(after.keys).sorted() {
      switch (before[site], after[site]) {
      case (nil, _): reasons.append("\(site) joins")
      case (_, nil): reasons.append("\(site) leaves")
      case (let known?, let asked?):
        note(known.nameplate == asked.nameplate, "nameplate of \(site)")
        note(known.lossFactors == asked.lossFactors, "loss factor of \(site)")
        note(known.bridge == asked.bridge, "scan of \(site)")
        note(known.map == asked.map, "map of \(site)")
        if reasons.isEmpty { note(known == asked, "\(site)") }
      }
    }
    return reasons
  }
}
