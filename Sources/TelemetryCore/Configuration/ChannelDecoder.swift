/// Reads one channel to the operator.
struct ChannelDecoder {
  /// Absolute; the folder that relative paths are relative to.
  let directory: String
  let profiles: [String: WireProfile]
  /// Nil where the machine does not know the market's time zone.
  let marketZone: TimeZoneTransitions?
  private(set) var name: Declaration?
  private(set) var credentials: [CredentialReference] = []

  init(_ sources: SettingsSources) {
    directory = sources.directory
    profiles = sources.profiles
    marketZone = sources.marketZone
  }

  mutating func read(_ reader: inout ConfigurationReader) -> ChannelSettings? {
    let name = reader.required("name", .name(such: "production"))
    if let name { self.name = Declaration(name, reader, "name") }
    let kind = reader.required("kind", .oneOf(["mri-s": "mri-s"]))
    let mode = reader.value("mode", .oneOf(["hold": .hold, "live": .live]), default: SettingsDefault.mode)
    // A profile that could not be read has been reported by whoever tried; here it is only absent.
    let profile = profiles[reader.value("profile", .profileName, default: SettingsDefault.profile)]
    let services = Services(&reader, hasStatus: profile.map { $0.messages.status != nil } ?? true)
    let certificate = credential("certificate", .certificate, &reader)
    let key = credential("key", .key, &reader)
    let trust = credential("trust", .trust, &reader)
    let userName = reader.optional("user_name", .text(such: "exsc_meter"))
    let spacing = reader.value(
      "spacing", .duration(Milliseconds(0) ... .seconds(3_600), such: "5s"), default: SettingsDefault.spacing)
    let settle = reader.value(
      "settle", .duration(.seconds(1) ... .seconds(86_400), such: "15m"), default: SettingsDefault.settle)
    let timeout = reader.value(
      "timeout", .duration(.seconds(1) ... .seconds(600), such: "60s"), default: SettingsDefault.timeout)
    let cadence = reader.value("submit", .cadence(in: marketZone), default: SettingsDefault.cadence)
    guard let name, kind != nil, let profile, let services, let certificate, let key, let trust else { return nil }
    var settings = ChannelSettings(
      name: ChannelName(name), mode: mode, profile: profile, submit: services.submit, status: services.status,
      retrieve: services.retrieve, certificate: certificate, key: key, trust: trust, userName: userName,
      spacing: spacing, settle: settle, timeout: timeout)
    settings.cadence = cadence
    return settings
  }

  private mutating func credential(
    _ key: String, _ purpose: CredentialReference.Purpose, _ reader: inout ConfigurationReader
  ) -> CredentialPath? {
    guard let path = reader.required(key, .credential(in: directory)) else { return nil }
    credentials.append(
      CredentialReference(path: path, purpose: purpose, place: reader.place(of: key), key: reader.subpath(key)))
    return path
  }
}

/// The operator's three services: each at its own URL, or all at the channel's.
private struct Services {
  var submit: ServiceSettings
  var status: ServiceSettings?
  var retrieve: ServiceSettings

  private struct Named {
    var url: String?
    var soapAction = ""
  }

  /// Where the profile has no batch status there is no such service, whatever its URL.
  init?(_ reader: inout ConfigurationReader, hasStatus: Bool) {
    let url = reader.optional("url", .httpsURL)
    let isAnyWrong = reader.contains("url") && url == nil
    var named: [String: Named] = [:]
    _ = reader.optionalMapping("services") { services in
      for key in ["submit", "status", "retrieve"] { named[key] = services.optionalMapping(key, Self.readNamed) }
      return ()
    }
    func service(_ key: String) -> ServiceSettings? {
      let service = named[key]
      return (service?.url ?? url).map { ServiceSettings(url: $0, soapAction: service?.soapAction ?? "") }
    }
    status = hasStatus ? service("status") : nil
    if !hasStatus, named["status"] != nil {
      reader.report("services", "names `status`, which the wire profile of this channel does not have: take it out")
    }
    guard let submit = service("submit"), let retrieve = service("retrieve") else {
      if !isAnyWrong, !reader.contains("url") {
        reader.report(
          "url", "is missing: expected an https URL here, or one for each of submit and retrieve in `services`")
      }
      return nil
    }
    self.submit = submit
    self.retrieve = retrieve
  }

  private static func readNamed(_ reader: inout ConfigurationReader) -> Named? {
    Named(
      url: reader.optional("url", .httpsURL),
      soapAction: reader.value("soap_action", .textOrEmpty(such: "urn:submit"), default: ""))
  }
}

extension ConfigurationForm<String> {
  /// The name of a wire profile: its file's name without folder and ending.
  package static var profileName: Self { .name(such: SettingsDefault.profile) }
}
