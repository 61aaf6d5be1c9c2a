import Testing

@testable import TelemetryCore

@Suite struct ConnectionPlanTests {
  private func site(_ host: String, _ port: Int, _ unit: UInt8, scan: Milliseconds? = nil) -> SiteSettings {
    SiteSettings(
      id: SiteID("s"), resource: ResourceID("R"), nameplate: Power(milliwatts: 1), lossFactors: .none,
      modbus: ModbusAddress(host: host, port: port, unit: unit), scan: scan)
  }

  @Test func sitesBehindOneHostAndPortShareAConnection() {
    let sites = [
      site("gateway", 502, 1), site("other", 502, 1), site("Gateway", 502, 2, scan: .seconds(60)),
      site("gateway", 503, 3),
    ]
    let plan = ConnectionPlan(sites, defaultScan: .seconds(4))
    #expect(plan.connections.map(\.endpoint.description) == ["gateway:502", "other:502", "gateway:503"])
    #expect(plan.places.map(\.connection) == [0, 1, 0, 2])
    #expect(plan.places.map(\.member) == [0, 0, 1, 0])
    #expect(
      plan.connections[0].members == [
        ConnectionMember(site: SiteIndex(0), unit: 1, scan: .seconds(4)),
        ConnectionMember(site: SiteIndex(2), unit: 2, scan: .seconds(60)),
      ])
  }
}
