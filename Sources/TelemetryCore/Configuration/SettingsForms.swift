extension ConfigurationForm<IntervalLength> {
  /// A divisor of one hour: hours then begin on interval boundaries.
  static var intervalLength: Self {
    let duration = ConfigurationForm<Milliseconds>.duration(.seconds(1) ... .seconds(3_600), such: "5m")
    return Self("a divisor of one hour in whole seconds, such as `5m` (shorter ones are for commissioning)") { text in
      guard let length = duration.parse(text), length.count.isMultiple(of: 1_000) else { return nil }
      return IntervalLength(seconds: length.count / 1_000)
    }
  }
}

extension ConfigurationForm<String> {
  /// A name in the domain name system or an address, without port.
  static var host: Self {
    Self("a host name or address of 1 to 253 characters without port, such as `10.20.0.11`") { text in
      guard (1...253).contains(text.utf8.count) else { return nil }
      return text.utf8.allSatisfy { $0.isLetterOrDigit || "-._:%".utf8.contains($0) } ? text : nil
    }
  }

  /// Meter data and the identity that vouches for it never travel without TLS.
  package static var httpsURL: Self {
    Self("an https URL with a host, such as `https://host/path`") { text in
      let scheme = "https://"
      guard text.hasPrefix(scheme), text.utf8.count <= 2_000 else { return nil }
      guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"<>\\^`{|}#".utf8.contains($0) }) else {
        return nil
      }
      let authority = text.dropFirst(scheme.count).prefix { $0 != "/" && $0 != "?" }
      guard !authority.isEmpty, !authority.hasPrefix(":"), !authority.contains("@") else { return nil }
      return text
    }
  }

  package static var absolutePath: Self {
    let text = Self.text(such: "/var/lib/dertelemetryd", limit: 4_000)
    return Self("an absolute path, such as `/var/lib/dertelemetryd`") { path in
      path.hasPrefix("/") ? text.parse(path) : nil
    }
  }
}

extension ConfigurationForm<CredentialPath> {
  private static var credentialPrefix: String { "credential:" }

  /// A path, made absolute with a folder, or a systemd credential.
  package static func credential(in directory: String) -> Self {
    let path = ConfigurationForm<String>.text(such: "client.crt", limit: 4_000)
    let name = ConfigurationForm<String>.name(such: "client.crt", limit: 255)
    return Self("a path, or `credential:NAME` with the bare name of a systemd credential") { text in
      guard text.hasPrefix(credentialPrefix) else {
        return path.parse(text).map { .file($0.hasPrefix("/") ? $0 : "\(directory)/\($0)") }
      }
      return name.parse(String(text.dropFirst(credentialPrefix.count))).map { .credential($0) }
    }
  }
}

/// What holds where the file says nothing.
package enum SettingsDefault {
  package static let stateDirectory = "/var/lib/dertelemetryd"
  package static let sites = "sites.d/*.yaml"
  package static let profile = "mri-s"
  /// CAISO meters a resource in intervals of five minutes.
  package static var intervalLength: IntervalLength { .fiveMinutes }
  /// Long enough for one slow device, its time-out and its next turn; short beside the deadline, which is in days.
  package static let grace = Milliseconds.seconds(60)
  /// What the ISO asks of telemetry, and 75 readings in five minutes.
  package static let scan = Milliseconds.seconds(4)
  /// A first start measures and sends nothing: going live is a decision, not what is left when a line is missing.
  package static let mode = ChannelSettings.Mode.hold
  /// The registered port of Modbus TCP (Modbus Messaging on TCP/IP Implementation Guide 1.0b, 3.1.3).
  package static let modbusPort = 502
  package static let spacing = Milliseconds.seconds(5)
  /// The operator validates after it has answered, so an absence counts only when it has lasted.
  package static let settle = Milliseconds.seconds(15 * 60)
  package static let timeout = Milliseconds.seconds(60)
  package static let cadence = SubmissionCadence.eachInterval
}
