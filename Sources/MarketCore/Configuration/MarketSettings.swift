package import TelemetryCore

/// What the file `market.yaml` says: where the market's applications are.
package struct MarketSettings: Sendable, Hashable {
  package var oasis: OASISSettings
  package var schedule: ScheduleRules
  package var identities: MarketIdentities
  /// Nil where nobody has said where SIBR is.
  package var sibr: SIBRSettings?
  /// Likewise.
  package var ads: ResultSettings?
  package var cmri: ResultSettings?
  package var rims: RegistrarSettings?
  package var gateway: GatewaySettings?
  package var watch = WatchSettings()

  package init(
    oasis: OASISSettings = OASISSettings(), schedule: ScheduleRules = .standard,
    identities: MarketIdentities = MarketIdentities(), sibr: SIBRSettings? = nil
  ) {
    self.sibr = sibr
    self.oasis = oasis
    self.schedule = schedule
    self.identities = identities
  }

  /// Reads `market.yaml`; every problem at once.
  ///
  /// Paths are relative to `directory`.
  package static func read(_ node: ConfigurationNode, directory: String) throws(ConfigurationProblems) -> Self {
    try ConfigurationReader.read(node) { reader in
      _ = reader.required("format", .oneOf(["1": 1]))
      let oasis =
        reader.contains("oasis")
        ? reader.optionalMapping("oasis") { OASISSettings(reading: &$0, directory: directory) } : OASISSettings()
      let schedule =
        reader.contains("schedule") ? reader.optionalMapping("schedule", ScheduleRules.init(reading:)) : .standard
      let identities =
        reader.contains("identities")
        ? reader.optionalMapping("identities") { MarketIdentities(reading: &$0, directory: directory) }
        : MarketIdentities()
      let hasSIBR = reader.contains("sibr")
      let sibr = hasSIBR ? reader.optionalMapping("sibr", SIBRSettings.init(reading:)) : nil
      let ads = reader.optionalMapping("ads", ResultSettings.init(reading:))
      let cmri = reader.optionalMapping("cmri", ResultSettings.init(reading:))
      let rims = reader.optionalMapping("rims", RegistrarSettings.init(reading:))
      let gateway = reader.optionalMapping("gateway") { GatewaySettings(reading: &$0, directory: directory) }
      let watch = reader.optionalMapping("watch", WatchSettings.init(reading:))
      guard let oasis, let schedule, let identities, !hasSIBR || sibr != nil else { return nil }
      var settings = Self(oasis: oasis, schedule: schedule, identities: identities, sibr: sibr)
      settings.ads = ads
      settings.cmri = cmri
      settings.rims = rims
      settings.gateway = gateway
      if let watch { settings.watch = watch }
      return settings
    }
  }
}

/// Where OASIS is and how it is asked.
package struct OASISSettings: Sendable, Hashable {
  /// Without a query.
  package var url = "https://oasis.caiso.com/oasisapi/SingleZip"
  /// One request every 5 s, by CAISO's release notes of Fall 2015; for all processes of this machine together.
  package var spacing = Milliseconds.seconds(5)
  /// From the connection to the last byte: OASIS was seen to accept and then to trickle.
  package var timeout = Milliseconds.seconds(120)
  /// The authorities of its certificate; nil for those of this machine.
  package var trust: CredentialPath?
  /// Versions of reports other than the ones known here.
  package var versions: [String: String] = [:]

  package init() {}

  fileprivate init?(reading reader: inout ConfigurationReader, directory: String) {
    url = reader.value("url", .oasisURL, default: url)
    spacing = reader.value(
      "spacing", .duration(Milliseconds(1) ... .seconds(600), such: "5s"), default: spacing)
    timeout = reader.value("timeout", .duration(.seconds(1) ... .seconds(1_800), such: "120s"), default: timeout)
    trust = reader.optional("trust", .credential(in: directory))
    guard reader.contains("versions") else { return }
    let pairs = reader.pairs("versions", named: .reportName, .integer(1...999, such: 12))
    for pair in pairs ?? [] { versions[pair.name] = "\(pair.value)" }
  }
}

extension ScheduleRules {
  fileprivate init?(reading reader: inout ConfigurationReader) {
    self = .standard
    opensDays = reader.value("opens_days", .integer(1...60, such: 7), default: opensDays)
    digits = reader.value("digits", .integer(0...6, such: 3), default: digits)
    guard reader.contains("deadlines") else { return }
    let more = reader.mappings("deadlines") { reader -> Deadline? in
      let from = reader.required("from", .tradeDate)
      let minutes = reader.required("time", .timeOfDay)
      let days = reader.value("days_before", .integer(0...7, such: 1), default: 1)
      guard let from, let minutes else { return nil }
      return Deadline(from: from, minutes: minutes, daysBefore: Int64(days))
    }
    deadlines += more ?? []
  }
}

extension ConfigurationForm<Int64> {
  /// Minutes since midnight.
  fileprivate static var timeOfDay: Self {
    Self("a time of day as HH:MM in Pacific time, such as `10:00`") { text in
      let bytes = Array(text.utf8)
      guard bytes.count == 5, bytes[2] == 0x3A else { return nil }
      let digits = [bytes[0], bytes[1], bytes[3], bytes[4]]
      guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
      let numbers = digits.map { Int64($0 - 0x30) }
      let (hours, minutes) = (numbers[0] * 10 + numbers[1], numbers[2] * 10 + numbers[3])
      return hours < 24 && minutes < 60 ? hours * 60 + minutes : nil
    }
  }
}

extension ConfigurationForm<String> {
  fileprivate static var oasisURL: Self {
    let url = Self.httpsURL
    return Self("an https URL without a query, such as `https://oasis.caiso.com/oasisapi/SingleZip`") { text in
      text.utf8.contains(0x3F) ? nil : url.parse(text)
    }
  }

  fileprivate static var reportName: Self { .name(such: "PRC_LMP") }
}
