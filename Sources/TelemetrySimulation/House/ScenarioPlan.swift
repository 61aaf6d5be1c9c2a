package import TelemetryCore

/// What one seed simulates: four sites of two resources, and how they are configured from one start to the next.
package struct ScenarioPlan: Sendable {
  package var seed: UInt64
  /// Each start takes one of them; the first start the first.
  package var settings: [Settings]
  /// Seconds between two readings of a site.
  package var step: Int64
  /// After so many bytes of records the accounts are kept whole, for the next start.
  package var leastUntilCheckpoint: Int
  /// Every site is in every configuration, so that all energy is in the accounts in the end.
  package var keepsEverySite: Bool
  /// A power cut may then cost the readings of a block.
  package var readingsDiskLeavesGarbage: Bool
  package var troubles: Set<Trouble>

  /// What happens beside crashes, power cuts, failing operations, silent sites and what an operator does.
  package enum Trouble: String, Hashable, Sendable, CaseIterable {
    /// A person holds, releases, waives, resubmits, resolves and adopts.
    case person
    /// The configuration is edited while the daemon runs.
    case reload
    /// Somebody fills the disk, and frees it.
    case fullDisk = "full-disk"
  }

  /// Without `troubles` the seed draws them.
  package init(
    seed: UInt64, step: Int64 = 120, intervalSeconds: Int64 = 300, troubles: Set<Trouble>? = nil
  ) {
    self.seed = seed
    self.step = step
    var random = SeededRandom(seed: seed &* 41 &+ 19)
    let drawn = Set(Trouble.allCases.filter { _ in Bool.random(using: &random) })
    self.troubles = troubles ?? drawn
    // Every other seed has a checkpoint about every half hour, so that most of its starts begin with one.
    leastUntilCheckpoint = seed.isMultiple(of: 2) ? 4_000 : LedgerSize.leastUntilCheckpoint
    var first = Settings.simulated(intervalSeconds: intervalSeconds, step: step, digits: seed.isMultiple(of: 2) ? 6 : 3)
    first.completeness = CompletenessSettings(
      submitAt: [9_500, 4_000, 0][Int(seed % 3)],
      estimate: EstimateMethod.allCases[Int(seed / 3) % EstimateMethod.allCases.count],
      estimateAfter: .seconds(seed.isMultiple(of: 4) ? 3_600 : 6 * 3_600),
      reviseAfter: .seconds(seed.isMultiple(of: 5) ? 0 : 1_200))
    readingsDiskLeavesGarbage = seed.isMultiple(of: 2)
    first.storage.readings = StorageSettings.Readings(
      keep: .seconds(seed.isMultiple(of: 3) ? 6 * 3_600 : 30 * 86_400),
      cap: seed.isMultiple(of: 5) ? 24_000 : 20_000_000, commit: .seconds(1))
    if seed.isMultiple(of: 3) { first.resources[1].schedulingCoordinator = SchedulingCoordinatorID("OTHR") }
    if seed.isMultiple(of: 5) { first.addSecondChannel() }
    var moved = first
    moved.sites[1].resource = first.resources[0].id
    settings = [first, moved]
    keepsEverySite = !seed.isMultiple(of: 4)
    if !keepsEverySite {
      var removed = first
      removed.resources.removeLast()
      removed.sites.removeAll { $0.resource != removed.resources[0].id }
      settings.append(removed)
    }
    if self.troubles.contains(.reload) { addEdits(of: first) }
  }

  /// What a reload may bring besides.
  private mutating func addEdits(of first: Settings) {
    var turned = first
    turned.sites.reverse()
    settings.append(turned)
    guard !keepsEverySite else { return }
    var fewer = first
    fewer.sites.remove(at: 1)
    var more = first
    var another = first.sites[0]
    another.id = SiteID("site-4")
    more.sites.insert(another, at: 0)
    var lossy = first
    lossy.sites[2].lossFactors = LossFactors(export: 9_411, import: LossFactors.one)
    settings += [fewer, more, lossy]
  }

  /// Every site of any configuration, those of the first one first.
  var siteIDs: [SiteID] {
    settings.flatMap { $0.sites.map(\.id) }.reduce(into: []) { known, id in
      if !known.contains(id) { known.append(id) }
    }
  }
}

extension Settings {
  /// Losses in every energy, so that nothing comes out even by chance.
  fileprivate static let lossFactors = LossFactors(export: 9_873, import: LossFactors.one)

  fileprivate static func simulated(intervalSeconds: Int64, step: Int64, digits: Int) -> Settings {
    guard let length = IntervalLength(seconds: intervalSeconds), let unit = WireUnit(symbol: "MWh", digits: digits)
    else { preconditionFailure("a length and a unit that exist") }
    let service = ServiceSettings(url: "https://127.0.0.1/", soapAction: "")
    let resources = ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"].map(ResourceID.init)
    return Settings(
      stateDirectory: "/nowhere", intervalLength: length, grace: .seconds(step), scan: .seconds(step),
      resources: resources.map { id in
        ResourceSettings(
          id: id, schedulingCoordinator: SchedulingCoordinatorID("EXSC"), channel: ChannelName("production"),
          measurements: [MeasurementSettings(type: MeasurementType("GEN"), flow: .export)])
      },
      sites: (0..<4).map { index in
        SiteSettings(
          id: SiteID("site-\(index)"), resource: resources[index % 2], nameplate: Power(milliwatts: 200_000_000),
          lossFactors: lossFactors, modbus: ModbusAddress(host: "127.0.0.1", port: 502, unit: 1), scan: nil)
      },
      channels: [
        ChannelSettings(
          name: ChannelName("production"), mode: .live, profile: WireProfile(name: "simulated", unit: unit),
          submit: service, status: service, retrieve: service, certificate: .file("/c"), key: .file("/k"),
          trust: .file("/t"), userName: nil, spacing: .seconds(1), settle: .seconds(300), timeout: .seconds(60))
      ])
  }

  /// The second resource goes out through a channel of its own.
  fileprivate mutating func addSecondChannel() {
    let first = channels[0]
    channels.append(
      ChannelSettings(
        name: ChannelName("second"), mode: .live, profile: first.profile, submit: first.submit, status: first.status,
        retrieve: first.retrieve, certificate: first.certificate, key: first.key, trust: first.trust, userName: nil,
        spacing: first.spacing, settle: first.settle, timeout: first.timeout))
    resources[1].channel = ChannelName("second")
  }
}
