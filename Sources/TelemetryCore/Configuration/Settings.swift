/// Everything the daemon was told, read whole and found valid.
package struct Settings: Sendable {
  package var stateDirectory: String
  package var intervalLength: IntervalLength
  /// How long after its end an interval is sealed.
  package var grace: Milliseconds
  /// The default scan rate.
  package var scan: Milliseconds
  package var completeness = CompletenessSettings.standard
  package var storage = StorageSettings.standard
  package var metrics = MetricsSettings()
  package var settlement = SettlementSettings.standard
  package var resources: [ResourceSettings]
  package var sites: [SiteSettings]
  package var channels: [ChannelSettings]

  package init(
    stateDirectory: String, intervalLength: IntervalLength, grace: Milliseconds, scan: Milliseconds,
    resources: [ResourceSettings], sites: [SiteSettings], channels: [ChannelSettings]
  ) {
    self.stateDirectory = stateDirectory
    self.intervalLength = intervalLength
    self.grace = grace
    self.scan = scan
    self.resources = resources
    self.sites = sites
    self.channels = channels
  }
}

/// A resource of the market and what is owed for it.
package struct ResourceSettings: Sendable, Equatable {
  package var id: ResourceID
  package var schedulingCoordinator: SchedulingCoordinatorID
  package var channel: ChannelName
  package var measurements: [MeasurementSettings]

  package init(
    id: ResourceID, schedulingCoordinator: SchedulingCoordinatorID, channel: ChannelName,
    measurements: [MeasurementSettings]
  ) {
    self.id = id
    self.schedulingCoordinator = schedulingCoordinator
    self.channel = channel
    self.measurements = measurements
  }
}

/// One series of values that a resource owes.
package struct MeasurementSettings: Sendable, Hashable {
  package var type: MeasurementType
  package var flow: Flow

  package init(type: MeasurementType, flow: Flow) {
    self.type = type
    self.flow = flow
  }
}

/// A metered site and how it is read.
package struct SiteSettings: Sendable, Equatable {
  package var id: SiteID
  /// The name of the distributed energy resource in the registration, where the user gave it.
  package var der: String?
  package var resource: ResourceID
  package var nameplate: Power
  package var lossFactors: LossFactors
  package var modbus: ModbusAddress
  /// The scan rate of this site, where it has its own.
  package var scan: Milliseconds?
  /// How its registers are found.
  package var source: MeterSource

  package init(
    id: SiteID, der: String? = nil, resource: ResourceID, nameplate: Power, lossFactors: LossFactors,
    modbus: ModbusAddress, scan: Milliseconds?, source: MeterSource = .sunSpec(.any)
  ) {
    self.id = id
    self.der = der
    self.resource = resource
    self.nameplate = nameplate
    self.lossFactors = lossFactors
    self.modbus = modbus
    self.scan = scan
    self.source = source
  }
}

/// The share of a site's energy that reaches the metering point, in ten-thousandths for each flow.
package struct LossFactors: Sendable, Hashable {
  package var export: Int64
  package var `import`: Int64

  package static let one: Int64 = 10_000
  package static let none = LossFactors(export: one, import: one)

  package init(export: Int64, import: Int64) {
    self.export = export
    self.import = `import`
  }

  package func factor(_ flow: Flow) -> Int64 { flow == .export ? export : `import` }
}

/// Where a device answers Modbus.
package struct ModbusAddress: Sendable, Hashable {
  package var endpoint: ModbusEndpoint
  package var unit: UInt8
  /// What the connection is given: the same for all sites of one endpoint.
  package var limits: ConnectionLimits

  package init(_ endpoint: ModbusEndpoint, unit: UInt8, limits: ConnectionLimits = .standard) {
    self.endpoint = endpoint
    self.unit = unit
    self.limits = limits
  }

  package init(host: String, port: Int, unit: UInt8, limits: ConnectionLimits = .standard) {
    self.init(.host(host, port: port), unit: unit, limits: limits)
  }
}

/// A way to the operator.
package struct ChannelSettings: Sendable, Equatable {
  package enum Mode: Sendable, Hashable {
    /// Measure, seal and queue; send nothing.
    case hold
    case live
  }

  package var name: ChannelName
  package var mode: Mode
  package var profile: WireProfile
  package var submit: ServiceSettings
  /// Nil where the profile has no batch status.
  package var status: ServiceSettings?
  package var retrieve: ServiceSettings
  package var certificate: CredentialPath
  package var key: CredentialPath
  /// The authorities that may have signed the operator's certificate.
  package var trust: CredentialPath
  /// The user name in the message header; nil takes the subject of the certificate.
  package var userName: String?
  /// The least time between two calls.
  package var spacing: Milliseconds
  /// How long an absence must hold before an unknown outcome counts as not sent.
  package var settle: Milliseconds
  /// How long one call may take, from the connection to the last byte of the answer.
  package var timeout: Milliseconds
  /// When what is sealed goes out.
  package var cadence = SettingsDefault.cadence

  package init(
    name: ChannelName, mode: Mode, profile: WireProfile, submit: ServiceSettings, status: ServiceSettings?,
    retrieve: ServiceSettings, certificate: CredentialPath, key: CredentialPath, trust: CredentialPath,
    userName: String?, spacing: Milliseconds, settle: Milliseconds, timeout: Milliseconds
  ) {
    self.name = name
    self.mode = mode
    self.profile = profile
    self.submit = submit
    self.status = status
    self.retrieve = retrieve
    self.certificate = certificate
    self.key = key
    self.trust = trust
    self.userName = userName
    self.spacing = spacing
    self.settle = settle
    self.timeout = timeout
  }
}

/// One service of the operator.
package struct ServiceSettings: Sendable, Hashable {
  package var url: String
  package var soapAction: String

  package init(url: String, soapAction: String) {
    self.url = url
    self.soapAction = soapAction
  }
}

/// A file that holds a certificate or a key.
package enum CredentialPath: Sendable, Hashable {
  /// An absolute path.
  case file(String)
  /// The bare name of a systemd credential, in the folder that `$CREDENTIALS_DIRECTORY` names.
  case credential(String)
}
