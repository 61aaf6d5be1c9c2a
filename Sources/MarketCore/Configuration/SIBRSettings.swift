package import TelemetryCore

/// Where schedules are submitted, and how patiently.
package struct SIBRSettings: Sendable, Hashable {
  /// Takes a schedule.
  package var submit: ServiceSettings
  /// Tells what is held of a trade date, and what became of it.
  package var results: ServiceSettings
  /// Of one call, from the connection to the last byte of the answer.
  package var timeout = Milliseconds.seconds(60)
  /// The least time between two calls.
  package var spacing = Milliseconds.seconds(5)
  /// How long an absence must hold before an unknown outcome counts as not sent.
  package var settle = Milliseconds.seconds(60)
  /// How long a command follows what it submitted.
  package var follow = Milliseconds.seconds(180)
  /// In the message header; nil takes the subject of the certificate.
  package var userName: String?

  init?(reading reader: inout ConfigurationReader) {
    let url = reader.optional("url", .httpsURL)
    let isWrong = reader.contains("url") && url == nil
    timeout = reader.value("timeout", .duration(.seconds(1) ... .seconds(600), such: "60s"), default: timeout)
    spacing = reader.value("spacing", .duration(Milliseconds(0) ... .seconds(600), such: "5s"), default: spacing)
    settle = reader.value("settle", .duration(Milliseconds(1) ... .seconds(3_600), such: "60s"), default: settle)
    follow = reader.value("follow", .duration(.seconds(1) ... .seconds(3_600), such: "3m"), default: follow)
    userName = reader.optional("user_name", .text(such: "exsc_bids"))
    let submit = Self.service("submit", &reader, url)
    let results = Self.service("results", &reader, url)
    guard let submit, let results else {
      if !isWrong {
        reader.report("url", "is missing: expected the `url` of both services, or of `submit` and `results`")
      }
      return nil
    }
    (self.submit, self.results) = (submit, results)
  }

  private static func service(
    _ key: String, _ reader: inout ConfigurationReader, _ common: String?
  ) -> ServiceSettings? {
    guard reader.contains(key) else { return common.map { ServiceSettings(url: $0, soapAction: "") } }
    return reader.optionalMapping(key) { reader in
      let url = reader.optional("url", .httpsURL)
      let action = reader.optional("soap_action", .textOrEmpty(such: "submitRawBidSet"))
      return (url ?? common).map { ServiceSettings(url: $0, soapAction: action ?? "") }
    }
  }
}
