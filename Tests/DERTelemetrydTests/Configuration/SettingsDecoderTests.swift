import Testing
import TelemetryCore

@Suite struct SettingsDecoderTests {
  private typealias Fixtures = ConfigurationFixtures

  @Test func whatTheFileDoesNotSayHasItsDefault() throws {
    let settings = try Fixtures.decode().get()
    #expect(settings.stateDirectory == "/var/lib/dertelemetryd")
    #expect(settings.intervalLength == .fiveMinutes)
    #expect(settings.grace == .seconds(60))
    #expect(settings.scan == .seconds(4))
    let channel = try #require(settings.channels.first)
    #expect(channel.mode == .hold)
    #expect(channel.spacing == .seconds(5))
    #expect(channel.settle == .seconds(900))
    #expect(channel.timeout == .seconds(60))
    #expect(channel.submit == ServiceSettings(url: "https://host/path", soapAction: ""))
    #expect(channel.retrieve == channel.submit)
    #expect(channel.userName == nil)
    let site = try #require(settings.sites.first)
    #expect(site.lossFactors == .none)
    #expect(site.modbus == ModbusAddress(host: "10.20.0.11", port: 502, unit: 1))
    #expect(site.scan == nil)
    #expect(site.der == nil)
  }

  @Test func withoutBatchStatusInTheProfileThereIsNoServiceForIt() throws {
    let with = try Fixtures.decode().get().channels.first
    #expect(with?.status == with?.submit)
    let without = try Fixtures.decode(profile: Fixtures.profile(hasStatus: false)).get().channels.first
    #expect(without?.status == nil)
    let main = Fixtures.main + "\n  services: { status: { url: https://host/status } }"
    #expect(throws: ConfigurationProblems.self) {
      try Fixtures.decode(main: main, profile: Fixtures.profile(hasStatus: false)).get()
    }
    #expect(try Fixtures.decode(main: main).get().channels.first?.status?.url == "https://host/status")
  }

  @Test func whatTheFileSaysIsTaken() throws {
    let main = """
      format: 1
      state_directory: /srv/der
      interval: 15m
      grace: 90s
      scan: 500ms
      resources:
        - id: A
          scheduling_coordinator: EXSC
          channel: files
          measurements: [{ type: GEN, flow: export }, { type: LOAD, flow: import }]
      channels:
        - name: files
          kind: mri-s
          mode: live
          services:
            submit: { url: https://host/submit, soap_action: "urn:submit" }
            retrieve: { url: https://host/retrieve }
          certificate: client.crt
          key: /run/client.key
          trust: credential:ca.crt
          user_name: exsc_meter
          spacing: 0s
          settle: 20m
          timeout: 1.5s
      """
    let sites = """
      - id: s
        der: DER-0001
        resource: A
        nameplate: 1.5 MW
        loss_factor: { export: "0.9873" }
        modbus: { host: meter.example, port: 1502, unit: 255, pipeline: 4, timeout: 800ms }
        map: sunspec
        scan: 1m
      """
    let settings = try Fixtures.decode(main: main, sites: sites).get()
    #expect(settings.stateDirectory == "/srv/der")
    #expect(settings.intervalLength.seconds == 900)
    #expect(settings.grace == .seconds(90))
    #expect(settings.scan == Milliseconds(500))
    let channel = try #require(settings.channels.first)
    #expect(channel.mode == .live)
    #expect(channel.submit == ServiceSettings(url: "https://host/submit", soapAction: "urn:submit"))
    #expect(channel.status == nil)
    #expect(channel.retrieve == ServiceSettings(url: "https://host/retrieve", soapAction: ""))
    #expect(channel.certificate == .file("/etc/dertelemetryd/client.crt"))
    #expect(channel.key == .file("/run/client.key"))
    #expect(channel.trust == .credential("ca.crt"))
    #expect(channel.userName == "exsc_meter")
    #expect(channel.spacing == Milliseconds(0))
    #expect(channel.settle == .seconds(1_200))
    #expect(channel.timeout == Milliseconds(1_500))
    #expect(
      settings.resources == [
        ResourceSettings(
          id: ResourceID("A"), schedulingCoordinator: SchedulingCoordinatorID("EXSC"), channel: ChannelName("files"),
          measurements: [
            MeasurementSettings(type: MeasurementType("GEN"), flow: .export),
            MeasurementSettings(type: MeasurementType("LOAD"), flow: .import),
          ])
      ])
    #expect(
      settings.sites == [
        SiteSettings(
          id: SiteID("s"), der: "DER-0001", resource: ResourceID("A"), nameplate: Power(milliwatts: 1_500_000_000),
          lossFactors: LossFactors(export: 9_873, import: 10_000),
          modbus: ModbusAddress(
            host: "meter.example", port: 1_502, unit: 255,
            limits: ConnectionLimits(pipeline: 4, replyTimeout: Milliseconds(800))), scan: .seconds(60))
      ])
  }

  @Test func theStateDirectoryOfSystemdStandsBehindThatOfTheFile() throws {
    #expect(try Fixtures.decode(stateDirectory: "/a").get().stateDirectory == "/a")
    let main = Fixtures.main + "\nstate_directory: /b"
    #expect(try Fixtures.decode(main: main, stateDirectory: "/a").get().stateDirectory == "/b")
  }

  @Test func aGatewayBeforeItsFirstSiteIsValid() throws {
    #expect(try Fixtures.decode(sites: "# none yet\n").get().sites == [])
    #expect(try Fixtures.decode(sites: "[]").get().sites == [])
  }

  @Test func aResourceWithoutSiteBesideOthersIsAMistake() {
    let second = Fixtures.main.replacing(
      "channel:\n  name",
      with:
        "  - { id: B, scheduling_coordinator: S, channel: production, measurements: [{ type: GEN, flow: export }] }\nchannel:\n  name"
    )
    #expect(
      Fixtures.problems(main: second) == [
        "d.yaml:9:11: resources[1].id: has no site: expected at least one with `resource: B`"
      ])
  }

  @Test func oneMistakeInASiteIsNotToldAsAnotherOfItsResource() {
    let sites = Fixtures.sites.replacing("250 kW", with: "250")
    #expect(Fixtures.problems(sites: sites).count == 1)
  }

  @Test func aScanIsAtMostHalfAnInterval() {
    let main = Fixtures.main.replacing("interval: 5m", with: "interval: 10s\nscan: 5001ms")
    #expect(
      Fixtures.problems(main: main) == ["d.yaml:3:7: scan: is 5001ms: expected at most half of the interval of 10s"])
    #expect(Fixtures.problems(main: main.replacing("5001ms", with: "5s")) == [])
    let sites = Fixtures.sites + "\n  scan: 151s"
    #expect(Fixtures.problems(sites: sites).first?.hasPrefix("s.yaml:6:9: sites[0].scan: is 151s") == true)
  }

  @Test func graceWaitsForTheReadingThatClosesTheInterval() {
    let main = Fixtures.main + "\ngrace: 3s"
    #expect(Fixtures.problems(main: main).map { $0.hasPrefix("d.yaml:16:8: grace: is 3s: expected") } == [true])
    #expect(Fixtures.problems(main: main + "\nscan: 3s") == [])
  }

  @Test func oneChannelOrAListButNotBoth() {
    let both = Fixtures.main + "\nchannels: []"
    #expect(
      Fixtures.problems(main: both)
        == ["d.yaml:16:1: channels: stands beside `channel`: write all of them under `channels`"])
  }

  @Test func whatIsNotSupportedIsRefusedAndNeverIgnored() {
    let problems = Fixtures.problems(main: Fixtures.main + "\nnetting: {}")
    #expect(problems == ["d.yaml:16:1: netting: is not supported by this version yet: take it out"])
    for key in ["from", "until", "netting"] {
      let problems = Fixtures.problems(sites: Fixtures.sites + "\n  \(key): 2026-12-01")
      #expect(problems == ["s.yaml:6:3: sites[0].\(key): is not supported by this version yet: take it out"])
    }
  }

  @Test func storageHasADefaultForEachKeyAndBounds() throws {
    #expect(try Fixtures.decode().get().storage == .standard)
    #expect(try Fixtures.decode(main: Fixtures.main + "\nstorage: {}").get().storage == .standard)
    let text = "\nstorage: { readings: { keep: 90d, cap: 1.5GB, commit: 200ms }, ledger: { keep: 7y }, reserve: 0B }"
    let settings = try Fixtures.decode(main: Fixtures.main + text).get()
    #expect(
      settings.storage
        == StorageSettings(
          readings: StorageSettings.Readings(
            keep: .seconds(90 * 86_400), cap: 1_500_000_000, commit: Milliseconds(200)),
          ledgerKeep: .seconds(7 * 365 * 86_400), reserve: 0))
    #expect(settings.tick == Milliseconds(200))
    for wrong in [
      "readings: { keep: 1h }", "readings: { cap: 20 }", "readings: { cap: 1MB }", "readings: { commit: 50ms }",
      "readings: { commit: 2m }", "ledger: { keep: 30d }", "reserve: 64MiB", "reserves: 64MB", "readings: 7",
    ] {
      #expect(Fixtures.problems(main: Fixtures.main + "\nstorage: { \(wrong) }").count == 1, "\(wrong)")
    }
  }

  @Test func completenessHasADefaultForEachKeyAndBounds() throws {
    #expect(try Fixtures.decode().get().completeness == .standard)
    let own =
      Fixtures.main + "\ncompleteness: { submit_at: \"0.8\", estimate: zero, estimate_after: 2h, revise_after: 5m }"
    #expect(
      try Fixtures.decode(main: own).get().completeness
        == CompletenessSettings(
          submitAt: 8_000, estimate: .zero, estimateAfter: .seconds(7_200), reviseAfter: .seconds(300)))
    for wrong in ["submit_at: 1.1", "submit_at: many", "estimate: guess", "estimate_after: 1s", "revise_after: -1s"] {
      #expect(Fixtures.problems(main: Fixtures.main + "\ncompleteness: { \(wrong) }").count == 1, "\(wrong)")
    }
  }

  @Test func aChannelSubmitsEachIntervalUnlessItIsToldWhen() throws {
    func cadence(_ text: String, in zone: TimeZoneTransitions? = nil) throws -> SubmissionCadence? {
      try Fixtures.decode(main: Fixtures.main + text, marketZone: zone).get().channels.first?.cadence
    }
    #expect(try cadence("") == .eachInterval)
    #expect(try cadence("\n  submit: hourly") == .hourly)
    #expect(try cadence("\n  submit: daily 06:00", in: .utc) == .daily(minute: 360, .utc))
    #expect(throws: ConfigurationProblems.self, "a time of day needs a time zone") {
      try cadence("\n  submit: daily 06:00")
    }
    #expect(throws: ConfigurationProblems.self) { try cadence("\n  submit: weekly", in: .utc) }
  }

  @Test func theSameDeviceTwiceIsOneSiteTooMany() {
    let second = Fixtures.sites.replacing("fresno-01", with: "fresno-02")
    #expect(
      Fixtures.problems(sites: Fixtures.sites + "\n" + second)
        == ["s.yaml:9:11: sites[1].modbus: is the second site at `10.20.0.11:502 unit 1`; the first is at s.yaml:4:11"])
    let otherUnit = second.replacing("unit: 1", with: "unit: 2")
    #expect(Fixtures.problems(sites: Fixtures.sites + "\n" + otherUnit) == [])
  }

  @Test func aLineWithSerialFramingCarriesOneRequestAtATime() throws {
    let serial = Fixtures.sites.replacing("unit: 1", with: "unit: 1, framing: rtu")
    #expect(try Fixtures.decode(sites: serial).get().sites.first?.modbus.limits.framing == .rtu)
    let wrong = Fixtures.sites.replacing("unit: 1", with: "unit: 248, framing: rtu, pipeline: 2")
    #expect(Fixtures.problems(sites: wrong).count == 2)
  }

  @Test func aSerialPortIsReadWithHowItsLineIsDriven() throws {
    func address(_ text: String) throws -> ModbusAddress? {
      let sites = Fixtures.sites.replacing("host: 10.20.0.11, unit: 1", with: text)
      return try Fixtures.decode(sites: sites).get().sites.first?.modbus
    }
    let limits = ConnectionLimits(pipeline: 1, replyTimeout: .seconds(3), framing: .rtu)
    let standard = SerialPort(path: "/dev/ttyUSB0", baud: 9_600, parity: .even, stopBits: 1)
    #expect(
      try address("serial: /dev/ttyUSB0, unit: 7") == ModbusAddress(.serial(standard), unit: 7, limits: limits))
    let other = SerialPort(path: "/dev/ttyS1", baud: 115_200, parity: .none, stopBits: 2)
    #expect(
      try address("serial: /dev/ttyS1, baud: 115200, parity: none, stop_bits: 2, unit: 7")?.endpoint == .serial(other))
    for wrong in [
      "serial: ttyS1, unit: 1", "serial: /dev/ttyS1, baud: 9601, unit: 1", "serial: /dev/ttyS1, unit: 0",
      "serial: /dev/ttyS1, host: h, unit: 1", "host: h, baud: 9600, unit: 1",
      "serial: /dev/ttyS1, unit: 1, pipeline: 1",
    ] {
      let sites = Fixtures.sites.replacing("host: 10.20.0.11, unit: 1", with: wrong)
      #expect(Fixtures.problems(sites: sites).count == 1, "\(wrong)")
    }
  }

  @Test func twoSitesOnALineAgreeOnHowItIsDriven() {
    let line = Fixtures.sites.replacing("host: 10.20.0.11, unit: 1", with: "serial: /dev/ttyS1, unit: 1")
    let second = line.replacing("fresno-01", with: "fresno-02").replacing("unit: 1", with: "unit: 2")
    #expect(Fixtures.problems(sites: line + "\n" + second) == [])
    let other = second.replacing("unit: 2", with: "unit: 2, baud: 19200")
    #expect(Fixtures.problems(sites: line + "\n" + other).count == 1)
  }

  @Test func sitesOfOneConnectionAgreeOnIt() {
    let second = Fixtures.sites.replacing("fresno-01", with: "fresno-02").replacing("unit: 1", with: "unit: 2")
    let other = second.replacing("unit: 2", with: "unit: 2, pipeline: 2")
    #expect(
      Fixtures.problems(sites: Fixtures.sites + "\n" + other) == [
        "s.yaml:9:11: sites[1].modbus: shares the connection to `10.20.0.11:502` with s.yaml:4:11, and says something "
          + "else of it: expected the same of everything but `unit` at both"
      ])
    let elsewhere = other.replacing("10.20.0.11", with: "10.20.0.12")
    #expect(Fixtures.problems(sites: Fixtures.sites + "\n" + elsewhere) == [])
  }
}
