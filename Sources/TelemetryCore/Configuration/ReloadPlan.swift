/// What taking an edited configuration would do, found before anything is done.
///
/// Sites, resources, scan rates, grace and completeness can change while the daemon runs. What only a start can take
/// refuses the whole, so that what runs is always what the files say.
package struct ReloadPlan: Hashable, Sendable {
  package struct ChangedSite: Hashable, Sendable {
    package var id: SiteID
    /// The keys that differ, as they stand in the files.
    package var keys: [String]
  }

  /// A resource whose intervals have other values from ``ReloadPlan/from`` on than they would have had.
  package struct ChangedValues: Hashable, Sendable {
    package var resource: ResourceID
    package var measurements: [MeasurementType]
    package var reasons: [String]
  }

  /// A key whose change only a start can take.
  package struct Refusal: Hashable, Sendable {
    package var key: String
    package var message: String
  }

  package private(set) var added: [SiteID] = []
  package private(set) var removed: [SiteID] = []
  package private(set) var changed: [ChangedSite] = []
  package private(set) var unchangedCount = 0
  /// Keys of the main file that are taken at once, but for its resources.
  package private(set) var keys: [String] = []
  package private(set) var resourcesAdded: [ResourceID] = []
  package private(set) var resourcesRemoved: [ResourceID] = []
  package private(set) var resourcesChanged: [ResourceID] = []
  package private(set) var values: [ChangedValues] = []
  package private(set) var refusals: [Refusal] = []
  /// The start of the first interval that is measured by it.
  package let from: UTCInstant

  /// Compares what runs with what is asked for.
  ///
  /// `inForce` is the latest epoch, which begins now or later.
  package init(from old: Settings, to new: Settings, inForce: ConfigurationEpoch?, start: UTCInstant) {
    from = start
    compareSites(old, new)
    compareResources(old, new)
    keys = Self.different([
      ("scan", old.scan == new.scan), ("grace", old.grace == new.grace),
      ("completeness", old.completeness == new.completeness), ("settlement", old.settlement == new.settlement),
    ])
    refusals = Self.refusals(old, new)
    values = ValueComparison(inForce, ConfigurationEpoch(new, start: start)).changes
  }

  package var isRefused: Bool { !refusals.isEmpty }

  /// True where the files may have other bytes and say the same.
  package var changesNothing: Bool {
    added.isEmpty && removed.isEmpty && changed.isEmpty && keys.isEmpty && resourcesAdded.isEmpty
      && resourcesRemoved.isEmpty && resourcesChanged.isEmpty && values.isEmpty && refusals.isEmpty
  }

  private static func different(_ keys: [(String, isSame: Bool)]) -> [String] {
    keys.filter { !$0.isSame }.map(\.0)
  }

  private mutating func compareSites(_ old: Settings, _ new: Settings) {
    let before = Dictionary(old.sites.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for site in new.sites {
      guard let known = before[site.id] else {
        added.append(site.id)
        continue
      }
      guard known != site else {
        unchangedCount += 1
        continue
      }
      let keys = Self.different([
        ("der", known.der == site.der), ("resource", known.resource == site.resource),
        ("nameplate", known.nameplate == site.nameplate), ("loss_factor", known.lossFactors == site.lossFactors),
        ("modbus", known.modbus == site.modbus), ("scan", known.scan == site.scan),
        ("map", known.source == site.source),
      ])
      changed.append(ChangedSite(id: site.id, keys: keys.isEmpty ? ["settings"] : keys))
    }
    let present = Set(new.sites.map(\.id))
    removed = old.sites.map(\.id).filter { !present.contains($0) }
  }

  private mutating func compareResources(_ old: Settings, _ new: Settings) {
    for resource in new.resources {
      let known = old.resources.first { $0.id == resource.id }
      if known == nil { resourcesAdded.append(resource.id) }
      if let known, known != resource { resourcesChanged.append(resource.id) }
    }
    resourcesRemoved = old.resources.map(\.id).filter { id in !new.resources.contains { $0.id == id } }
  }

  // MARK: What only a start can take

  private static func refusals(_ old: Settings, _ new: Settings) -> [Refusal] {
    let keys = different([
      ("state_directory", old.stateDirectory == new.stateDirectory), ("storage", old.storage == new.storage),
      ("metrics", old.metrics == new.metrics),
    ])
    var refusals = keys.map { Refusal(key: $0, message: "is taken by a start alone") }
    if old.intervalLength != new.intervalLength {
      let (kept, asked) = (old.intervalLength.milliseconds, new.intervalLength.milliseconds)
      refusals.append(
        Refusal(
          key: "interval",
          message: "is \(asked.configurationText), while the accounts are kept in intervals of "
            + "\(kept.configurationText): another length wants another state_directory, and a start"))
    }
    for channel in new.channels {
      guard let known = old.channels.first(where: { $0.name == channel.name }) else {
        refusals.append(Refusal(key: "channels", message: "\(channel.name) is new, and a start alone brings it up"))
        continue
      }
      guard known != channel else { continue }
      refusals.append(
        Refusal(
          key: "channels",
          message: "\(channel.name) has another \(differences(known, channel)), which a start alone takes"))
    }
    for channel in old.channels where !new.channels.contains(where: { $0.name == channel.name }) {
      refusals.append(Refusal(key: "channels", message: "\(channel.name) is gone, and a start alone ends it"))
    }
    return refusals
  }

  private static func differences(_ old: ChannelSettings, _ new: ChannelSettings) -> String {
    let keys = different([
      ("mode", old.mode == new.mode), ("profile", old.profile == new.profile),
      ("address", [old.submit, old.retrieve] == [new.submit, new.retrieve] && old.status == new.status),
      ("certificate", old.certificate == new.certificate), ("key", old.key == new.key),
      ("trust", old.trust == new.trust), ("spacing", old.spacing == new.spacing), ("settle", old.settle == new.settle),
      ("timeout", old.timeout == new.timeout), ("submit", old.cadence == new.cadence),
    ])
    return keys.isEmpty ? "setting" : keys.joined(separator: ", ")
  }
}
