package import TelemetryCore

/// Where a scheduling coordinator's gateway takes schedules, and as whom it is told.
///
/// It is no application of CAISO: its identity stands with it.
package struct GatewaySettings: Sendable, Hashable {
  package var calls: SIBRSettings
  package var identity: MarketIdentity

  init?(reading reader: inout ConfigurationReader, directory: String) {
    let certificate = reader.required("certificate", .credential(in: directory))
    let key = reader.required("key", .credential(in: directory))
    let trust = reader.required("trust", .credential(in: directory))
    let calls = SIBRSettings(reading: &reader)
    guard let calls, let certificate, let key, let trust else { return nil }
    self.calls = calls
    identity = MarketIdentity(certificate: certificate, key: key, trust: trust, place: reader.place)
  }
}

/// Where RIMS, or who stands before it, takes a registration over HTTPS.
package struct RegistrarSettings: Sendable, Hashable {
  package var service: ServiceSettings
  /// Of one call, from the connection to the last byte of the answer.
  package var timeout = Milliseconds.seconds(60)

  init?(reading reader: inout ConfigurationReader) {
    let url = reader.required("url", .httpsURL)
    timeout = reader.value("timeout", .duration(.seconds(1) ... .seconds(600), such: "60s"), default: timeout)
    guard let url else { return nil }
    service = ServiceSettings(url: url, soapAction: "")
  }
}
