import Foundation
import Settings
import Testing
import TelemetryCore

/// All settings in the form of the files, defaults too.
@Suite struct EffectiveSettingsTests {
  private typealias Fixtures = ConfigurationFixtures

  private static let main = """
    format: 1
    state_directory: "/var/lib/a \\"quoted\\" path: # no comment"
    interval: 1m
    grace: 2500ms
    scan: 2s
    completeness: { submit_at: "0.9001", estimate: last-power, estimate_after: 90m, revise_after: 0s }
    metrics: { file: /run/d.prom, port: 9464 }
    settlement: { deadlines: [{ name: last, business_days: 52, time: "17:05", from: 2026-12-01 }], holidays: [2026-12-25] }
    resources:
      - id: R1
        scheduling_coordinator: EXSC
        channel: one
        measurements: [{ type: GEN, flow: export }, { type: LOAD, flow: import }]
    channels:
      - name: one
        kind: mri-s
        mode: live
        url: https://host/path?a=b&c=:d
        services: { status: { url: "https://host/status", soap_action: "urn:x y" } }
        certificate: client.crt
        key: credential:client.key
        trust: /etc/ca.crt
        user_name: "null"
        spacing: 0ms
        settle: 1h
        timeout: 90s
        submit: daily 06:05
    """
  private static let sites = """
    - id: s1
      der: "ünïcode: \\t- # x"
      resource: R1
      nameplate: 1500.5 W
      loss_factor: { export: "0.9873" }
      modbus: { host: "2001:db8::1", port: 1502, unit: 7 }
      map: sunspec
      scan: 250ms
    - id: s2
      resource: R1
      nameplate: 1 MW
      modbus: { host: meter.example, unit: 0 }
      map: { sunspec: { device: 2, model: 203, occurrence: 3 } }
    - id: s4
      resource: R1
      nameplate: 1 MW
      modbus: { serial: /dev/ttyS1, baud: 115200, parity: odd, stop_bits: 2, unit: 9 }
      map: sunspec
    - id: s3
      resource: R1
      nameplate: 1 MW
      modbus: { host: line.example, unit: 1, framing: rtu, timeout: 1500ms }
      map:
        table: input
        word_order: low-first
        active_power: { register: 3059, type: float32, unit: kW, scale: 40, sign: import-positive }
        energy_import: { register: 3203, type: int64, unit: Wh, scale: 0.001 }
        energy_export: { register: 3207, type: uint32, unit: MWh, scale: 999999.999999, scale_register: 3210 }
    """

  @Test func whatIsPrintedIsReadAsTheSameSettings() throws {
    let settings = try Fixtures.decode(
      main: Self.main, sites: Self.sites.replacing("\\t", with: ""), marketZone: .utc
    ).get()
    let printed = EffectiveSettings(settings)
    let again = try Fixtures.decode(main: printed.main.yaml, sites: printed.sites.yaml, marketZone: .utc).get()
    #expect(EffectiveSettings(again).yaml == printed.yaml)
    #expect(again.sites.map(\.id) == settings.sites.map(\.id))
    #expect(again.sites[0].nameplate == Power(milliwatts: 1_500_500))
    #expect(again.sites[0].der == settings.sites[0].der)
    #expect(again.sites[0].lossFactors == settings.sites[0].lossFactors)
    #expect(again.sites[0].modbus == settings.sites[0].modbus)
    #expect(again.sites.map(\.modbus) == settings.sites.map(\.modbus))
    #expect(again.sites.map(\.source) == settings.sites.map(\.source))
    #expect(again.completeness == settings.completeness)
    #expect(again.storage == settings.storage)
    #expect(again.metrics == MetricsSettings(file: "/run/d.prom", port: 9_464))
    #expect(again.settlement == settings.settlement && again.settlement.deadlines[0].minute == 1_025)
    #expect(again.stateDirectory == settings.stateDirectory)
    #expect(again.resources == settings.resources)
    #expect(again.channels[0].submit == settings.channels[0].submit)
    #expect(again.channels[0].status == settings.channels[0].status)
    #expect(again.channels[0].certificate == settings.channels[0].certificate)
    #expect(again.channels[0].userName == "null")
    #expect(again.channels[0].cadence == .daily(minute: 365, .utc))
    #expect(again.grace == Milliseconds(2_500))
  }

  @Test func whatTheFilesLeaveOutIsThereWithItsDefault() throws {
    let printed = EffectiveSettings(try Fixtures.decode().get())
    #expect(printed.main["state_directory"] == .text("/var/lib/dertelemetryd"))
    #expect(printed.main["grace"] == .text("1m"))
    #expect(printed.main["completeness"]?["submit_at"] == .text("0.95"))
    guard case .list(let sites) = printed.sites, case .list(let channels) = printed.main["channels"] else {
      return _ = Issue.record("no lists")
    }
    #expect(sites.first?["scan"] == .text("4s"))
    #expect(sites.first?["modbus"]?["port"] == .number(502))
    #expect(channels.first?["mode"] == .text("hold"))
    #expect(channels.first?["settle"] == .text("15m"))
    #expect(channels.first?["submit"] == .text("each-interval"))
  }

  /// Who adds a setting adds it to what is printed.
  @Test func everySettingIsShown() throws {
    let settings = try Fixtures.decode().get()
    func labels(_ value: Any) -> [String] { Mirror(reflecting: value).children.compactMap(\.label).sorted() }
    #expect(
      labels(settings) == [
        "channels", "completeness", "grace", "intervalLength", "metrics", "resources", "scan", "settlement", "sites",
        "stateDirectory", "storage",
      ])
    #expect(labels(settings.metrics) == ["file", "port"])
    #expect(labels(settings.settlement) == ["deadlines", "holidays", "zone"])
    #expect(labels(settings.settlement.deadlines[0]) == ["businessDays", "from", "minute", "name"])
    #expect(labels(settings.completeness) == ["estimate", "estimateAfter", "reviseAfter", "submitAt"])
    #expect(labels(settings.resources[0]) == ["channel", "id", "measurements", "schedulingCoordinator"])
    #expect(
      labels(settings.sites[0]) == ["der", "id", "lossFactors", "modbus", "nameplate", "resource", "scan", "source"])
    #expect(
      labels(settings.channels[0]) == [
        "cadence", "certificate", "key", "mode", "name", "profile", "retrieve", "settle", "spacing", "status", "submit",
        "timeout", "trust", "userName",
      ])
  }
}
