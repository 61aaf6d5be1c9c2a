package import TelemetryCore

/// All settings that are in force, defaults too, in the form of the files: what is printed can be read again.
package struct EffectiveSettings: Sendable {
  /// What `dertelemetryd.yaml` would say.
  package let main: SettingsTree
  /// What one site file with all sites would say.
  package let sites: SettingsTree

  package init(_ settings: Settings) {
    main = .mapping([
      "format": .number(1),
      "state_directory": .text(settings.stateDirectory),
      "interval": .duration(settings.intervalLength.milliseconds),
      "grace": .duration(settings.grace),
      "scan": .duration(settings.scan),
      "completeness": Self.tree(settings.completeness),
      "storage": Self.tree(settings.storage),
      "metrics": Self.tree(settings.metrics),
      "settlement": Self.tree(settings.settlement),
      "resources": .list(settings.resources.map(Self.tree)),
      "channels": .list(settings.channels.map(Self.tree)),
    ])
    sites = .list(settings.sites.map { Self.tree($0, defaultScan: settings.scan) })
  }

  /// Two documents: the main file, and the sites.
  package var yaml: String {
    "# dertelemetryd.yaml\n\(main.yaml)---\n# \(SettingsDefault.sites)\n\(sites.yaml)"
  }

  private static func tree(_ completeness: CompletenessSettings) -> SettingsTree {
    .mapping([
      "submit_at": .tenThousandths(completeness.submitAt), "estimate": .text(completeness.estimate.name),
      "estimate_after": .duration(completeness.estimateAfter), "revise_after": .duration(completeness.reviseAfter),
    ])
  }

  private static func tree(_ metrics: MetricsSettings) -> SettingsTree? {
    guard metrics != MetricsSettings() else { return nil }
    return .mapping([
      "file": metrics.file.map(SettingsTree.text), "port": metrics.port.map { .number(Int64($0)) },
    ])
  }

  private static func tree(_ settlement: SettlementSettings) -> SettingsTree? {
    // Without a time zone there is no deadline, and the key would be refused.
    guard settlement.zone != nil else { return nil }
    return .mapping([
      "deadlines": .list(
        settlement.deadlines.map { deadline in
          .mapping([
            "name": .text(deadline.name), "business_days": .number(Int64(deadline.businessDays)),
            "time": deadline.minute.map { .text(SubmissionCadence.clockText(minute: $0)) },
            "from": deadline.from.map { .text("\($0)") },
          ])
        }),
      "holidays": .list(settlement.holidays.sorted().map { .text("\($0)") }),
    ])
  }

  private static func tree(_ storage: StorageSettings) -> SettingsTree {
    .mapping([
      "readings": .mapping([
        "keep": .duration(storage.readings.keep), "cap": .text(storage.readings.cap.byteCountText),
        "commit": .duration(storage.readings.commit),
      ]),
      "ledger": .mapping(["keep": .duration(storage.ledgerKeep)]),
      "reserve": .text(storage.reserve.byteCountText),
    ])
  }

  private static func tree(_ resource: ResourceSettings) -> SettingsTree {
    .mapping([
      "id": .text(resource.id.name), "scheduling_coordinator": .text(resource.schedulingCoordinator.name),
      "channel": .text(resource.channel.name),
      "measurements": .list(
        resource.measurements.map {
          .mapping(["type": .text($0.type.name), "flow": .text($0.flow.name)])
        }),
    ])
  }

  private static func tree(_ site: SiteSettings, defaultScan: Milliseconds) -> SettingsTree {
    .mapping([
      "id": .text(site.id.name), "der": site.der.map(SettingsTree.text), "resource": .text(site.resource.name),
      "nameplate": .power(site.nameplate),
      "loss_factor": .mapping([
        "export": .tenThousandths(site.lossFactors.export), "import": .tenThousandths(site.lossFactors.import),
      ]),
      "modbus": tree(site.modbus),
      "map": tree(site.source), "scan": .duration(site.scan ?? defaultScan),
    ])
  }

  private static func tree(_ modbus: ModbusAddress) -> SettingsTree {
    let (unit, timeout) = (SettingsTree.number(Int64(modbus.unit)), SettingsTree.duration(modbus.limits.replyTimeout))
    switch modbus.endpoint {
    case .tcp(let host, let port):
      let isLine = modbus.limits.framing == .rtu
      return .mapping([
        "host": .text(host), "port": .number(Int64(port)), "unit": unit,
        "pipeline": isLine ? nil : .number(Int64(modbus.limits.pipeline)), "timeout": timeout,
        "framing": .text("\(modbus.limits.framing)"),
      ])
    case .serial(let port):
      return .mapping([
        "serial": .text(port.path), "baud": .number(Int64(port.baud)), "parity": .text("\(port.parity)"),
        "stop_bits": .number(Int64(port.stopBits)), "unit": unit, "timeout": timeout,
      ])
    }
  }

  private static func tree(_ source: MeterSource) -> SettingsTree {
    switch source {
    case .sunSpec(.any): .text("sunspec")
    case .sunSpec(let choice):
      .mapping([
        "sunspec": .mapping([
          "device": choice.device.map { .number(Int64($0)) }, "model": choice.model.map { .number(Int64($0)) },
          "occurrence": .number(Int64(choice.occurrence)),
        ])
      ])
    case .byHand(let map):
      .mapping([
        "table": .text("\(map.table)"),
        "word_order": .text(map.hasLowWordFirst ? "low-first" : "high-first"),
        "active_power": map.power.map { tree($0, "W", sign: map.powerIsExport) },
        "energy_import": map.import.map { tree($0, "Wh") }, "energy_export": map.export.map { tree($0, "Wh") },
      ])
    }
  }

  private static func tree(_ point: RegisterPoint, _ unit: String, sign powerIsExport: Bool? = nil) -> SettingsTree {
    let (prefix, scale) = unitAndScale(point)
    let factor: SettingsTree? = if case .factor(let address) = point.scale { .number(Int64(address)) } else { nil }
    return .mapping([
      "register": .number(Int64(point.address)), "type": .text("\(point.form)"),
      "unit": .text(prefix + unit), "scale": .text(ExactDecimal.format(scale, digits: 6)),
      "scale_register": factor, "sign": powerIsExport.map { .text($0 ? "export-positive" : "import-positive") },
    ])
  }

  /// A prefix of the unit with which the scale, in millionths, can be read back: that of its size, if it can.
  private static func unitAndScale(_ point: RegisterPoint) -> (prefix: String, scale: Int64) {
    let prefixes = ["", "k", "M"]
    for thousands in [min(max(point.exponent / 3, 0), 2), 0, 1, 2] {
      let digits = point.exponent - 3 * thousands + 6
      guard (0...18).contains(digits) else { continue }
      let (scale, overflows) = (0..<digits).reduce((point.multiplier, false)) { scale, _ in
        let (product, overflows) = scale.0.multipliedReportingOverflow(by: 10)
        return (product, scale.1 || overflows)
      }
      if !overflows, scale <= 1_000_000_000_000 { return (prefixes[thousands], scale) }
    }
    return ("", point.multiplier)
  }

  private static func tree(_ channel: ChannelSettings) -> SettingsTree {
    .mapping([
      "name": .text(channel.name.name), "kind": .text("mri-s"), "mode": .text(channel.mode == .live ? "live" : "hold"),
      "profile": .text(channel.profile.name),
      "services": .mapping([
        "submit": tree(channel.submit), "status": channel.status.map(tree), "retrieve": tree(channel.retrieve),
      ]),
      "certificate": .credential(channel.certificate), "key": .credential(channel.key),
      "trust": .credential(channel.trust), "user_name": channel.userName.map(SettingsTree.text),
      "spacing": .duration(channel.spacing), "settle": .duration(channel.settle), "timeout": .duration(channel.timeout),
      "submit": .text(channel.cadence.configurationText),
    ])
  }

  private static func tree(_ service: ServiceSettings) -> SettingsTree {
    .mapping(["url": .text(service.url), "soap_action": .text(service.soapAction)])
  }
}

extension SettingsTree {
  fileprivate static func duration(_ duration: Milliseconds) -> Self { .text(duration.configurationText) }

  fileprivate static func tenThousandths(_ value: Int64) -> Self { .text(ExactDecimal.format(value, digits: 4)) }

  fileprivate static func power(_ power: Power) -> Self {
    let isWhole = power.milliwatts.isMultiple(of: 1_000)
    return .text(isWhole ? power.configurationText : "\(ExactDecimal.format(power.milliwatts, digits: 3)) W")
  }

  fileprivate static func credential(_ path: CredentialPath) -> Self {
    switch path {
    case .file(let path): .text(path)
    case .credential(let name): .text("credential:\(name)")
    }
  }
}
