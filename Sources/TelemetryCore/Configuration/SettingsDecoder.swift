/// What settings are made from.
package struct SettingsSources: Sendable {
  /// `dertelemetryd.yaml`.
  package var main: ConfigurationNode
  /// The site files, in the order of their names.
  package var sites: [ConfigurationNode]
  /// The wire profiles that were found, by name.
  ///
  /// Whoever failed to find or read one has reported it.
  package var profiles: [String: WireProfile]
  /// The folder of the main file: what its relative paths are relative to.
  package var directory: String
  /// What `$STATE_DIRECTORY` says, nil where systemd did not set it.
  package var stateDirectory: String?
  /// What clocks in the market's time zone show, nil where the machine does not know.
  package var marketZone: TimeZoneTransitions?

  package init(
    main: ConfigurationNode, sites: [ConfigurationNode], profiles: [String: WireProfile], directory: String,
    stateDirectory: String?, marketZone: TimeZoneTransitions? = nil
  ) {
    self.main = main
    self.sites = sites
    self.profiles = profiles
    self.directory = directory
    self.stateDirectory = stateDirectory
    self.marketZone = marketZone
  }
}

/// A certificate or key that the settings name, for whoever can look at files.
package struct CredentialReference: Hashable, Sendable {
  package enum Purpose: Sendable, Hashable {
    case certificate
    /// Nobody but its owner may read it.
    case key
    case trust
  }

  package var path: CredentialPath
  package var purpose: Purpose
  package var place: ConfigurationPlace
  package var key: String
}

/// Makes settings of configuration files.
///
/// Everything wrong in all files is found in one go: a file that is wrong in one place is still read to its end, and
/// references are checked against every name that could be read.
package struct SettingsDecoder {
  /// Nil where a problem stands in the way.
  package private(set) var settings: Settings?
  package private(set) var problems = ConfigurationProblems()
  package private(set) var credentials: [CredentialReference] = []
  private let sources: SettingsSources
  private var declared = Declarations()

  /// Decodes at once; where not every site file is among the sources (`isWhole` is false), a resource without sites is
  /// no finding.
  package init(_ sources: SettingsSources, isWhole: Bool = true) {
    self.sources = sources
    var problems = ConfigurationProblems()
    let main = ConfigurationReader.read(sources.main, into: &problems) { readMain(&$0) }
    let files = sources.sites.map { file in
      ConfigurationReader.readList(file, path: "sites", into: &problems) { readSite(&$0) }
    }
    declared.isComplete = isWhole && !files.contains { $0 == nil }
    problems.append(declared.problems())
    self.problems = problems.sorted
    guard var main, declared.isComplete, self.problems.isEmpty else { return }
    main.sites = files.flatMap { $0 ?? [] }
    settings = main
  }

  // MARK: dertelemetryd.yaml

  private mutating func readMain(_ reader: inout ConfigurationReader) -> Settings? {
    _ = reader.required("format", .oneOf(["1": 1]))
    let stateDirectory = reader.value(
      "state_directory", .absolutePath, default: sources.stateDirectory ?? SettingsDefault.stateDirectory)
    // The sites have been found by now; reading the key here makes it known.
    _ = reader.value("sites", .text(such: SettingsDefault.sites, limit: 4_000), default: SettingsDefault.sites)
    let givenLength = reader.optional("interval", .intervalLength)
    let intervalLength = givenLength ?? SettingsDefault.intervalLength
    let grace = reader.value(
      "grace", .duration(.seconds(1) ... .seconds(3_600), such: "60s"), default: SettingsDefault.grace)
    let scan = reader.value("scan", .scan, default: SettingsDefault.scan)
    let completeness =
      reader.contains("completeness")
      ? reader.optionalMapping("completeness", CompletenessSettings.read) : CompletenessSettings.standard
    let storage =
      reader.contains("storage")
      ? reader.optionalMapping("storage", StorageSettings.read) : StorageSettings.standard
    let metrics =
      reader.contains("metrics") ? reader.optionalMapping("metrics", MetricsSettings.read) : MetricsSettings()
    let settlement = readSettlement(&reader)
    reader.refuse("netting", Self.unsupported)
    // Nothing is measured against an interval that could not be read.
    if givenLength != nil || !reader.contains("interval") {
      declared.timing = Declarations.Timing(
        interval: intervalLength.milliseconds, grace: grace, scan: scan, scanPlace: reader.place(of: "scan"),
        gracePlace: reader.place(of: "grace"))
    }
    let resources = reader.mappings("resources") { readResource(&$0) }
    let channels = readChannels(&reader)
    guard let resources, let channels, let completeness, let storage, let metrics, let settlement else {
      return nil
    }
    var settings = Settings(
      stateDirectory: stateDirectory, intervalLength: intervalLength, grace: grace, scan: scan,
      resources: resources, sites: [], channels: channels)
    settings.completeness = completeness
    settings.storage = storage
    settings.metrics = metrics
    settings.settlement = settlement
    return settings
  }

  private func readSettlement(_ reader: inout ConfigurationReader) -> SettlementSettings? {
    let zone = sources.marketZone
    guard reader.contains("settlement") else {
      var settlement = SettlementSettings.standard
      settlement.zone = zone
      return settlement
    }
    return reader.optionalMapping("settlement") { SettlementSettings.read(&$0, zone: zone) }
  }

  private static let unsupported = "is not supported by this version yet: take it out"

  private mutating func readResource(_ reader: inout ConfigurationReader) -> ResourceSettings? {
    let id = reader.required("id", .name(such: "EXAMPL_7_DERA1"))
    if let id { declared.resources.append(Declaration(id, reader, "id")) }
    let coordinator = reader.required("scheduling_coordinator", .name(such: "EXSC"))
    let channel = reader.required("channel", .name(such: "production"))
    if let channel { declared.channelReferences.append(Declaration(channel, reader, "channel")) }
    var types: [Declaration] = []
    let measurements = reader.mappings("measurements") { Self.readMeasurement(&$0, &types) }
    declared.measurements.append(types)
    if measurements?.isEmpty == true {
      reader.report("measurements", "is empty: expected at least one, such as `- { type: GEN, flow: export }`")
    }
    reader.refuse("netting", Self.unsupported)
    guard let id, let coordinator, let channel, let measurements else { return nil }
    return ResourceSettings(
      id: ResourceID(id), schedulingCoordinator: SchedulingCoordinatorID(coordinator), channel: ChannelName(channel),
      measurements: measurements)
  }

  private static func readMeasurement(
    _ reader: inout ConfigurationReader, _ types: inout [Declaration]
  ) -> MeasurementSettings? {
    let type = reader.required("type", .name(such: "GEN"))
    if let type { types.append(Declaration(type, reader, "type")) }
    let flow = reader.required("flow", .oneOf(["export": Flow.export, "import": Flow.import]))
    guard let type, let flow else { return nil }
    return MeasurementSettings(type: MeasurementType(type), flow: flow)
  }

  // MARK: sites.d

  private mutating func readSite(_ reader: inout ConfigurationReader) -> SiteSettings? {
    let id = reader.required("id", .name(such: "fresno-01"))
    if let id { declared.sites.append(Declaration(id, reader, "id")) }
    let der = reader.optional("der", .text(such: "DER-0001"))
    let resource = reader.required("resource", .name(such: "EXAMPL_7_DERA1"))
    if let resource { declared.resourceReferences.append(Declaration(resource, reader, "resource")) }
    let nameplate = reader.required("nameplate", .nameplate)
    let lossFactors =
      reader.contains("loss_factor")
      ? reader.optionalMapping("loss_factor", Self.readLossFactors) : LossFactors.none
    let modbus = reader.requiredMapping("modbus", ModbusAddress.read)
    let source = MeterSource.read(&reader)
    if let modbus {
      let choice = source.map { $0 == .sunSpec(.any) ? "" : " with \($0.text)" } ?? ""
      let address = "\(modbus.endpoint) unit \(modbus.unit)\(choice)"
      declared.addresses.append(Declaration(address, reader, "modbus"))
      declared.connections.append((modbus, Declaration("\(modbus.endpoint)", reader, "modbus")))
    }
    let scan = reader.optional("scan", .scan)
    if let scan { declared.siteScans.append((scan, Declaration(scan.configurationText, reader, "scan"))) }
    for key in ["from", "until", "netting"] { reader.refuse(key, Self.unsupported) }
    guard let id, let resource, let nameplate, let lossFactors, let modbus, let source else { return nil }
    return SiteSettings(
      id: SiteID(id), der: der, resource: ResourceID(resource), nameplate: nameplate, lossFactors: lossFactors,
      modbus: modbus, scan: scan, source: source)
  }

  private static func readLossFactors(_ reader: inout ConfigurationReader) -> LossFactors? {
    LossFactors(
      export: reader.value("export", .lossFactor, default: LossFactors.one),
      import: reader.value("import", .lossFactor, default: LossFactors.one))
  }

  // MARK: Channels

  /// `channels:` with a list, or `channel:` with one mapping.
  private mutating func readChannels(_ reader: inout ConfigurationReader) -> [ChannelSettings]? {
    guard reader.contains("channel") else { return reader.mappings("channels") { readChannel(&$0) } }
    if reader.contains("channels") {
      reader.refuse("channels", "stands beside `channel`: write all of them under `channels`")
    }
    return reader.optionalMapping("channel") { readChannel(&$0) }.map { [$0] }
  }

  private mutating func readChannel(_ reader: inout ConfigurationReader) -> ChannelSettings? {
    var decoder = ChannelDecoder(sources)
    let channel = decoder.read(&reader)
    if let name = decoder.name { declared.channels.append(name) }
    credentials += decoder.credentials
    return channel
  }
}

extension ConfigurationForm<Milliseconds> {
  fileprivate static var scan: Self { .duration(Milliseconds(100) ... .seconds(900), such: "4s") }
}

extension ConfigurationForm<Power> {
  fileprivate static var nameplate: Self {
    .power(Power(milliwatts: 1_000)...Power(milliwatts: 10_000_000_000_000), such: "250 kW")
  }
}

extension ConfigurationForm<Int64> {
  /// Further from one than this is a slipped digit, not a loss.
  fileprivate static var lossFactor: Self { .decimal(digits: 4, 5_000...15_000, such: "0.9873") }
}
