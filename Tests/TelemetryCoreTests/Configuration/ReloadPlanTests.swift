import Testing

@testable import TelemetryCore

/// What an edit would change is said before anything is done.
@Suite struct ReloadPlanTests {
  private let start = House.noon
  private let old = Settings.fixture(sites: 4, resources: ["EXAMPL_7_DERA1", "EXAMPL_7_DERA2"])

  private func plan(_ edit: (inout Settings) -> Void) -> ReloadPlan {
    var new = old
    edit(&new)
    let inForce = ConfigurationEpoch(old, start: start - .seconds(3_600))
    return ReloadPlan(from: old, to: new, inForce: inForce, start: start)
  }

  @Test func anEditThatSaysTheSameChangesNothing() {
    let plan = plan { _ in }
    #expect(plan.changesNothing && !plan.isRefused)
    #expect(plan.unchangedCount == 4)
  }

  @Test func sitesAreNamedThatAreAddedRemovedAndChanged() {
    let plan = plan { settings in
      settings.sites[1].nameplate = Power(milliwatts: 1)
      settings.sites[1].modbus.unit = 9
      settings.sites.remove(at: 0)
      var new = settings.sites[0]
      new.id = SiteID("another")
      settings.sites.append(new)
    }
    #expect(plan.added == [SiteID("another")])
    #expect(plan.removed == [SiteID("site-0")])
    #expect(plan.changed == [ReloadPlan.ChangedSite(id: SiteID("site-1"), keys: ["nameplate", "modbus"])])
    #expect(plan.unchangedCount == 2)
    #expect(!plan.isRefused)
  }

  @Test func theResourcesWhoseValuesChangeAreNamedAndNoOthers() {
    let factor = plan { $0.sites[0].lossFactors.export = 9_000 }
    #expect(factor.values.map(\.resource.name) == ["EXAMPL_7_DERA1"])
    #expect(factor.values.map(\.reasons) == [["loss factor of site-0"]])
    #expect(factor.from == start)
    let moved = plan { $0.sites[0].resource = ResourceID("EXAMPL_7_DERA2") }
    #expect(moved.values.map(\.reasons) == [["site-0 leaves"], ["site-0 joins"]])
    let address = plan { $0.sites[0].modbus.unit = 7 }
    #expect(address.values.isEmpty && address.changed.map(\.keys) == [["modbus"]], "where it is read changes no value")
    let scan = plan { $0.scan = .seconds(10) }
    #expect(scan.values.count == 2 && scan.keys == ["scan"], "readings may lie further from a boundary")
    let gone = plan { settings in
      settings.resources.removeLast()
      settings.sites.removeAll { $0.resource.name == "EXAMPL_7_DERA2" }
    }
    #expect(gone.values.map(\.reasons) == [["owed no longer"]])
    #expect(gone.resourcesRemoved.map(\.name) == ["EXAMPL_7_DERA2"])
  }

  @Test func whatOnlyAStartCanTakeIsRefusedEachByItsName() {
    let plan = plan { settings in
      settings.stateDirectory = "/elsewhere"
      settings.storage.readings.commit = Milliseconds(500)
      settings.metrics.port = 9_100
      settings.intervalLength = IntervalLength(seconds: 60) ?? .fiveMinutes
      settings.channels[0].timeout = .seconds(7)
      settings.channels[0].submit.url = "https://127.0.0.1/other"
      settings.sites.removeLast()
    }
    #expect(plan.isRefused)
    #expect(plan.refusals.map(\.key) == ["state_directory", "storage", "metrics", "interval", "channels"])
    #expect(plan.refusals.last?.message.contains("production has another address, timeout") == true)
    #expect(plan.removed.map(\.name) == ["site-3"], "the rest is told all the same")
  }
}
