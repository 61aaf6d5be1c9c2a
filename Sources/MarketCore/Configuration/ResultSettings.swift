package import TelemetryCore

/// Where ADS or CMRI is asked.
package struct ResultSettings: Sendable, Hashable {
  package var service: ServiceSettings
  /// Of one call, from the connection to the last byte of the answer.
  package var timeout = Milliseconds.seconds(60)
  /// How often it is asked where it is followed.
  package var every = Milliseconds.seconds(30)
  /// In the message header; nil takes the subject of the certificate.
  package var userName: String?

  init?(reading reader: inout ConfigurationReader) {
    let url = reader.required("url", .httpsURL)
    let action = reader.optional("soap_action", .textOrEmpty(such: "getDispatchBatch"))
    timeout = reader.value("timeout", .duration(.seconds(1) ... .seconds(600), such: "60s"), default: timeout)
    every = reader.value("every", .duration(Milliseconds(1) ... .seconds(3_600), such: "30s"), default: every)
    userName = reader.optional("user_name", .text(such: "exsc_results"))
    guard let url else { return nil }
    service = ServiceSettings(url: url, soapAction: action ?? "")
  }
}
